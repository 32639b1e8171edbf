// A root in which a program is run apart: a directory that is seen at a second place, where nothing
// can be changed, with /proc in it.

import { closedFlags } from "../../core/kernel/mount-flags.ts";
import { makeDirectories } from "./files.ts";
import type { System } from "./system.ts";
import { undoQuietly } from "./undo.ts";

/** A directory with /proc in it, and where it is shown. */
export interface ReadonlyRoot {
  readonly root: string;
  readonly at: string;
}

/** Shows a root for as long as `use` runs, with what that mounts in it. */
export function withReadonlyRoot<T>(system: System, { root, at }: ReadonlyRoot, use: () => T): T {
  try {
    makeDirectories(system, at, 0o700);
    system.mount({ source: root, target: at, flags: ["bind"] });
    // Otherwise what is mounted here is mounted on the original as well, where that is shared.
    system.mount({ source: "none", target: at, flags: ["private"] });
    protect(system, at);
    system.mount({ source: "/proc", target: `${at}/proc`, flags: ["bind"] });
    protect(system, `${at}/proc`);
    return use();
  } finally {
    // A program that is stuck on its disk even after it was killed still has files open.
    undoQuietly(() => system.unmount(at, "lazy"));
  }
}

/** The kernel ignores "ro" in the call that binds; it takes a second one. */
function protect(system: System, target: string): void {
  system.mount({ source: "none", target, flags: ["remount", "bind", "ro", ...closedFlags] });
}
