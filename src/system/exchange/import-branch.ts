// A branch of aufs becomes the upper directory of a new store: beside its name, synced, and then
// renamed, so that a store has either nothing or all of it. A boot takes a directory with what was
// interrupted for no store; the next import begins anew.

import type { LeftOutReason } from "../../core/exchange/carried.ts";
import { type BranchEnd, readBranch } from "../../core/exchange/read-branch.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { withLayer } from "../changes/read-layer.ts";
import { ifPossible } from "../port/errors.ts";
import { renameOpened, requireName } from "../port/files.ts";
import type { Opened, System } from "../port/system.ts";
import { removeContents } from "../port/temporary.ts";
import { openWriter } from "./write-changes.ts";

/** A branch, and the directory of the store that it becomes. */
export interface BranchImport {
  readonly branch: string;
  readonly store: string;
  readonly heard: ImportListener;
}

/** Who hears what is not as it was. */
export interface ImportListener {
  readonly tellLeftOut: (path: string, reason: LeftOutReason) => void;
  readonly tellLost: (path: string, attribute: string) => void;
}

/** What an import has done. */
export interface BranchOutcome {
  readonly entries: number;
  /** As in BranchEnd. */
  readonly looseFiles: number;
}

/** The name of what is not complete yet. */
const unfinished = "upperdir.import";

/** Imports a branch; throws a Failure, and leaves nothing, where an overlay cannot express it. */
export function importBranch(
  system: System,
  { branch, store, heard }: BranchImport,
): BranchOutcome {
  const place = system.openDirectory(store);
  const beside = `${place.path}/${unfinished}`;
  let target: Opened | undefined;
  try {
    if (system.linkStatus(beside)) removeUnfinished(system, beside);
    system.makeDirectory(beside, 0o700);
    target = system.openDirectory(beside);
    requireName(system, target, beside);
    const outcome = copyBranch(system, { branch, target: target.path, heard });
    system.syncFileSystem(target.path);
    renameOpened(system, { file: target, from: beside, to: `${place.path}/upperdir` });
    system.sync(place.path);
    return outcome;
  } catch (error) {
    if (target !== undefined) ifPossible(() => removeUnfinished(system, beside));
    throw error;
  } finally {
    target?.close();
    place.close();
  }
}

/** Removes what an import has begun. */
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

function copyBranch(
  system: System,
  { branch, target, heard }: { branch: string; target: string; heard: ImportListener },
): BranchOutcome {
  return withLayer(system, branch, (layer) => {
    const writer = openWriter(system, {
      placeOf: layer.placeOf,
      to: target,
      tellLost: heard.tellLost,
    });
    const walk = readBranch(layer);
    let entries = 0;
    let end: BranchEnd | undefined;
    for (let step = walk.next(); end === undefined; step = walk.next()) {
      if (step.done) {
        end = step.value;
        break;
      }
      const carried = step.value;
      if (carried.kind === "directory" && carried.path === "" && carried.isOpaque)
        throw new Failure(
          "unsafe",
          `Cannot import ${formatPath(branch)}: its top hides the whole base, which an overlay cannot do`,
        );
      if (carried.kind === "left-out") heard.tellLeftOut(carried.path, carried.reason);
      else entries++;
      writer.write(carried);
    }
    writer.finish();
    return { entries, looseFiles: end?.looseFiles ?? 0 };
  });
}
