// Which mount a path lies on, by the kernel's table of mounts.
import { findMountAbove, type Mount } from "../../core/kernel/mount-table.ts";
import type { System } from "./system.ts";

/**
 * Finds the mount that a file or directory lies on, its links followed: the one with the longest target above it, the
 * last of several at one target. Undefined when none is listed (a root that is no mount); ENOENT when there is no file.
 */
export function mountOf(system: System, path: string): Mount | undefined {
  return findMountAbove(system.mounts(), system.resolve(path));
}
