// All changes in an upper directory, by a walk through it that keeps no more than the names of the
// directories that it is in. The files of a directory come before its subdirectories.

import { formatQuoted } from "../text/quoted.ts";
import type { Change } from "./change.ts";
import { compareEntries, comparePlainFiles } from "./compare-entry.ts";
import {
  type Below,
  findBelow,
  isRedirect,
  type LowerLayers,
  type Place,
  rootPlaces,
} from "./find-below.ts";
import { identifyMarks, isPlainFile, type Layer, type LayerEntry, type Marks } from "./layer.ts";

/** The layers of an overlay. */
export interface OverlayLayers {
  readonly upper: Layer;
  readonly lower: LowerLayers;
  /** Compares the contents of two files of one length. */
  readonly isSameContent: (one: Place, other: Place) => boolean;
}

/** The number of the upper directory among the layers of a place. */
export const upperLayer = -1;

/** How a walk goes, and who hears of it. */
export interface ChangesWalk {
  /** The names of the path below which changes are wanted; empty for all. */
  readonly under: readonly string[];
  /** Hears of a change and, of a directory that the base has as well, of the base's entry. */
  readonly tell: (change: Change, base?: LayerEntry) => void;
  /** Hears of what is changed of the directories that the wanted path is in. */
  readonly tellAbove?: ((change: Change) => void) | undefined;
  /** Hears of every entry of the upper directory that is no whiteout. */
  readonly see?: ((seen: SeenEntry) => void) | undefined;
  /** Hears of what cannot be compared. */
  readonly tellFault: (path: string, reason: string) => void;
  /** Runs what reads a path; undefined if that fails, of which it tells. */
  readonly attempt: <T>(pathOf: () => string, read: () => T) => T | undefined;
}

/** An entry of the upper directory, and what the layers below have of it. */
export interface SeenEntry {
  readonly path: string;
  readonly entry: LayerEntry;
  readonly marks: Marks;
  readonly base: Below | undefined;
  /** Where the merged tree without the upper directory has what belongs to it, if it was moved. */
  readonly from: string | undefined;
}

/** A directory of the merged tree that has an entry in the upper directory. */
interface Directory {
  readonly path: string;
  readonly depth: number;
  /** What shows through from below. */
  readonly places: readonly Place[];
  /** Where the merged tree without the upper directory has that. */
  readonly basePath: string;
  readonly change: Change | undefined;
  /** What the base has there. */
  readonly base: LayerEntry | undefined;
}

/** A directory that the walk is in. */
interface Frame extends Directory {
  readonly names: Iterator<readonly string[]>;
  readonly pending: Directory[];
  isEmpty: boolean;
}

/** Walks through an upper directory, and tells every change in it. */
export function compareLayers(layers: OverlayLayers, walk: ChangesWalk): void {
  const walker: Walker = { layers, walk, counted: new Map<number, number>() };
  const frames: Frame[] = [];
  const enter = (directory: Directory) => frames.push(openFrame(walker, directory));
  try {
    const root = walk.attempt(
      () => "/",
      () => compareRoot(walker),
    );
    if (root !== undefined) enter(root);
    for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
      const next = frame.pending.pop();
      if (next !== undefined) enter(next);
      else if (!readSome(walker, frame)) {
        frames.pop();
        if (frame.isEmpty && frame.change?.kind === "same") walk.tell(frame.change, frame.base);
      }
    }
  } finally {
    for (const { names } of frames) names.return?.();
  }
}

interface Walker {
  readonly layers: OverlayLayers;
  readonly walk: ChangesWalk;
  /** How many names are still to come of files that have been counted, by inode. */
  readonly counted: Map<number, number>;
}

function openFrame({ layers, walk }: Walker, directory: Directory): Frame {
  const { path, depth, change, base } = directory;
  // That a directory is there is a change only if nothing is in it; what is above the wanted path
  // is none that was asked for.
  if (change !== undefined && change.kind !== "same") {
    if (depth >= walk.under.length) walk.tell(change, base);
    else walk.tellAbove?.(change);
  }
  const name = walk.under[depth];
  const names = name === undefined ? layers.upper.list(path) : [[name]];
  return { ...directory, names: names[Symbol.iterator](), pending: [], isEmpty: true };
}

/** Compares some names of a directory; returns whether there were any. */
function readSome(walker: Walker, frame: Frame): boolean {
  const next = walker.walk.attempt(
    () => frame.path || "/",
    () => frame.names.next(),
  );
  // What cannot be read is not known to be empty.
  if (next === undefined) frame.isEmpty = false;
  if (next === undefined || next.done === true) return false;
  if (next.value.length > 0) frame.isEmpty = false;
  for (let at = 0; at < next.value.length; at += seenAtOnce)
    for (const found of compareNames(walker, frame, next.value.slice(at, at + seenAtOnce))) {
      if ("places" in found) frame.pending.push(found);
      else walker.walk.tell(found);
    }
  frame.pending.reverse();
  return true;
}

/** So many names are looked at with one call. */
const seenAtOnce = 128;

