// Which mount a path lies on, by the kernel's table of mounts.
import type { Mount, System } from "./system.ts";

/**
 * Finds the mount that a file or directory lies on, its links followed: the one with the longest target above it, the
 * last of several at one target. Undefined when none is listed (a root that is no mount); ENOENT when there is no file.
 */
export function mountOf(system: System, path: string): Mount | undefined {
  const resolved = system.resolve(path);
  let found: Mount | undefined;
  for (const mount of system.mounts())
    if (isWithin(resolved, mount.target) && mount.target.length >= (found?.target.length ?? 0))
      found = mount;
  return found;
}

function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory === "/" ? "/" : `${directory}/`);
}
