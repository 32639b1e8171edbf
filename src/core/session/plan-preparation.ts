// The directory that a session's mounts are in, in another initramfs. Where nothing is mounted on
// /run, that is not handed over to the running system, and what can be moved out of it is a mount.

import type { Mount } from "../kernel/mount-table.ts";
import type { Plan, Step } from "../steps/step.ts";
import { sessionDirectory } from "./places.ts";

/** Plans the directory, before anything is mounted in it. */
export function planPreparation(mounts: readonly Mount[]): Plan<undefined> {
  const memory: Step = {
    do: "mount",
    source: "backstore",
    target: sessionDirectory,
    type: "tmpfs",
    readonly: false,
    flags: ["nosuid", "nodev"],
    data: "mode=0700,size=1m",
  };
  return {
    title: "Start",
    result: undefined,
    steps: [
      // The one whose file system the store is on may be a user of the session.
      { do: "make-directory", path: sessionDirectory, mode: 0o700 },
      ...(mounts.some(({ target }) => target === "/run") ? [] : [memory]),
    ],
  };
}

/** Plans that nothing is left of it after a session without a store. */
export function planRemoval(mounts: readonly Mount[]): Plan<undefined> {
  const isMounted = mounts.some(({ target }) => target === sessionDirectory);
  return {
    title: "Clean up",
    result: undefined,
    steps: isMounted
      ? [{ do: "unmount", target: sessionDirectory, lazily: true, optional: true }]
      : [],
  };
}
