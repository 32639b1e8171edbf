// What is in the directory that is to be a store. What is found decides; nothing is taken over that is not known.

import { formatQuoted } from "../text/quoted.ts";
import type { OverlayTraces } from "./overlay-settings.ts";
import type { SeenRoom } from "./room.ts";
import { ballastFile } from "./store-names.ts";
import { parseRecord, type RecordFinding, recordFile } from "./store-record.ts";

/** Says what was seen in a directory of the store's file system, by looking only. */
export interface DirectoryFacts {
  /** The directory on its file system, without a leading slash; "" is the top. */
  readonly directory: string;
  readonly exists: boolean;
  /** A part of the path, or upperdir or workdir, that is no directory (a link leads elsewhere); undefined if all is well. */
  readonly obstacle: string | undefined;
  /** Names in the directory, at most some hundred. */
  readonly names: readonly string[];
  /** The text of its backstore.json. */
  readonly record: string | undefined;
  /** Undefined when there is no upper directory, or its record makes looking unnecessary. */
  readonly traces: OverlayTraces | undefined;
  /** Directories beside it that boots with other media made, where it has no changes itself; missing where there are none. */
  readonly others?: readonly string[];
  /** Whether it was seen without the journal of its file system, in which newer changes may lie; missing where not. */
  readonly ignoredJournal?: boolean;
  /** Missing where it is not known, as where a journal was left alone. */
  readonly room?: SeenRoom;
  /** Whether nothing but stores lies on its file system; missing where not. */
  readonly isDedicated?: true;
}

/** Says whether the directory can be used as a store. */
type StoreState =
  | { readonly kind: "new" }
  | { readonly kind: "store"; readonly record: RecordFinding | undefined }
  | { readonly kind: "refused"; readonly reason: string };

/** Identifies what a directory is, a new store, a store, or neither; sentences call it `place`. */
export function identifyStore(
  facts: DirectoryFacts,
  place = facts.directory === "" ? "the top of the file system" : formatQuoted(facts.directory),
): StoreState {
  if (facts.obstacle !== undefined)
    return refused(
      `${formatQuoted(facts.obstacle)} is not a directory, and a store does not follow links`,
    );
  if (!facts.exists) return { kind: "new" };
  if (facts.names.some((name) => name.startsWith(".wh..wh."))) {
    return refused(
      `${place} holds a store of the first generation (aufs), which is left untouched`,
    );
  }
  const record = facts.record === undefined ? undefined : parseRecord(facts.record);
  if (facts.names.includes("upperdir")) return { kind: "store", record };
  const others = facts.names.filter((name) => !ownNames.includes(name));
  const [first] = others;
  if (first === undefined) return record ? { kind: "store", record } : { kind: "new" };
  return refused(`${place} is not a store and not empty (there is ${formatQuoted(first)})`);
}

/** What may lie in a directory that is to become a store: mkfs's own, and what an interrupted first boot leaves. */
const ownNames = [
  ...["lost+found", "workdir", "upperdir.new", recordFile, `${recordFile}.new`],
  ...[ballastFile, `${ballastFile}.new`],
];

/** Tells whether a name is one of those that boots, and mkfs, put into a store's directory. */
export function isOwnName(name: string): boolean {
  return name === "upperdir" || ownNames.includes(name);
}

function refused(reason: string): StoreState {
  return { kind: "refused", reason };
}