function compareNames(
  walker: Walker,
  directory: Directory,
  names: readonly string[],
): (Change | Directory)[] {
  const { upper, lower } = walker.layers;
  const { path, places } = directory;
  // Who wants to see each entry gets it with all that it has.
  const own = walker.walk.see === undefined ? upper.lookAll(path, names) : undefined;
  const below = places.map((place) => lower.layers[place.layer]?.lookAll(place.path, names));
  const isSeen = own !== undefined && !below.includes(undefined);
  const current: Current = { names, own: isSeen ? own : undefined, below, at: 0 };
  const found: (Change | Directory)[] = [];
  const compareRest = () => {
    for (; current.at < names.length; current.at++) {
      const one =
        comparePlain(walker, directory, current) ?? compareName(walker, directory, current);
      if (one !== undefined) found.push(one);
    }
  };
  // One that cannot be compared does not keep the others from it.
  for (; current.at < names.length; current.at++)
    walker.walk.attempt(() => `${path}/${names[current.at]}`, compareRest);
  return found;
}

/** Some names of a directory, and at which of them the walk is. */
interface Current {
  readonly names: readonly string[];
  /** Their entries; undefined if one cannot be looked at. */
  readonly own: readonly (LayerEntry | undefined)[] | undefined;
  /** Those of each place of the directory. */
  readonly below: readonly (readonly (LayerEntry | undefined)[] | undefined)[];
  at: number;
}

/**
 * Compares a file where neither it nor what is below has marks, which is all there is to most;
 * undefined if there is more.
 */
function comparePlain(
  { layers, counted }: Walker,
  { path: above, places }: Directory,
  { names, own, below, at }: Current,
): Change | undefined {
  const entry = own?.[at];
  const { space } = layers.lower;
  if (entry === undefined || !isPlainFile(entry, space)) return undefined;
  let top = 0;
  while (top < below.length && below[top]?.[at] === undefined) top++;
  const base = below[top]?.[at];
  if (base !== undefined && !isPlainFile(base, space)) return undefined;
  const name = names[at];
  const path = `${above}/${name}`;
  const place = places[top];
  let kind = base === undefined ? "added" : comparePlainFiles(entry, base);
  if (place !== undefined && entry.bytes > 0 && (kind === "same" || kind === "metadata")) {
    const other = { layer: place.layer, path: `${place.path}/${name}` };
    if (!layers.isSameContent({ layer: upperLayer, path }, other)) kind = "modified";
  }
  return {
    path,
    kind,
    type: "file",
    bytes: entry.links < 2 ? contentBytes(entry) : countOnce(counted, entry),
    baseBytes: base?.bytes ?? 0,
    modified: entry.modified,
    from: undefined,
  };
}

function compareRoot({ layers: { upper, lower } }: Walker): Directory {
  const top = { path: "", basePath: "", depth: 0 };
  const [own, base] = [upper.look(""), lower.layers[0]?.look("")];
  const root = { ...top, places: rootPlaces(lower), change: undefined, base };
  if (own === undefined || base === undefined) return root;
  const kind = compareEntries(own, base, lower.space);
  if (kind === "same") return root;
  return { ...root, change: { ...describe("/", own), kind, bytes: 0 } };
}

/** A name that the upper directory has, with what its marks say and what is below. */
interface Own {
  readonly directory: Directory;
  readonly name: string;
  readonly path: string;
  readonly entry: LayerEntry;
  readonly marks: Marks;
  readonly base: Below | undefined;
}

/** Compares what has a name in a directory; undefined if there is nothing. */
function compareName(
  walker: Walker,
  directory: Directory,
  { names, own: seen, below, at }: Current,
): Change | Directory | undefined {
  const { upper, lower } = walker.layers;
  const name = names[at] ?? "";
  const path = `${directory.path}/${name}`;
  const entry = seen === undefined ? upper.look(path) : seen[at];
  if (entry === undefined) return undefined;
  const known = seen && below.map((entries) => entries?.[at]);
  const base = findBelow(lower, directory.places, name, known);
  const marks = identifyMarks(entry, lower.space);
  if (marks.isWhiteout) return describeWhiteout(path, base);
  const own = { directory, name, path, entry, marks, base };
  const from = originOf(directory.basePath, redirectOf(own));
  walker.walk.see?.({ path, entry, marks, base, from });
  if (entry.kind !== "directory") return compareFile(walker, own);
  return {
    ...{ path, depth: directory.depth + 1, base: base?.entry },
    ...compareDirectory(walker, own),
  };
}

function describeWhiteout(path: string, base: Below | undefined): Change {
  return {
    path,
    kind: base === undefined ? "same" : "deleted",
    type: base === undefined ? "whiteout" : base.entry.kind,
    bytes: 0,
    baseBytes: lengthOf(base),
    modified: undefined,
    from: undefined,
  };
}

