// What is left for the end of a session when another initramfs hands over: this program, where
// systemd looks for it, against what that initramfs has planned for the end.

import { type OptionFlag, optionFlags } from "../kernel/mount-flags.ts";
import type { Mount } from "../kernel/mount-table.ts";
import type { Plan, Step } from "../steps/step.ts";

/** The facts that the end depends on. */
export interface TakeoverEndFacts {
  readonly mounts: readonly Mount[];
  /** This program in the initramfs. */
  readonly program: { readonly path: string; readonly bytes: number };
  readonly isThere: (path: string) => boolean;
}

const shutdownProgram = "/run/initramfs/shutdown";

/** dracut's service would unpack an initramfs of /boot over this program, or remove it. */
const dracutsWish = "/run/initramfs/.need_shutdown";

/** Plans that this program ends the session. */
export function planTakeoverEnd({ mounts, program, isThere }: TakeoverEndFacts): Plan<undefined> {
  const steps: Step[] = [
    ...[shutdownProgram, dracutsWish]
      .filter(isThere)
      .map((path): Step => ({ do: "remove-file", path })),
    { do: "make-directory", path: "/run/initramfs" },
    { do: "copy-file", from: program.path, to: shutdownProgram, bytes: program.bytes, mode: 0o755 },
    ...allowPrograms(mounts),
  ];
  return {
    title: "Leave the program for the end of the session",
    result: undefined,
    steps: steps.map((step) => ({ ...step, optional: true })),
  };
}

/** initramfs-tools mounts /run with noexec, and systemd then silently runs no program from it. */
function allowPrograms(mounts: readonly Mount[]): Step[] {
  const words = mounts.findLast(({ target }) => target === "/run")?.options.split(",") ?? [];
  if (!words.includes("noexec")) return [];
  const kept = (flag: OptionFlag) => flag !== "noexec" && words.includes(flag);
  return [{ do: "remount", target: "/run", readonly: false, flags: optionFlags.filter(kept) }];
}
