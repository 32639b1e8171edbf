// The changes of another live system become the upper directory of a new store.

import { identifySpace, type LayerEntry } from "../../core/changes/layer.ts";
import type { Carried, LeftOutReason } from "../../core/exchange/carried.ts";
import { placeBelow } from "../../core/exchange/place-below.ts";
import { type BranchEnd, readBranch } from "../../core/exchange/read-branch.ts";
import { readUpper, readUpperForSameBase } from "../../core/exchange/read-upper.ts";
import type { ForeignPart } from "../../core/stores/foreign-store.ts";
import { Failure } from "../../core/text/failure.ts";
import { joinPath } from "../../core/text/path.ts";
import { type OpenLayer, withLayer } from "../changes/read-layer.ts";
import { ifPossible } from "../port/errors.ts";
import { errnoOf, type System } from "../port/system.ts";
import { withStagedUpper } from "./stage-upper.ts";
import { withCopyCheck } from "./verify-copy.ts";
import { type ChangesWriter, openWriter } from "./write-changes.ts";

/** Changes on a disk, by their parts. */
export interface ForeignChanges {
  /** The directory that the parts are in. */
  readonly root: string;
  readonly parts: readonly ForeignPart[];
}

/** Who hears what is not as it was, and how far it is. */
export interface ImportListener {
  readonly tellLeftOut: (path: string, reason: LeftOutReason) => void;
  readonly tellLost: (path: string, attribute: string) => void;
  /** Hears of a file that somebody wrote to while it was copied. */
  readonly tellChanged: (path: string) => void;
  /** Hears how many bytes of files were copied. */
  readonly progress: (bytes: number) => void;
}

/** How much there is. */
export interface ImportSum {
  readonly entries: number;
  /** What the files in it take. */
  readonly bytes: number;
  /** As in BranchEnd. */
  readonly looseFiles: number;
}

/**
 * Sums up changes, and tells what is left out; throws a Failure where an overlay cannot express
 * them.
 */
export function sumChanges(
  system: System,
  changes: ForeignChanges,
  tellLeftOut: ImportListener["tellLeftOut"],
): ImportSum {
  return walkParts(system, changes, ({ carried }) => {
    if (carried.kind === "left-out") tellLeftOut(carried.path, carried.reason);
  });
}

/** Sums up an upper directory; throws a Failure where a part of it is in the base. */
export function sumUpper(system: System, upper: string): Pick<ImportSum, "entries" | "bytes"> {
  return withLayer(system, upper, (layer) => {
    const sum = { entries: 0, bytes: 0 };
    for (const carried of readUpper(layer, identifySpace(layer.look("")))) {
      if (carried.kind !== "left-out") sum.entries++;
      sum.bytes += bytesOf(carried);
    }
    return sum;
  });
}

/** Imports changes into the directory of a store; leaves nothing if it throws. */
export function importChanges(
  system: System,
  { store, heard, ...changes }: ForeignChanges & { store: string; heard: ImportListener },
): ImportSum {
  return withStagedUpper(system, store, (to) => carry(system, changes, { to, heard }));
}

/**
 * Copies changes into the directory of a store, and compares the copy with them before it gets its
 * name; leaves nothing if it throws.
 */
export function copyChanges(
  system: System,
  { store, heard, ...changes }: ForeignChanges & { store: string; heard: ImportListener },
): ImportSum {
  return withStagedUpper(system, store, (to) => {
    const sum = carry(system, changes, { to, heard });
    system.syncFileSystem(to);
    withCopyCheck(system, { copy: to, tellChanged: heard.tellChanged }, ({ compare }) =>
      walkParts(system, changes, ({ carried, layer, prefix }) =>
        compare({ carried, layer, path: carried.path.slice(prefix.length) }),
      ),
    );
    return sum;
  });
}

