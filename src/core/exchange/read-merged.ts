// What the upper layers of an overlay change in those below, entry by entry, as the contents of one
// upper directory: of a session in memory over a store, for example. Overlayfs's own attributes
// stay behind. Content that is in the base is carried whole, and so is a directory that was moved
// there: nothing that is carried refers to names or inodes of the base.

import {
  type Below,
  findBelow,
  type LowerLayers,
  type Place,
  rootPlaces,
} from "../changes/find-below.ts";
import { identifyMarks, isOwnAttribute, type LayerEntry } from "../changes/layer.ts";
import { type Carried, type FirstName, noteNames } from "./carried.ts";

/** The layers of an overlay, the upper directory among them. */
export interface MergedLayers extends LowerLayers {
  /** How many of them, from the top down, are carried; the others are the base. */
  readonly kept: number;
  /**
   * The paths that are wanted, with what is below each ("/etc/wpa_supplicant"); undefined for all.
   */
  readonly only?: readonly string[] | undefined;
}

/** An entry, and where its content is. */
export interface Merged {
  readonly carried: Carried;
  /** Undefined for anything but a file. */
  readonly content: Place | undefined;
}

/** A directory of the merged tree of which something is carried. */
interface Directory {
  readonly path: string;
  readonly entry: LayerEntry;
  readonly isOpaque: boolean;
  /** Where its contents are, those in the base included. */
  readonly places: readonly Place[];
  /** Whether nothing of the base is seen in it when it is carried. */
  readonly hides: boolean;
  /** Whether all of it is carried, because it was moved. */
  readonly isMoved: boolean;
}

/** Reads all that the kept layers change. */
export function* readMerged(merged: MergedLayers): Generator<Merged, void> {
  const reader = {
    merged,
    firstNames: merged.layers.map(() => noteNames()),
  };
  const top = merged.layers[0]?.look("");
  const root = { path: "", isOpaque: false, hides: false, isMoved: false };
  const pending: Directory[] =
    top === undefined ? [] : [{ ...root, entry: top, places: rootPlaces(merged) }];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    const { path, entry, isOpaque } = at;
    const isWhole = findWanted(merged, path) === "all";
    const carried = { kind: "directory", path, entry, isOpaque: isOpaque && isWhole } as const;
    yield { carried: { ...carried, entry: clean(reader, entry) }, content: undefined };
    const below: Directory[] = [];
    for (const names of listNames(merged, at))
      for (const name of names) {
        if (findWanted(merged, `${path}/${name}`) === "none") continue;
        const found = readName(reader, at, name);
        if (found === undefined) continue;
        if ("places" in found) below.push(found);
        else yield found;
      }
    below.sort((one, other) => (one.path < other.path ? 1 : -1));
    pending.push(...below);
  }
}

interface Reader {
  readonly merged: MergedLayers;
  /** For each layer: their inodes have the same numbers. */
  readonly firstNames: readonly FirstName[];
}

/** Returns whether all below a path is wanted, something, or nothing. */
function findWanted({ only }: MergedLayers, path: string): "all" | "some" | "none" {
  if (only === undefined || only.some((one) => one === path || path.startsWith(`${one}/`)))
    return "all";
  return only.some((one) => one.startsWith(`${path}/`)) ? "some" : "none";
}

/** Lists the names in a directory that may be carried, each once. */
function* listNames(merged: MergedLayers, directory: Directory): Generator<readonly string[]> {
  const places = directory.places.filter(({ layer }) => directory.isMoved || layer < merged.kept);
  const [first, ...others] = places.map(
    ({ layer, path }) => merged.layers[layer]?.list(path) ?? [],
  );
  if (first === undefined) return;
  if (others.length === 0) {
    yield* first;
    return;
  }
  const names = new Set<string>();
  for (const list of [first, ...others])
    for (const some of list) for (const name of some) names.add(name);
  yield [...names].sort();
}

function readName(
  reader: Reader,
  directory: Directory,
  name: string,
): Merged | Directory | undefined {
  const { merged } = reader;
  const path = `${directory.path}/${name}`;
  const found = findTop(merged, directory, name);
  const none = { content: undefined };
  if (found === undefined) return { carried: { kind: "left-out", path, reason: "gone" }, ...none };
  const { place, entry } = found;
  const marks = identifyMarks(entry, merged.space);
  if (marks.isWhiteout)
    return directory.hides ? undefined : { carried: { kind: "whiteout", path }, ...none };
  if (entry.kind === "directory") return readDirectory(merged, directory, { name, entry });
  const content = marks.isMetacopy
    ? findBelow(merged, directory.places, name)?.content
    : entry.kind === "file"
      ? place
      : undefined;
  if (marks.isMetacopy && content === undefined)
    return { carried: { kind: "left-out", path, reason: "gone" }, ...none };
  const of = reader.firstNames[place.layer]?.(path, entry);
  if (of !== undefined) return { carried: { kind: "name", path, of }, ...none };
  return { carried: { kind: "file", path, entry: clean(reader, entry) }, content };
}

/** Finds the uppermost entry with a name. */
function findTop(
  { layers }: MergedLayers,
  { places }: Directory,
  name: string,
): { readonly place: Place; readonly entry: LayerEntry } | undefined {
  for (const { layer, path } of places) {
    const place = { layer, path: `${path}/${name}` };
    const entry = layers[layer]?.look(place.path);
    if (entry !== undefined) return { place, entry };
  }
  return undefined;
}

function readDirectory(
  merged: MergedLayers,
  directory: Directory,
  { name, entry }: { readonly name: string; readonly entry: LayerEntry },
): Directory {
  const isOfBase = ({ layer }: Place) => layer >= merged.kept;
  const places = findBelow(merged, directory.places, name)?.places ?? [];
  const base = directory.hides
    ? undefined
    : findBelow(merged, directory.places.filter(isOfBase), name);
  const shown = places.find(isOfBase);
  const isMoved = directory.isMoved || (shown !== undefined && !isTopOf(base, shown));
  const isCovering = base?.entry.kind === "directory" && (isMoved || shown === undefined);
  return {
    ...{ path: `${directory.path}/${name}`, entry, places, isMoved },
    isOpaque: isCovering || identifyMarks(entry, merged.space).isOpaque,
    hides: directory.hides || isMoved || shown === undefined,
  };
}

function isTopOf(below: Below | undefined, { layer, path }: Place): boolean {
  const [top] = below?.places ?? [];
  return top?.layer === layer && top.path === path;
}

function clean({ merged: { space } }: Reader, entry: LayerEntry): LayerEntry {
  if (entry.xattrs.size === 0) return entry;
  const xattrs = new Map([...entry.xattrs].filter(([name]) => !isOwnAttribute(name, space)));
  return { ...entry, xattrs };
}
