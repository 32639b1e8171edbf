// What a program finds mounted in a system that is not booted, besides its files: the kernel's own
// file systems, and memory where a booted one has it too.

import type { OptionFlag } from "../kernel/mount-flags.ts";
import type { Plan, Step } from "../steps/step.ts";

/** Mounts the kernel's file systems, as seen from inside the root. */
export const insidePlan: Plan<undefined> = {
  title: "Mount the kernel's file systems",
  result: undefined,
  steps: [
    ...mount("proc", "/proc", { flags: ["nosuid", "nodev", "noexec"] }),
    // Settings of this machine are not made from inside by accident.
    ...mount("sysfs", "/sys", { readonly: true, flags: ["nosuid", "nodev", "noexec"] }),
    ...mount("tmpfs", "/run", { flags: ["nosuid", "nodev"], data: "mode=0755" }),
    ...mount("tmpfs", "/tmp", { flags: ["nosuid", "nodev"], data: "mode=1777" }),
    { do: "make-directory", path: "/dev" },
  ],
};

function mount(
  type: string,
  target: string,
  how: { readonly?: boolean; flags: readonly OptionFlag[]; data?: string },
): Step[] {
  return [
    { do: "make-directory", path: target },
    { do: "mount", source: type, target, type, readonly: false, ...how },
  ];
}
