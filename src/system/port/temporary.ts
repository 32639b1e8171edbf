// Temporary directories, which are removed afterwards in any case: by whoever made them or, if that
// was killed, by the next run. Each is locked as long as it is used, also by tools that outlive us.

import { directoryOf } from "../../core/text/path.ts";
import { ifPossible } from "./errors.ts";
import { listIfPresent } from "./files.ts";
import type { System } from "./system.ts";

/**
 * Creates an empty directory whose name starts with `prefix`, passes it to `use`, and removes it
 * with all its contents.
 */
export function withTemporaryDirectory<T>(
  system: System,
  prefix: string,
  use: (directory: string) => T,
): T {
  const directory = makeTemporaryDirectory(system, prefix);
  try {
    return system.withLock(directory, () => use(directory));
  } finally {
    removeQuietly(system, directory);
  }
}

/** Creates one that the caller locks and removes, and removes those of runs that were killed. */
export function makeTemporaryDirectory(system: System, prefix: string): string {
  const directory = system.makeTemporaryDirectory(prefix);
  removeLeft(system, directory, prefix);
  return directory;
}

/**
 * Removes directories with our names that are ours and that nobody uses. Between the making of a
 * directory and its lock is a moment in which it is still empty: an empty one is left.
 */
function removeLeft(system: System, own: string, prefix: string): void {
  const uid = system.linkStatus(own)?.uid;
  const directory = directoryOf(prefix);
  const start = prefix.slice(prefix.lastIndexOf("/") + 1);
  const left = listIfPresent(system, directory)
    .filter((name) => name.startsWith(start) && /^\w{6}$/.test(name.slice(start.length)))
    .map((name) => (directory === "/" ? `/${name}` : `${directory}/${name}`))
    .filter((path) => path !== own);
  for (const path of left.slice(0, mostLeft)) {
    const status = system.linkStatus(path);
    const isOurs = status?.kind === "directory" && status.uid === uid && status.mode === 0o700;
    if (!isOurs || listIfPresent(system, path).length === 0) continue;
    ifPossible(() => system.withLock(path, () => removeTree(system, path)));
  }
}

const mostLeft = 100;

// Leftovers are less harmful than hiding a success or the reason for a failure.
function removeQuietly(system: System, path: string): void {
  ifPossible(() => removeTree(system, path));
}

/** Removes a directory with all its contents; symbolic links are removed, not followed. */
function removeTree(system: System, path: string) {
  if (system.linkStatus(path)?.kind !== "directory") {
    system.removeFile(path);
    return;
  }
  // Unpacked files keep their permissions, which may forbid their owner to remove them.
  system.setMode(path, 0o700);
  for (const name of system.list(path)) removeTree(system, `${path}/${name}`);
  system.removeDirectory(path);
}
