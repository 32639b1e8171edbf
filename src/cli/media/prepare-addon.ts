// Making what is put on a medium: the add-on, and this program.

import { addonHooks } from "../../core/initramfs/addon-contents.ts";
import type { InstallRequest } from "../../core/install/plan-install.ts";
import { makeAddon } from "../../system/initramfs/make-addon.ts";
import { withWork } from "../../system/initramfs/write-archive.ts";
import type { Invocation } from "../command-line/command.ts";

/** What was made. */
export type MadeAddon = Omit<InstallRequest, "store">;

/** Calls `use` while the add-on is in a directory of its own. */
export function withAddon<T>(invocation: Invocation, use: (made: MadeAddon) => T): T {
  const { system } = invocation;
  return withWork(system, "make the add-on", (work) => use(prepare(invocation, work)));
}

/** Makes the add-on, which tells whether it is on the medium already. */
function prepare({ system, context }: Invocation, work: string): MadeAddon {
  const output = `${work}/addon.img`;
  const hooks = new Map(addonHooks.map(({ file }) => [file, context.text(file) ?? ""]));
  const bytes = makeAddon(system, { output, hooks });
  const program = "/proc/self/exe";
  return {
    version: context.version,
    addon: { path: output, bytes },
    program: { path: program, bytes: system.status(program)?.bytes ?? 0 },
  };
}