function carry(
  system: System,
  changes: ForeignChanges,
  { to, heard }: { to: string; heard: ImportListener },
): ImportSum {
  let current: Visited | undefined;
  const placeOf = (path: string) =>
    current?.layer.placeOf(path.slice(current.prefix.length)) ?? { root: to, path };
  const writer = openWriter(system, { placeOf, to, tellLost: heard.tellLost });
  let copied = 0;
  const sum = walkParts(system, changes, (visited) => {
    current = visited;
    const { carried } = visited;
    if (carried.kind === "left-out") heard.tellLeftOut(carried.path, carried.reason);
    else write(system, { writer, visited, to, heard });
    copied += bytesOf(carried);
    heard.progress(copied);
  });
  writer.finish();
  return sum;
}

/** An entry, and where it comes from. */
interface Visited {
  readonly carried: Carried;
  readonly layer: OpenLayer;
  /** What its path begins with and the layer has not. */
  readonly prefix: string;
}

function write(
  system: System,
  {
    writer,
    visited: { carried, layer, prefix },
    to,
    heard,
  }: { writer: ChangesWriter; visited: Visited; to: string; heard: ImportListener },
): void {
  const look = () => layer.look(carried.path.slice(prefix.length));
  try {
    writer.write(carried);
  } catch (error) {
    if (carried.kind !== "file" || errnoOf(error) !== "ENOENT" || look() !== undefined) throw error;
    ifPossible(() => system.removeFile(`${to}${carried.path}`));
    heard.tellLeftOut(carried.path, "gone");
    return;
  }
  if (carried.kind === "file" && carried.entry.kind === "file" && isOther(carried.entry, look()))
    heard.tellChanged(carried.path);
}

function isOther(before: LayerEntry, now: LayerEntry | undefined): boolean {
  const [one, other] = [before.modified, now?.modified];
  return (
    now?.bytes !== before.bytes ||
    one.seconds !== other?.seconds ||
    one.nanoseconds !== other.nanoseconds
  );
}

function bytesOf(carried: Carried): number {
  return carried.kind === "file" ? carried.entry.allocatedBytes : 0;
}

function walkParts(
  system: System,
  { root, parts }: ForeignChanges,
  visit: (visited: Visited) => void,
): ImportSum {
  const made = new Set<string>();
  const sum = { entries: 0, bytes: 0, looseFiles: 0 };
  const sorted = [...parts].sort((one, other) => (one.to < other.to ? -1 : 1));
  for (const part of sorted)
    withLayer(system, part.from === "" ? root : joinPath(root, part.from), (layer) => {
      const entries = readPart(layer, part, (end) => {
        sum.looseFiles += end.looseFiles;
      });
      const prefix = part.to === "" ? "" : `/${part.to}`;
      for (const carried of placeBelow(entries, part.to, made)) {
        visit({ carried, layer, prefix });
        if (carried.kind !== "left-out") sum.entries++;
        sum.bytes += bytesOf(carried);
      }
    });
  return sum;
}

function* readPart(
  layer: OpenLayer,
  { format, to }: ForeignPart,
  tellEnd: (end: BranchEnd) => void,
): Generator<Carried, void> {
  switch (format) {
    case "aufs":
      for (const carried of untilEnd(readBranch(layer), tellEnd)) {
        if (carried.kind === "directory" && carried.path === "" && carried.isOpaque && to === "")
          throw new Failure(
            "unsafe",
            "Cannot import the changes: their top hides the whole base, which an overlay cannot do",
          );
        yield carried;
      }
      return;
    case "overlay": {
      const space = identifySpace(layer.look(""));
      // A path in a mark is one of the whole system.
      yield* to === "" ? readUpperForSameBase(layer, space) : readUpper(layer, space);
      return;
    }
    case "whole":
      for (const carried of readUpper(layer, "trusted"))
        if (carried.kind === "whiteout")
          yield { kind: "left-out", path: carried.path, reason: "looks-deleted" };
        else yield carried.path === "" ? { ...carried, ...hiding } : carried;
  }
}

const hiding = { isOpaque: true };

function* untilEnd<T, E>(walk: Generator<T, E>, tellEnd: (end: E) => void): Generator<T, void> {
  for (;;) {
    const step = walk.next();
    if (step.done) {
      tellEnd(step.value);
      return;
    }
    yield step.value;
  }
}
