// The part of d3-hierarchy that we use (its types are another package).
declare module "d3-hierarchy" {
  interface HierarchyNode<T> {
    readonly data: T;
    readonly depth: number;
    readonly value: number;
    readonly x0: number;
    readonly y0: number;
    readonly x1: number;
    readonly y1: number;
    sum(measure: (data: T) => number): HierarchyNode<T>;
    sort(compare: (one: HierarchyNode<T>, other: HierarchyNode<T>) => number): HierarchyNode<T>;
    eachBefore(use: (node: HierarchyNode<T>) => void): HierarchyNode<T>;
    /** This node first, the root last. */
    ancestors(): HierarchyNode<T>[];
  }
  interface TreemapLayout<T> {
    (root: HierarchyNode<T>): HierarchyNode<T>;
    tile(method: unknown): TreemapLayout<T>;
    size(size: readonly [width: number, height: number]): TreemapLayout<T>;
  }
  export function hierarchy<T>(
    data: T,
    children: (data: T) => readonly T[] | undefined,
  ): HierarchyNode<T>;
  export function treemap<T>(): TreemapLayout<T>;
  export const treemapSquarify: unknown;
}
