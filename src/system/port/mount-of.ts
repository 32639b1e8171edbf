// Which mount a path is on, according to the kernel's mount table.
import { findMountAbove, type Mount } from "../../core/kernel/mount-table.ts";
import type { System } from "./system.ts";

/**
 * Finds the mount that a file or directory is on, symbolic links followed: the one with the longest
 * target above it, the last of several on one target. Undefined if none is listed (a root that is
 * not a mount); ENOENT if there is no such file.
 */
export function mountOf(system: System, path: string): Mount | undefined {
  return findMountAbove(system.mounts(), system.resolve(path));
}
