// The lines in which two versions of a file differ, as "diff -u" shows them (POSIX, diff,
// "Diff -u or -U Output Format").

import { structuredPatch } from "diff";

import { decodeName } from "../bytes/utf.ts";

/** The contents of a file before and after a change; undefined where there is none. */
export interface Versions {
  readonly base: Uint8Array | undefined;
  readonly now: Uint8Array | undefined;
}

/** Longer files are only said to differ. */
export const mostDiffBytes = 1 << 20;

/** As many lines may be added and removed: the time for a comparison grows with the square. */
const mostEdits = 1000;

/** How many lines are shown around those that differ. */
const contextLines = 3;

/** Why two versions are not shown line by line. */
export type Undiffed = "binary" | "large";

/** Returns the lines that differ, with the place of each group; "" if none do. */
export function diffTexts({ base, now }: Versions): string[] | Undiffed {
  const [one, other] = [base ?? empty, now ?? empty];
  if (Math.max(one.length, other.length) > mostDiffBytes) return "large";
  if (one.includes(0) || other.includes(0)) return "binary";
  const patch = structuredPatch("", "", decodeName(one), decodeName(other), undefined, undefined, {
    context: contextLines,
    // All of a new or deleted file takes one pass.
    maxEditLength: Math.min(one.length, other.length) === 0 ? Number.POSITIVE_INFINITY : mostEdits,
  });
  if (patch === undefined) return "large";
  return patch.hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
    `@@ -${formatRange(oldStart, oldLines)} +${formatRange(newStart, newLines)} @@`,
    ...lines,
  ]);
}

const empty = new Uint8Array(0);

/** One line is said by its number alone, and none by the number of the one before. */
function formatRange(start: number, lines: number): string {
  if (lines === 1) return `${start}`;
  return `${lines === 0 ? start - 1 : start},${lines}`;
}
