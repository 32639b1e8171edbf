// A tree map of changes: each change is a rectangle, and its area is its bytes. Rectangles of one
// directory are together, without gaps, so the areas add up to the whole.

import { hierarchy, treemap, treemapSquarify } from "d3-hierarchy";
import { type ChangeGroup, type ChangeNode, pruneTree } from "./change-tree.ts";

/** A rectangle of a drawing. */
interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The rectangle of a change, or of a sum of changes in one directory. */
export interface MapLeaf extends Box {
  /** From the top of the merged tree; of a sum that of the directory. */
  readonly path: string;
  readonly group: ChangeGroup;
  readonly bytes: number;
  /** How many changes it is. */
  readonly paths: number;
  readonly isSum: boolean;
}

/** The rectangle of a directory. */
export interface MapDirectory extends Box {
  readonly path: string;
  readonly bytes: number;
  readonly paths: number;
  /** How many directories are around it. */
  readonly depth: number;
}

/** A tree map. */
export interface TreeMap {
  readonly width: number;
  readonly height: number;
  readonly leaves: readonly MapLeaf[];
  /** The outer ones first. */
  readonly directories: readonly MapDirectory[];
}

/** How a tree map is drawn. */
interface MapSize {
  readonly width: number;
  readonly height: number;
  /** What would have a smaller area becomes a part of a sum. */
  readonly leastArea: number;
  /** How many times as wide as high a rectangle is that looks like a square: 2 on a console. */
  readonly ratio?: number;
}

/** Lays out a tree; there is no rectangle if no change has any bytes. */
export function layOutTree(tree: ChangeNode, size: MapSize): TreeMap {
  const { width, height, leastArea, ratio = 1 } = size;
  if (tree.bytes === 0) return { width, height, leaves: [], directories: [] };
  const least = (tree.bytes * leastArea) / (width * height);
  const root = hierarchy(pruneTree(tree, least), ({ children }) =>
    children?.filter(({ bytes }) => bytes > 0),
  )
    .sum(({ children, bytes }) => (children === undefined ? bytes : 0))
    .sort((one, other) => other.value - one.value || compareNames(one.data, other.data));
  const lay = treemap<ChangeNode>()
    .tile(treemapSquarify)
    .size([width / ratio, height]);
  const leaves: MapLeaf[] = [];
  const directories: MapDirectory[] = [];
  lay(root).eachBefore((node) => {
    const { name, group, bytes, paths } = node.data;
    const names = node.ancestors().flatMap(({ data }) => data.name ?? []);
    const path = names.reverse().join("/");
    const box = {
      x: node.x0 * ratio,
      y: node.y0,
      width: (node.x1 - node.x0) * ratio,
      height: node.y1 - node.y0,
    };
    const common = { ...box, path: path === "" ? "/" : path, bytes, paths };
    if (group === undefined) directories.push({ ...common, depth: node.depth });
    else leaves.push({ ...common, group, isSum: name === undefined });
  });
  return { width, height, leaves, directories };
}

function compareNames({ name: one = "" }: ChangeNode, { name: other = "" }: ChangeNode): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
