// The kernel's own file systems, mounted before anything can be learned. devtmpfs may be mounted
// already.
import { sessionDirectory } from "../core/session/places.ts";
import type { Plan } from "../core/steps/step.ts";
import { directoryOf } from "../core/text/path.ts";

/** Mounts /proc, /sys, /dev and /run. */
export const startPlan: Plan<undefined> = {
  title: "Start",
  result: undefined,
  steps: [
    { do: "make-directory", path: "/proc" },
    {
      do: "mount",
      source: "proc",
      target: "/proc",
      type: "proc",
      readonly: false,
      flags: ["nosuid", "nodev", "noexec"],
    },
    { do: "make-directory", path: "/sys" },
    {
      do: "mount",
      source: "sysfs",
      target: "/sys",
      type: "sysfs",
      readonly: false,
      flags: ["nosuid", "nodev", "noexec"],
    },
    { do: "make-directory", path: "/dev" },
    // A kernel with or without CONFIG_DEVTMPFS_MOUNT: either way it is mounted afterwards.
    {
      do: "mount",
      source: "devtmpfs",
      target: "/dev",
      type: "devtmpfs",
      readonly: false,
      flags: ["nosuid"],
      data: "mode=0755",
      optional: true,
    },
    { do: "make-directory", path: "/run" },
    {
      do: "mount",
      source: "tmpfs",
      target: "/run",
      type: "tmpfs",
      readonly: false,
      flags: ["nosuid", "nodev"],
      data: "mode=0755",
    },
    { do: "make-directory", path: directoryOf(sessionDirectory) },
    // Whose file system the store is on may be a user of the session.
    { do: "make-directory", path: sessionDirectory, mode: 0o700 },
  ],
};
