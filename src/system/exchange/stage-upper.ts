// The upper directory of a new store is filled beside its name, synced, and then renamed, so that a
// store has either nothing or all of it. To a boot what was interrupted is nothing; the next run
// begins anew.

import { unfinishedUpper } from "../../core/stores/store-names.ts";
import { ifPossible } from "../port/errors.ts";
import { isNamed, renameOpened, requireName } from "../port/files.ts";
import type { Opened, System } from "../port/system.ts";
import { removeContents } from "../port/temporary.ts";

/**
 * Passes `fill` an empty directory, which becomes the upper directory of the store in a directory;
 * leaves nothing behind if that throws.
 */
export function withStagedUpper<T>(system: System, store: string, fill: (to: string) => T): T {
  const place = system.openDirectory(store);
  const beside = `${place.path}/${unfinishedUpper}`;
  const upper = `${place.path}/upperdir`;
  let isMade = false;
  let target: Opened | undefined;
  try {
    if (system.linkStatus(beside)) removeUnfinished(system, beside);
    system.makeDirectory(beside, 0o700);
    isMade = true;
    target = system.openDirectory(beside);
    requireName(system, target, beside);
    const result = fill(target.path);
    system.syncFileSystem(target.path);
    renameOpened(system, { file: target, from: beside, to: upper });
    system.sync(place.path);
    return result;
  } catch (error) {
    if (isMade) ifPossible(() => removeUnfinished(system, beside));
    // It may have been renamed before something failed.
    const made = target;
    if (made) ifPossible(() => isNamed(system, made, upper) && removeUnfinished(system, upper));
    throw error;
  } finally {
    target?.close();
    place.close();
  }
}

/** Removes what a run has begun. */
function removeUnfinished(system: System, path: string): void {
  const directory = system.openDirectory(path);
  try {
    requireName(system, directory, path);
    system.setMode(directory.path, 0o700);
    removeContents(system, directory.path);
  } finally {
    directory.close();
  }
  system.removeDirectory(path);
}
