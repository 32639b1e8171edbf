// Making what is put on a medium: the add-on, and this program.

import { addonHooks } from "../../core/initramfs/addon-contents.ts";
import type { InstallRequest } from "../../core/install/plan-install.ts";
import { makeAddon } from "../../system/initramfs/make-addon.ts";
import { makeInjection } from "../../system/initramfs/make-injection.ts";
import { withWork } from "../../system/initramfs/write-archive.ts";
import type { Invocation } from "../command-line/command.ts";

/** What was made. */
export type MadeAddon = Omit<InstallRequest, "store">;

/** Calls `use` while the add-on is in a directory of its own. */
export function withAddon<T>(invocation: Invocation, use: (made: MadeAddon) => T): T {
  const { system } = invocation;
  return withWork(system, "make the add-on", (work) => use(prepare(invocation, work)));
}

/** Calls `use` while the add-on is in a directory of its own, as an archive for Ventoy. */
export function withInjection<T>(invocation: Invocation, use: (made: MadeAddon) => T): T {
  const { system } = invocation;
  return withWork(system, "make the add-on", (work) =>
    use(describe(invocation, makeInjection(system, { work, hooks: readHooks(invocation) }))),
  );
}

/** Makes the add-on, which tells whether it is on the medium already. */
function prepare(invocation: Invocation, work: string): MadeAddon {
  const output = `${work}/addon.img`;
  const bytes = makeAddon(invocation.system, { output, hooks: readHooks(invocation) });
  return describe(invocation, { path: output, bytes });
}

function readHooks({ context }: Invocation): Map<string, string> {
  return new Map(addonHooks.map(({ file }) => [file, context.text(file) ?? ""]));
}

/** Describes what is installed: an add-on, and this program. */
export function describe({ system, context }: Invocation, addon: MadeAddon["addon"]): MadeAddon {
  const program = "/proc/self/exe";
  return {
    ...{ version: context.version, addon },
    program: { path: program, bytes: system.status(program)?.bytes ?? 0 },
  };
}
