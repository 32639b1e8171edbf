// The contents of a directory that is to be a store. They alone decide; nothing unknown is taken
// over.

import { formatQuoted } from "../text/quoted.ts";
import { type ForeignSystem, foreignNames } from "./foreign-store.ts";
import { isSameMount, type OverlayMount } from "./overlay-mount.ts";
import type { OverlayTraces } from "./overlay-settings.ts";
import type { SeenRoom } from "./room.ts";
import { asideDirectory, ballastFile, inodeReserve, unfinishedUpper } from "./store-names.ts";
import { parseRecord, type RecordFinding, recordFile } from "./store-record.ts";

/** The facts about a directory of the store's file system, by inspection only. */
export interface DirectoryFacts {
  /** The directory on its file system, without a leading slash; "" is the top. */
  readonly directory: string;
  readonly exists: boolean;
  /**
   * A part of the path, or upperdir or workdir, that is not a directory (a symbolic link leads
   * elsewhere); undefined if there is none.
   */
  readonly obstacle: string | undefined;
  /** The names in the directory, at most some hundred. */
  readonly names: readonly string[];
  /** The text of its backstore.json. */
  readonly record: string | undefined;
  /** Undefined if there is no upper directory, or its record makes a walk unnecessary. */
  readonly traces: OverlayTraces | undefined;
  /** The last writable mount of its overlay; undefined if there was none, or it is not known. */
  readonly overlayMount?: OverlayMount;
  /**
   * Directories beside it that boots from other media created, if it has no changes itself;
   * undefined if there are none.
   */
  readonly others?: readonly string[];
  /**
   * Whether its file system was inspected without its journal, which may contain newer changes;
   * undefined if not.
   */
  readonly ignoredJournal?: boolean;
  /** Undefined if it is not known, for example if a journal was ignored. */
  readonly room?: SeenRoom;
  /** The live system that has kept its changes there; undefined if none is recognised. */
  readonly foreign?: ForeignSystem;
  /** Whether its file system contains nothing but stores; undefined if not. */
  readonly isDedicated?: true;
}

/** Whether the directory can be used as a store. */
type StoreState =
  | { readonly kind: "new" }
  | { readonly kind: "store"; readonly record: RecordFinding | undefined }
  | {
      readonly kind: "refused";
      readonly reason: string;
      /** The live system whose changes it has; undefined if it is not that. */
      readonly foreign?: ForeignSystem;
    };

/** Identifies a directory as a new store, a used store, or neither; sentences call it `place`. */
export function identifyStore(
  facts: DirectoryFacts,
  place = facts.directory === "" ? "the root of the file system" : formatQuoted(facts.directory),
): StoreState {
  if (facts.obstacle !== undefined)
    return refused(
      `${formatQuoted(facts.obstacle)} is not a directory, and links are not followed`,
    );
  if (!facts.exists) return { kind: "new" };
  const foreign = facts.names.some((name) => name.startsWith(".wh..wh.")) ? "aufs" : facts.foreign;
  if (foreign !== undefined)
    return {
      ...refused(`${place} contains ${foreignNames[foreign]}, which is left untouched`),
      foreign,
    };
  const record = facts.record === undefined ? undefined : parseRecord(facts.record);
  if (facts.names.includes("upperdir")) return { kind: "store", record };
  const others = facts.names.filter((name) => !ownNames.includes(name));
  const [first] = others;
  if (first === undefined) return record ? { kind: "store", record } : { kind: "new" };
  return refused(`${place} is not a store and not empty (it contains ${formatQuoted(first)})`);
}

/**
 * Returns whether a store's record says what its changes are written with: nobody has mounted the
 * overlay since.
 */
export function isRecordCurrent({ record, overlayMount }: DirectoryFacts): boolean {
  const finding = record === undefined ? undefined : parseRecord(record);
  return finding?.kind === "record" && isSameMount(finding.record.overlayMount, overlayMount);
}

/**
 * Names that may exist in a directory that is to become a store: mkfs's own, and those that an
 * interrupted first boot or import leaves.
 */
const ownNames = [
  ...["lost+found", "workdir", "upperdir.new", recordFile, `${recordFile}.new`],
  ...[ballastFile, `${ballastFile}.new`, inodeReserve, asideDirectory, unfinishedUpper],
];

/** Returns whether a name is one of those that boots, and mkfs, create in a store's directory. */
export function isOwnName(name: string): boolean {
  return name === "upperdir" || ownNames.includes(name);
}

function refused(reason: string) {
  return { kind: "refused", reason } as const;
}
