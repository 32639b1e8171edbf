// Whether what an upper directory has at a path, with all below, changes nothing: the same would be
// seen without it.

import { compareEntries } from "../changes/compare-entry.ts";
import { type OverlayLayers, upperLayer } from "../changes/compare-layers.ts";
import { findBelow, type Place, rootPlaces } from "../changes/find-below.ts";
import { identifyMarks, type LayerEntry } from "../changes/layer.ts";

/**
 * Returns whether an entry of the upper directory is like what the layers below have at its path;
 * false where there is none, where something above it was moved or hides the layers below, or where
 * a file in it has another name elsewhere, by which overlayfs would take both for one.
 */
export function isSameTree(layers: OverlayLayers, path: string): boolean {
  const { upper, lower } = layers;
  const names = path.split("/").filter((name) => name !== "");
  const last = names.pop();
  if (last === undefined) return false;
  let places: readonly Place[] = rootPlaces(lower);
  let above = "";
  for (const name of names) {
    above = `${above}/${name}`;
    const entry = upper.look(above);
    if (entry?.kind !== "directory") return false;
    const { isOpaque, redirect } = identifyMarks(entry, lower.space);
    if (isOpaque || redirect !== undefined) return false;
    places = findBelow(lower, places, name)?.places ?? [];
  }
  if (upper.look(path) === undefined) return false;
  const linked: Linked = new Map();
  const pending: Named[] = [{ directory: above, name: last, places, isHidden: false }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const inside = compare(layers, next, linked);
    if (inside === undefined || !addNames(layers, inside, pending)) return false;
  }
  return [...linked.values()].every((left) => left === 0);
}

/** How many names of files with several are still to come, by inode. */
type Linked = Map<number, number>;

/** A name in a directory, and what the layers below have of that. */
interface Named {
  readonly directory: string;
  readonly name: string;
  readonly places: readonly Place[];
  /** Whether the upper directory hides what the layers below have there. */
  readonly isHidden: boolean;
}

/** A directory that both have, or what has nothing in it. */
interface Inside {
  readonly directory: string | undefined;
  readonly places: readonly Place[];
  readonly isHidden: boolean;
}

const nothing: Inside = { directory: undefined, places: [], isHidden: false };

/** Compares what has a name; undefined if that is not the same. */
function compare(
  layers: OverlayLayers,
  { directory, name, places, isHidden }: Named,
  linked: Linked,
): Inside | undefined {
  const { upper, lower } = layers;
  const path = `${directory}/${name}`;
  const entry = upper.look(path);
  const base = findBelow(lower, places, name);
  if (entry === undefined) return undefined;
  const { isWhiteout, isOpaque, isMetacopy, redirect } = identifyMarks(entry, lower.space);
  if (isWhiteout) return base === undefined ? nothing : undefined;
  if (base === undefined || redirect !== undefined || isMetacopy) return undefined;
  if (compareEntries(entry, base.entry, lower.space) !== "same") return undefined;
  if (entry.kind === "directory")
    return { directory: path, places: base.places, isHidden: isHidden || isOpaque };
  countName(entry, linked);
  if (entry.kind !== "file" || entry.bytes === 0) return nothing;
  const { content } = base;
  const isSame =
    content !== undefined && layers.isSameContent({ layer: upperLayer, path }, content);
  return isSame ? nothing : undefined;
}

function countName({ inode, links }: LayerEntry, linked: Linked): void {
  if (links > 1) linked.set(inode, (linked.get(inode) ?? links) - 1);
}

/** Adds the names in a directory; returns false if it hides one that only the base has. */
function addNames(
  { upper, lower }: OverlayLayers,
  { directory, places, isHidden }: Inside,
  pending: Named[],
): boolean {
  if (directory === undefined) return true;
  for (const names of upper.list(directory))
    for (const name of names) pending.push({ directory, name, places, isHidden });
  if (!isHidden) return true;
  for (const place of places)
    for (const names of lower.layers[place.layer]?.list(place.path) ?? [])
      for (const name of names)
        if (upper.look(`${directory}/${name}`) === undefined && findBelow(lower, places, name))
          return false;
  return true;
}
