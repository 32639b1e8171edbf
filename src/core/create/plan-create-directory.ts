// How a directory store is created: as an empty directory, which its first boot fills
// (docs/design.md, "A store on disk").

import { directoryStoreTypes, holdsDirectoryStore } from "../file-systems/mounting.ts";
import type { Plan } from "../steps/step.ts";
import { type DirectoryFacts, identifyStore } from "../stores/store-directory.ts";
import { Failure } from "../text/failure.ts";
import { formatList, formatPath } from "../text/quoted.ts";

/** The facts about the place. */
export interface DirectoryPlaceFacts {
  /** The directory, with symbolic links resolved. */
  readonly path: string;
  /** The type of its file system as the kernel names it. */
  readonly type: string;
  readonly isReadonly: boolean;
  /** The directory above it that is not there; undefined if all are. */
  readonly missing: string | undefined;
  readonly found: DirectoryFacts;
}

/** Plans a directory store; throws a Failure if it is impossible. */
export function planDirectory({
  path,
  type,
  isReadonly,
  missing,
  found,
}: DirectoryPlaceFacts): Plan<undefined> {
  const cannot = `Cannot create a store in ${formatPath(path)}`;
  if (missing !== undefined)
    throw new Failure(
      "not-found",
      `${cannot}: there is no directory ${formatPath(missing)}`,
      "mount the file system for the store there, or create the directory first",
    );
  if (!holdsDirectoryStore(type)) {
    throw new Failure(
      "unsafe",
      `${cannot}: ${type} does not support what an overlay needs, only ${formatList(directoryStoreTypes, "and")} do`,
      'use a file store, which works on any file system: see "backstore create --help"',
    );
  }
  const state = identifyStore(found);
  if (state.kind === "refused" || state.kind === "store")
    throw new Failure(
      "unsafe",
      `${cannot}: ${state.kind === "store" ? "it is already a store" : state.reason}`,
      "name another directory, a new or an empty one",
    );
  if (isReadonly && !found.exists) {
    throw new Failure(
      "unsafe",
      `${cannot}: its file system is mounted read-only`,
      "mount it read-write",
    );
  }
  return {
    title: `Create the directory store ${formatPath(path)}`,
    steps: found.exists
      ? []
      : [
          { do: "make-directory", path, mode: 0o700 },
          { do: "sync-file-system", path },
        ],
    result: undefined,
  };
}
