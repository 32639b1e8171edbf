// What is taken out of an upper directory, so that the base's version of a path shows through
// again: all that the store has at the path, or the changes of some kinds there.

import {
  type Change,
  type ChangeKind,
  countChange,
  startTotals,
  sumTotals,
  type Totals,
} from "../changes/change.ts";
import { compareLayers, type OverlayLayers } from "../changes/compare-layers.ts";
import { type Below, findBelow, rootPlaces } from "../changes/find-below.ts";
import { type Layer, type LayerEntry, withoutMarks } from "../changes/layer.ts";
import { isWithin } from "../kernel/mount-table.ts";
import { Failure } from "../text/failure.ts";
import { formatPath } from "../text/quoted.ts";
import { findSharers, originAttribute, type SharerSearch, type Sharers } from "./find-sharers.ts";

/** What is asked for. */
export interface RevertRequest {
  /** Paths from the top of the merged tree, with a leading slash. */
  readonly paths: readonly string[];
  /** Only changes of these kinds; all that the store has there if there are none. */
  readonly kinds: readonly ChangeKind[];
}

/** What is done to one entry of an upper directory. */
export interface Revert {
  readonly path: string;
  /**
   * "remove": it goes, with all that is below. "describe": a directory gets the attributes that the
   * base's has, because other changes in it remain.
   */
  readonly do: "remove" | "describe";
  /** The kind of the change; undefined if only something below is changed. */
  readonly kind: ChangeKind | undefined;
  readonly type: Change["type"];
  /** How many changes it takes back, and their content in the store. */
  readonly paths: number;
  readonly bytes: number;
  /** The attributes of the base's directory. */
  readonly like: LayerEntry | undefined;
}

/** What was chosen. */
export interface ChosenReverts {
  /** In the order in which they are done. */
  readonly reverts: readonly Revert[];
  /** Directories like the base's in which nothing is left then, the deepest first. */
  readonly emptied: readonly string[];
  /** Files that must forget what they were copied from, and the attribute that says it. */
  readonly independent: readonly string[];
  readonly originAttribute: string;
  /** The wanted paths of which the store has nothing. */
  readonly unchanged: readonly string[];
  /** Those that the base does not have either. */
  readonly missing: readonly string[];
}

type Listener = SharerSearch;

/**
 * Chooses what is done; throws a Failure for a path at which nothing can be taken out so that the
 * base's version shows through.
 */
export function chooseReverts(
  layers: OverlayLayers,
  { paths, kinds }: RevertRequest,
  listener: Listener,
): ChosenReverts {
  const wanted = dropCovered(paths);
  const chosen: Chosen = { reverts: [], unchanged: [], missing: [], changed: new Set() };
  for (const path of wanted) {
    if (kinds.length > 0) chooseByKind(layers, { path, kinds, chosen, listener });
    else choosePath(layers, { path, chosen, listener });
  }
  const { reverts, unchanged, missing } = chosen;
  // Nothing of the base is seen then that was not before.
  const isHidden = reverts.every(({ do: way, kind }) => way === "describe" || kind === "added");
  const { copies, moved } = isHidden ? noSharers : findSharers(layers, listener);
  const removed = new Set(reverts.flatMap(({ do: way, path }) => (way === "remove" ? [path] : [])));
  const holderOf = (path: string) => listAbove(path).find((above) => removed.has(above));
  requireFree(
    reverts,
    moved.filter(({ path }) => holderOf(path) === undefined),
  );
  // What was moved goes before the base is seen at its old place.
  const first = new Set(moved.map(({ path }) => holderOf(path)));
  const [before, after] = [true, false].map((is) =>
    reverts.filter(({ path }) => first.has(path) === is),
  );
  return {
    reverts: [...(before ?? []), ...(after ?? [])],
    ...{ unchanged, missing, emptied: findEmptied(layers.upper, chosen) },
    ...{
      independent: copies.map(({ path }) => path),
      originAttribute: originAttribute(layers.lower.space),
    },
  };
}

const noSharers: Sharers = { copies: [], moved: [] };

/** Lists a path and those of the directories that it is in. */
function listAbove(path: string): string[] {
  const names = namesOf(path);
  return names.map((_, index) => `/${names.slice(0, index + 1).join("/")}`);
}

