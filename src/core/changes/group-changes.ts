// Changes as they are listed: each, or those of a directory on one line; in the order in which they
// come, or another.

import { type Change, countChange, startTotals, type Totals } from "./change.ts";

/** What one line tells: a change, or the sums of all in a directory and below. */
export type Listed = Change | DirectorySum;

/** The sums of a directory's changes. */
export interface DirectorySum {
  readonly path: string;
  readonly totals: Totals;
}

/** Takes changes, and gives lines. */
export interface Grouping {
  readonly add: (change: Change) => void;
  /** No more changes come. */
  readonly end: () => void;
}

/**
 * Sums up what is in directories of a depth, 1 for those at the top. What is in one directory has
 * to come in a row.
 */
export function groupByDepth(depth: number, tell: (listed: Listed) => void): Grouping {
  if (depth === Number.POSITIVE_INFINITY) return { add: tell, end: () => {} };
  let current: DirectorySum | undefined;
  const end = () => {
    if (current !== undefined) tell(current);
    current = undefined;
  };
  return {
    add(change) {
      const path = findDirectory(change, depth);
      if (path !== current?.path) end();
      if (path === undefined) {
        tell(change);
        return;
      }
      current ??= { path, totals: startTotals() };
      countChange(current.totals, change);
    },
    end,
  };
}

/** Returns the directory in whose sum a change is; undefined if it is told by itself. */
function findDirectory({ path, type, kind }: Change, depth: number): string | undefined {
  const names = path.split("/").slice(1);
  if (names.length > depth) return `/${names.slice(0, depth).join("/")}`;
  // What is in it comes next.
  const isDirectory = type === "directory" && kind !== "deleted" && path !== "/";
  return isDirectory && names.length === depth ? path : undefined;
}

/** The orders in which changes can be listed. */
export const changeOrders = ["path", "size", "time"] as const;

/** An order: by path, the largest first, or the newest first. */
export type ChangeOrder = (typeof changeOrders)[number];

/** Sorts lines; equal ones, and what has no time, by path. */
export function sortListed(listed: readonly Listed[], order: ChangeOrder): Listed[] {
  const byPath = (one: Listed, other: Listed) =>
    one.path < other.path ? -1 : one.path > other.path ? 1 : 0;
  if (order === "path") return listed.toSorted(byPath);
  const key = order === "size" ? sizeOf : timeOf;
  return listed
    .map((one) => ({ one, value: key(one) }))
    .sort((a, b) => b.value - a.value || byPath(a.one, b.one))
    .map(({ one }) => one);
}

function sizeOf(listed: Listed): number {
  if (!("totals" in listed)) return listed.bytes;
  return Object.values(listed.totals).reduce((sum, { bytes }) => sum + bytes, 0);
}

function timeOf(listed: Listed): number {
  const time = "totals" in listed ? undefined : listed.modified;
  return time === undefined ? Number.NEGATIVE_INFINITY : time.seconds + time.nanoseconds / 1e9;
}
