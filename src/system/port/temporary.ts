// Temporary directories, which are removed afterwards in any case.

import { ifPossible } from "./errors.ts";
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
  const directory = system.makeTemporaryDirectory(prefix);
  try {
    return use(directory);
  } finally {
    removeQuietly(system, directory);
  }
}

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