/** Throws a Failure if what was moved still needs what would be seen at its old place again. */
function requireFree(reverts: readonly Revert[], moved: Sharers["moved"]): void {
  const removed = reverts.filter(({ do: way }) => way === "remove");
  for (const { path, from } of moved) {
    const revert = removed.find((one) => isWithin(from, one.path));
    if (revert === undefined) continue;
    throw new Failure(
      "unsafe",
      `Cannot revert ${formatPath(revert.path)}: ${formatPath(path)} was moved from ${formatPath(from)}, and the store keeps only what differs`,
      `revert ${formatPath(path)} as well, after saving what is to be kept of it`,
    );
  }
}

interface Chosen {
  readonly reverts: Revert[];
  readonly unchanged: string[];
  readonly missing: string[];
  /** Directories that are not like the base's, and remain so. */
  readonly changed: Set<string>;
}

/** Drops paths that are below others. */
function dropCovered(paths: readonly string[]): string[] {
  return [...new Set(paths)]
    .sort()
    .filter((path, _, all) => !all.some((other) => other !== path && isWithin(path, other)));
}

/** Returns the names of a path. */
export function namesOf(path: string): string[] {
  return path.split("/").filter((name) => name !== "");
}

interface ByKind {
  readonly path: string;
  readonly kinds: readonly ChangeKind[];
  readonly chosen: Chosen;
  readonly listener: Listener;
}

function chooseByKind(
  layers: OverlayLayers,
  { path, kinds, chosen: { reverts, changed }, listener }: ByKind,
): void {
  let removed: { path: string; paths: number; bytes: number } | undefined;
  compareLayers(layers, {
    ...listener,
    under: namesOf(path),
    tellAbove: (change) => void changed.add(change.path),
    tell(change, base) {
      if (removed !== undefined && isWithin(change.path, removed.path)) {
        removed.paths++;
        removed.bytes += change.bytes;
        return;
      }
      const isWanted = kinds.includes(change.kind) && isWithin(change.path, path);
      const isDescribed = change.type === "directory" && change.kind === "metadata";
      if (change.type === "directory" && !isWanted) changed.add(change.path);
      if (!isWanted) return;
      const { kind, type, bytes } = change;
      const revert = { path: change.path, kind, type, paths: 1, bytes };
      const like = base && withoutMarks(base, layers.lower.space);
      if (isDescribed) reverts.push({ ...revert, do: "describe", like });
      else {
        const removal = { ...revert, do: "remove" as const, like: undefined };
        reverts.push(removal);
        if (type === "directory" && kind !== "deleted") removed = removal;
      }
    },
  });
  for (const [index, revert] of reverts.entries())
    if (
      revert.do === "describe" &&
      revert.path !== "/" &&
      countNames(layers.upper, revert.path) === 0
    )
      reverts[index] = { ...revert, do: "remove" };
}

/** What is changed at a path and below. */
interface Sum {
  kind: ChangeKind | undefined;
  readonly totals: Totals;
}

interface ByPath {
  readonly path: string;
  readonly chosen: Chosen;
  readonly listener: Listener;
}

function choosePath(layers: OverlayLayers, { path, chosen, listener }: ByPath): void {
  const sums = new Map<string, Sum>();
  const above: Change[] = [];
  const depth = Math.max(1, namesOf(path).length);
  let root: Revert | undefined;
  compareLayers(layers, {
    ...listener,
    under: namesOf(path),
    tellAbove: (change) => void above.push(change),
    tell(change, base) {
      if (change.path === "/") root = describeRoot(layers, change, base);
      else if (!isWithin(change.path, path)) above.push(change);
      else {
        const top = `/${namesOf(change.path).slice(0, depth).join("/")}`;
        const sum = sums.get(top) ?? { kind: undefined, totals: startTotals() };
        if (change.path === top) sum.kind = change.kind;
        countChange(sum.totals, change);
        sums.set(top, sum);
      }
    },
  });
  for (const change of above) if (change.type === "directory") chosen.changed.add(change.path);
  if (root !== undefined) chosen.reverts.push(root);
  const tops = path === "/" ? [...layers.upper.list("")].flat().map((name) => `/${name}`) : [path];
  const found = tops.flatMap((top) => {
    const entry = layers.upper.look(top);
    if (entry === undefined) return [];
    const { kind, totals = startTotals() } = sums.get(top) ?? {};
    const { paths, bytes } = sumTotals(totals);
    return [
      { path: top, do: "remove", kind, type: entry.kind, paths, bytes, like: undefined } as const,
    ];
  });
  const isThere = found.length > 0;
  const isKnown = path === "/" || requireBase(layers, { path, above, isThere });
  chosen.reverts.push(...found);
  if (isThere || root !== undefined) return;
  (isKnown ? chosen.unchanged : chosen.missing).push(path);
}