function compareDirectory(
  { layers: { lower }, walk }: Walker,
  { name, path, entry, marks, base, directory: { places, basePath } }: Own,
): Pick<Directory, "places" | "basePath" | "change"> {
  const change = describe(path, entry, base);
  const hiding =
    base === undefined ? "added" : base.entry.kind === "directory" ? "replaced" : "type";
  const redirect = marks.redirect ?? name;
  if (marks.isOpaque || (redirect === name && hiding !== "replaced"))
    return { places: [], basePath: `${basePath}/${name}`, change: { ...change, kind: hiding } };
  const origin = redirect === name ? base : findOrigin(walk, lower, { path, places, redirect });
  const shown = origin?.entry.kind === "directory" ? origin.places : [];
  if (base !== undefined && isSamePlace(shown[0], base.places[0])) {
    const kind = compareEntries(entry, base.entry, lower.space);
    return { places: shown, basePath: `${basePath}/${name}`, change: { ...change, kind } };
  }
  const from = originOf(basePath, redirect);
  return {
    ...{ places: shown, basePath: from ?? path },
    change: { ...change, kind: hiding, from },
  };
}

function compareFile(walker: Walker, own: Own): Change {
  const { path, entry, base, marks, directory } = own;
  // Its content is told of if it is nowhere, whatever else there is to compare.
  const content = marks.isMetacopy ? findContent(walker, own) : undefined;
  const kind =
    base === undefined ? "added" : compareEntries(entry, base.entry, walker.layers.lower.space);
  const isRead = entry.kind === "file" && entry.bytes > 0 && base !== undefined;
  const isModified =
    isRead && (kind === "same" || kind === "metadata") && !isSameContent(walker, own, content);
  return {
    path,
    kind: isModified ? "modified" : kind,
    type: entry.kind,
    bytes: countBytes(walker, own),
    baseBytes: lengthOf(base),
    modified: entry.modified,
    from: base === undefined ? originOf(directory.basePath, redirectOf(own)) : undefined,
  };
}

/** Finds where the content of a file is that the upper directory does not have. */
function findContent({ layers, walk }: Walker, own: Own): Place | undefined {
  const { path, directory, base } = own;
  const redirect = redirectOf(own);
  const wanted = { path, places: directory.places, redirect: redirect ?? "" };
  const origin = redirect === undefined ? base : findOrigin(walk, layers.lower, wanted);
  if (origin?.content === undefined)
    walk.tellFault(
      path,
      "the base does not have its content, which the store does not have either",
    );
  return origin?.content;
}

/** Returns the redirect of a file to another name than its own. */
function redirectOf({ marks, name }: Own): string | undefined {
  return marks.redirect === name ? undefined : marks.redirect;
}

/** Compares the contents of two files of one length. */
function isSameContent(
  { layers }: Walker,
  { path, marks, base }: Own,
  content: Place | undefined,
): boolean {
  const place = marks.isMetacopy ? content : { layer: upperLayer, path };
  if (place === undefined || base?.content === undefined) return false;
  return isSamePlace(place, base.content) || layers.isSameContent(place, base.content);
}

function originOf(basePath: string, redirect: string | undefined): string | undefined {
  if (redirect === undefined || !isRedirect(redirect)) return undefined;
  return redirect.startsWith("/") ? redirect : `${basePath}/${redirect}`;
}

function findOrigin(
  { tellFault }: ChangesWalk,
  lower: LowerLayers,
  { path, places, redirect }: { path: string; places: readonly Place[]; redirect: string },
): Below | undefined {
  if (isRedirect(redirect)) return findBelow(lower, places, redirect);
  tellFault(path, `overlayfs does not follow its redirect ${formatQuoted(redirect)}`);
  return undefined;
}

function isSamePlace(one: Place | undefined, other: Place | undefined): boolean {
  return one !== undefined && one.layer === other?.layer && one.path === other.path;
}

/** Describes what is new until it is compared. */
function describe(path: string, entry: LayerEntry, base?: Below): Change {
  return {
    path,
    kind: "added",
    type: entry.kind,
    bytes: contentBytes(entry),
    baseBytes: lengthOf(base),
    modified: entry.modified,
    from: undefined,
  };
}

/** Returns what the store has of a file's content, once for all its names. */
function countBytes({ counted }: Walker, { entry, marks }: Own): number {
  if (marks.isMetacopy) return 0;
  return entry.kind !== "file" || entry.links < 2 ? contentBytes(entry) : countOnce(counted, entry);
}

function countOnce(counted: Walker["counted"], entry: LayerEntry): number {
  const left = counted.get(entry.inode);
  const after = (left ?? entry.links) - 1;
  // What is not in this directory, or not asked for, never comes.
  if (after === 0) counted.delete(entry.inode);
  else counted.set(entry.inode, after);
  return left === undefined ? contentBytes(entry) : 0;
}

/** Returns the length of a file or link in the base, whichever layer has its content. */
function lengthOf(base: Below | undefined): number {
  return base?.entry.kind === "file" || base?.entry.kind === "link" ? base.entry.bytes : 0;
}

/** Less is a hole at its end, or is kept in its inode. */
const leastBlock = 4096;

/** Returns the bytes that a file or link has, without those of holes. */
function contentBytes(entry: LayerEntry): number {
  if (entry.kind === "link") return entry.bytes;
  if (entry.kind !== "file") return 0;
  return entry.bytes <= leastBlock ? entry.bytes : Math.min(entry.bytes, entry.allocatedBytes);
}
