// A root in which a program is run apart: a directory that is seen at a second place, where nothing
// can be changed, with what the program needs mounted in it.

import { closedFlags } from "../../core/kernel/mount-flags.ts";
import { makeDirectories } from "./files.ts";
import type { System } from "./system.ts";
import { undoQuietly } from "./undo.ts";

/** A directory, and where it is shown. */
export interface ReadonlyRoot {
  readonly root: string;
  readonly at: string;
}

/** Neither this user nor this group has files anywhere (systemd.io/UIDS-GIDS). */
export const unprivilegedUser = 65_533;

/** Shows a root for as long as `use` runs, with what that mounts in it. */
export function withReadonlyRoot<T>(system: System, { root, at }: ReadonlyRoot, use: () => T): T {
  try {
    makeDirectories(system, at, 0o700);
    system.mount({ source: root, target: at, flags: ["bind"] });
    // Otherwise what is mounted here is mounted on the original as well, where that is shared.
    system.mount({ source: "none", target: at, flags: ["private"] });
    protect(system, at);
    return use();
  } finally {
    // A program that is stuck on its disk even after it was killed still has files open.
    undoQuietly(() => system.unmount(at, "lazy"));
  }
}

/** Shows /proc in such a root, where nothing can be changed either. */
export function showProc(system: System, at: string): void {
  system.mount({ source: "/proc", target: `${at}/proc`, flags: ["bind"] });
  protect(system, `${at}/proc`);
}

/** Mounts memory of a size, in the words of tmpfs, at a place in such a root. */
export function mountMemory(system: System, target: string, size: string): void {
  system.mount({
    source: "backstore",
    target,
    type: "tmpfs",
    flags: ["nosuid", "noexec"],
    data: `mode=0755,size=${size}`,
  });
}

/** Mounts memory on /dev of such a root, with /dev/null as the only device. */
export function mountDev(system: System, at: string, size: string): void {
  mountMemory(system, `${at}/dev`, size);
  const nothing = `${at}/dev/null`;
  system.makeNode(nothing, "character", 0o666, nullDevice);
  // The mask of this process does not count.
  system.setMode(nothing, 0o666);
}

/** 1:3 (Documentation/admin-guide/devices.txt). */
const nullDevice = 0x103;

/** The kernel ignores "ro" in the call that binds; it takes a second one. */
function protect(system: System, target: string): void {
  system.mount({ source: "none", target, flags: ["remount", "bind", "ro", ...closedFlags] });
}
