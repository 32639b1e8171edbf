// The tree that a revert has to give, from what was told of the changes before and of the revert.
import { removeAll } from "./judged-store.ts";
import type { MergedTree } from "./merged-tree.ts";

/** One thing that a revert has told. */
export interface ToldRevert {
  readonly path: string;
  readonly do: "remove" | "describe" | "copy" | "leave";
}

/** A change, as it was told. */
export interface ToldChange {
  readonly path: string;
  readonly kind: string;
  readonly from: string | null;
}

/** Parses what "backstore changes --json" has written. */
export function parseTold(lines: string): ToldChange[] {
  return lines
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line))
    .filter((one) => "path" in one);
}

/** Returns the tree that has the base's version of each path. */
export function revertTree(
  { base, merged }: { readonly base: MergedTree; readonly merged: MergedTree },
  told: readonly ToldChange[],
  reverts: readonly ToldRevert[],
): MergedTree {
  const tree = new Map(merged);
  for (const { path, do: way } of reverts) {
    const below = findBase(told, path);
    const was = below === undefined ? undefined : base.get(below);
    const is = tree.get(path);
    if (way === "leave") continue;
    if (way === "describe") {
      if (was === undefined || is === undefined) continue;
      const { mode, owner, modified, xattrs } = was;
      tree.set(path, { ...is, mode, owner, modified, xattrs });
      continue;
    }
    removeAll(tree, path);
    if (below === undefined) continue;
    for (const [other, entry] of base)
      if (other === below || other.startsWith(`${below}/`))
        tree.set(`${path}${other.slice(below.length)}`, entry);
  }
  return tree;
}

/** Returns the path in the base of what shows through at a path; undefined if nothing does. */
function findBase(told: readonly ToldChange[], path: string): string | undefined {
  const above = told
    .filter((one) => path.startsWith(`${one.path}/`))
    .filter(({ kind }) => ["added", "replaced", "type"].includes(kind))
    .sort((one, other) => other.path.length - one.path.length);
  const [nearest] = above;
  if (nearest === undefined) return path;
  return nearest.from === null ? undefined : `${nearest.from}${path.slice(nearest.path.length)}`;
}
