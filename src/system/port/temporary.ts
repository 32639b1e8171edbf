// Directories for what is needed only while something is made; they are gone afterwards, however it ended.

import { ifPossible } from "./errors.ts";
import type { System } from "./system.ts";

/** Makes an empty directory whose name starts with `prefix`, gives it to `use`, and removes it with all that is in it. */
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

// What stays behind is less bad than a success, or a reason for a failure, that nobody is told.
function removeQuietly(system: System, path: string): void {
  ifPossible(() => removeTree(system, path));
}

/** Removes a directory with all that is in it; links are removed, not followed. */
function removeTree(system: System, path: string) {
  if (system.linkStatus(path)?.kind !== "directory") {
    system.removeFile(path);
    return;
  }
  // What was unpacked keeps its permissions, and may forbid its owner to remove what is in it.
  system.setMode(path, 0o700);
  for (const name of system.list(path)) removeTree(system, `${path}/${name}`);
  system.removeDirectory(path);
}