function describeRoot(layers: OverlayLayers, change: Change, base: LayerEntry | undefined): Revert {
  const like = base && withoutMarks(base, layers.lower.space);
  return {
    path: "/",
    do: "describe",
    kind: change.kind,
    type: "directory",
    paths: 1,
    bytes: 0,
    like,
  };
}

/**
 * Throws a Failure if what the base has at a path does not show through when the store's entry is
 * gone. Returns whether there is anything.
 */
function requireBase(
  { lower }: OverlayLayers,
  { path, above, isThere }: { path: string; above: readonly Change[]; isThere: boolean },
): boolean {
  const cannot = `Cannot revert ${formatPath(path)}`;
  let hiding: Change | undefined;
  for (const change of above) {
    if (change.kind === "deleted" || change.type !== "directory") hiding = change;
    // What was moved shows what the base has at its old place.
    else if (change.from !== undefined) hiding = undefined;
    else if (change.kind !== "metadata") hiding ??= change;
  }
  const names = namesOf(path);
  const base = findBase(lower, names);
  if (hiding === undefined) {
    const link = isThere ? undefined : findLink(lower, names);
    if (link !== undefined) throw behindLink(cannot, link);
    return isThere || base !== undefined || above.some(({ from }) => from !== undefined);
  }
  if (hiding.type === "link" && hiding.kind !== "deleted") throw behindLink(cannot, hiding.path);
  if (base === undefined) return isThere;
  const verb = hiding.kind === "deleted" ? "deletes" : "replaces";
  throw new Failure(
    "unsafe",
    `${cannot}: the store ${verb} ${formatPath(hiding.path)} as a whole`,
    `revert all of ${formatPath(hiding.path)}, after saving what is to be kept of it`,
  );
}

function behindLink(cannot: string, link: string): Failure {
  return new Failure(
    "usage",
    `${cannot}: ${formatPath(link)} is a symbolic link`,
    "name the path that it leads to",
  );
}

/** Finds what the layers below have at a path, by its names. */
export function findBase(
  lower: OverlayLayers["lower"],
  names: readonly string[],
): Below | undefined {
  let places = rootPlaces(lower);
  let found: Below | undefined;
  for (const name of names) {
    found = findBelow(lower, places, name);
    if (found === undefined) return undefined;
    places = [...found.places];
  }
  return found;
}

/** Finds the first symbolic link that a path leads through in the base. */
function findLink(lower: OverlayLayers["lower"], names: readonly string[]): string | undefined {
  for (let length = 1; length < names.length; length++) {
    const above = names.slice(0, length);
    if (findBase(lower, above)?.entry.kind === "link") return `/${above.join("/")}`;
  }
  return undefined;
}

/** Finds the directories like the base's in which nothing is left, the deepest first. */
function findEmptied(upper: Layer, { reverts, changed }: Chosen): string[] {
  const gone = new Map<string, number>();
  const byDepth: Set<string>[] = [];
  const remove = (path: string) => {
    const parent = path.slice(0, path.lastIndexOf("/"));
    if (parent === "") return;
    gone.set(parent, (gone.get(parent) ?? 0) + 1);
    const depth = namesOf(parent).length;
    byDepth[depth] ??= new Set();
    byDepth[depth].add(parent);
  };
  for (const revert of reverts) if (revert.do === "remove") remove(revert.path);
  const emptied: string[] = [];
  for (let depth = byDepth.length - 1; depth > 0; depth--)
    for (const directory of byDepth[depth] ?? []) {
      if (changed.has(directory)) continue;
      if (countNames(upper, directory) !== gone.get(directory)) continue;
      emptied.push(directory);
      remove(directory);
    }
  return emptied;
}

function countNames(upper: Layer, directory: string): number {
  let count = 0;
  for (const names of upper.list(directory)) count += names.length;
  return count;
}
