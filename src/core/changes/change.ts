// What a store's changes come to, path by path, and their totals.

import type { LayerEntry, LayerTime } from "./layer.ts";

/** The kinds of changes, in the order of reports. */
export const changeKinds = [
  "added",
  "modified",
  "metadata",
  "deleted",
  "replaced",
  "type",
  "same",
] as const;

/**
 * What an entry of the upper directory does to what the base has under its name: it is new; has
 * another content; only other attributes; removes it; is a directory that hides one of the base's;
 * is of another type; or changes nothing, as a copy that is like the base's, or a mark for what the
 * base does not have.
 */
export type ChangeKind = (typeof changeKinds)[number];

/** One change. */
export interface Change {
  /** From the top of the merged tree, with a leading slash. */
  readonly path: string;
  readonly kind: ChangeKind;
  /** The type of what is there now or, of what is deleted, was. */
  readonly type: LayerEntry["kind"] | "whiteout";
  /** The content that the store has of it; that of a file with several names counts once. */
  readonly bytes: number;
  /** The length of what the base has there; 0 for a directory. */
  readonly baseBytes: number;
  /** When it was modified; undefined for what is not there any more. */
  readonly modified: LayerTime | undefined;
  /** Where the base has what was moved here. */
  readonly from: string | undefined;
}

/** A sum of changes. */
export interface Total {
  paths: number;
  bytes: number;
  baseBytes: number;
}

/** A sum for each kind. */
export type Totals = Readonly<Record<ChangeKind, Total>>;

/** Returns the sums of no changes. */
export function startTotals(): Totals {
  const none = () => ({ paths: 0, bytes: 0, baseBytes: 0 });
  return {
    added: none(),
    modified: none(),
    metadata: none(),
    deleted: none(),
    replaced: none(),
    type: none(),
    same: none(),
  };
}

/** Adds a change to sums, in place: there may be millions. */
export function countChange(totals: Totals, { kind, bytes, baseBytes }: Change): void {
  const total = totals[kind];
  total.paths++;
  total.bytes += bytes;
  total.baseBytes += baseBytes;
}

/** Returns the sum over all kinds. */
export function sumTotals(totals: Totals): Readonly<Total> {
  const sum: Total = { paths: 0, bytes: 0, baseBytes: 0 };
  for (const { paths, bytes, baseBytes } of Object.values(totals)) {
    sum.paths += paths;
    sum.bytes += bytes;
    sum.baseBytes += baseBytes;
  }
  return sum;
}
