// What a name stands for in the layers below a merged directory, by the rules with which overlayfs
// looks it up (fs/overlayfs/namei.c): from the top down, until something hides the rest.

import { identifyMarks, type Layer, type LayerEntry, type MarkSpace } from "./layer.ts";

/** A directory or file of a layer. */
export interface Place {
  /** The number of the layer, 0 for the top one of those below. */
  readonly layer: number;
  readonly path: string;
}

/** What is seen of the layers below. */
export interface Below {
  readonly entry: LayerEntry;
  /** Of a directory: where its contents are, from the top down. */
  readonly places: readonly Place[];
  /** Where the content of a file is; undefined for anything else, or if it is nowhere. */
  readonly content: Place | undefined;
}

/** The layers of an overlay below the upper directory. */
export interface LowerLayers {
  /** From the top down. */
  readonly layers: readonly Layer[];
  readonly space: MarkSpace;
}

/** Returns the places of the root of the merged tree. */
export function rootPlaces({ layers }: LowerLayers): Place[] {
  return layers.map((_, layer) => ({ layer, path: "" }));
}

/** Returns whether overlayfs accepts a redirect: a plain name, or a path of plain names. */
export function isRedirect(text: string): boolean {
  const names = text.startsWith("/") ? text.slice(1).split("/") : [text];
  return names.every((name) => isName(name) && !name.includes("/"));
}

function isName(name: string): boolean {
  return name !== "" && name !== "." && name !== "..";
}

/**
 * Finds what a name, or a redirect from there, stands for below a merged directory; undefined if
 * nothing is seen there. `seen` are the entries of that name in the places of the directory, where
 * they are known.
 */
export function findBelow(
  lower: LowerLayers,
  directory: readonly Place[],
  name: string,
  seen?: readonly (LayerEntry | undefined)[],
): Below | undefined {
  let wanted = name;
  let fromTop = name.startsWith("/");
  let stack = fromTop ? rootPlaces(lower) : directory;
  let top: LayerEntry | undefined;
  const places: Place[] = [];
  for (let at = 0; at < stack.length; at++) {
    const start = stack[at];
    if (start === undefined) break;
    const step =
      seen !== undefined && stack === directory && wanted === name
        ? judgeName(lower, { start, name }, seen[at])
        : walkDown(lower, start, wanted);
    const { entry, place } = step;
    if (entry !== undefined) {
      // A directory hides a file below it, and neither is the content of the other.
      if (top !== undefined && (entry.kind === "directory") !== (top.kind === "directory")) break;
      top ??= entry;
      if (entry.kind === "directory") places.push(place);
      else if (!step.isMetacopy)
        return { entry: top, places, content: entry.kind === "file" ? place : undefined };
    }
    if (step.isLast) break;
    wanted = step.wanted;
    if (!isRedirect(wanted)) break;
    if (fromTop || !wanted.startsWith("/")) continue;
    fromTop = true;
    stack = rootPlaces(lower);
    at = start.layer;
  }
  return top && { entry: top, places, content: undefined };
}

/** What one layer says of a name. */
interface Step {
  readonly entry: LayerEntry | undefined;
  readonly place: Place;
  readonly isMetacopy: boolean;
  /** Whether it hides the layers below. */
  readonly isLast: boolean;
  /** What the layers below have it as. */
  readonly wanted: string;
}

/** Walks in one layer, name by name: every directory on the way may be marked. */
function walkDown(lower: LowerLayers, start: Place, wanted: string): Step {
  const { layer } = start;
  const look = (from: Place, name: string) =>
    judgeName(lower, { start: from, name }, lower.layers[layer]?.look(`${from.path}/${name}`));
  if (!wanted.startsWith("/")) return look(start, wanted);
  const names = wanted.slice(1).split("/");
  let place: Place = { layer, path: "" };
  let passed = "/";
  let isLast = false;
  for (const [index, name] of names.entries()) {
    const step = look(place, name);
    const isLastName = index === names.length - 1;
    const isOnTheWay = !isLastName && step.entry?.kind !== "directory";
    if (step.entry === undefined || isOnTheWay)
      return {
        ...{ entry: undefined, place: start, isMetacopy: false },
        isLast: isLast || step.isLast || step.entry !== undefined,
        wanted: passed + names.slice(index).join("/"),
      };
    const isMoved = step.wanted.startsWith("/");
    // What has moved from elsewhere is there in the layers below, whatever hides its new place.
    isLast = step.isLast || (isLast && !isMoved);
    passed = isMoved ? step.wanted : `${passed}${step.wanted}`;
    if (isLastName) return { ...step, isLast, wanted: passed };
    passed += "/";
    place = step.place;
  }
  throw new Error(`"${wanted}" has no name`);
}

/** Judges what a name in a directory of a layer says of the layers below. */
function judgeName(
  { space }: LowerLayers,
  { start, name }: { start: Place; name: string },
  entry: LayerEntry | undefined,
): Step {
  const place = { layer: start.layer, path: `${start.path}/${name}` };
  if (entry === undefined) return { entry, place, isMetacopy: false, isLast: false, wanted: name };
  const { isWhiteout, isOpaque, isMetacopy, redirect } = identifyMarks(entry, space);
  if (isWhiteout) return { entry: undefined, place, isMetacopy: false, isLast: true, wanted: name };
  const isLast = entry.kind === "directory" ? isOpaque : !isMetacopy;
  return { entry, place, isMetacopy, isLast, wanted: isOpaque ? name : (redirect ?? name) };
}
