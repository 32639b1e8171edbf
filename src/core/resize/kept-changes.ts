// The file of changed blocks beside a store: a line of fixed length with the length of the index,
// the index (JSON: offset and length of each range), then the ranges themselves. It is synced
// before the store's record says that it is complete.

import * as v from "valibot";
import { mergeRanges, type Range, sumRanges } from "../bytes/ranges.ts";
import { parseJson } from "../text/json.ts";

/** The length of the first line in bytes. */
export const headBytes = 32;

const headPattern = /^backstore changes 1 +(\d{1,10})\n$/;
const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const schema = v.array(v.tuple([whole, whole]));

/** Formats what precedes the ranges. */
export function formatChanges(ranges: readonly Range[]): string {
  const index = JSON.stringify(ranges.map(({ offset, bytes }) => [offset, bytes]));
  return `backstore changes 1 ${String(index.length).padStart(headBytes - 21)}\n${index}`;
}

/** Parses the first line into the length of the index, in bytes; undefined if it is invalid. */
export function parseHead(text: string): number | undefined {
  const digits = headPattern.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Parses the index of a file of `bytes` bytes; undefined if it is incomplete. */
export function parseIndex(text: string, bytes: number): Range[] | undefined {
  const parsed = v.safeParse(schema, parseJson(text));
  if (!parsed.success) return undefined;
  const ranges = parsed.output.map(([offset, length]) => ({ offset, bytes: length }));
  const isWhole = headBytes + text.length + sumRanges(ranges) === bytes;
  const merged = mergeRanges(ranges);
  return isWhole && merged.length === ranges.length ? merged : undefined;
}
