import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  clipRanges,
  mergeRanges,
  type Range,
  subtractRanges,
  sumRanges,
} from "../../../src/core/bytes/ranges.ts";

function ranges(...pairs: readonly (readonly [number, number])[]): Range[] {
  return pairs.map(([offset, bytes]) => ({ offset, bytes }));
}

describe("mergeRanges()", () => {
  const cases = [
    ["nothing", ranges(), ranges()],
    ["empty ranges go", ranges([3, 0]), ranges()],
    ["sorts", ranges([8, 1], [2, 1]), ranges([2, 1], [8, 1])],
    ["those that touch become one", ranges([0, 4], [4, 4]), ranges([0, 8])],
    ["those that overlap become one", ranges([0, 6], [4, 4]), ranges([0, 8])],
    ["one inside another", ranges([0, 9], [4, 2]), ranges([0, 9])],
  ] as const;
  for (const [title, given, merged] of cases)
    test(title, () => expect(mergeRanges(given)).toEqual(merged));
});

const anyRanges = fc
  .array(fc.tuple(fc.nat(60), fc.nat(9)))
  .map((pairs) => mergeRanges(ranges(...pairs)));

/** Returns the bytes of ranges, one by one. */
function bytesOf(list: readonly Range[]): number[] {
  return list.flatMap(({ offset, bytes }) => Array.from({ length: bytes }, (_, at) => offset + at));
}

test("subtractRanges() leaves the bytes that are in the one and not in the other", () => {
  fc.assert(
    fc.property(anyRanges, anyRanges, (whole, holes) => {
      const gone = new Set(bytesOf(holes));
      const left = subtractRanges(whole, holes);
      expect(bytesOf(left)).toEqual(bytesOf(whole).filter((byte) => !gone.has(byte)));
      expect(mergeRanges(left)).toEqual(left);
    }),
  );
});

test("clipRanges() leaves the bytes between two ends", () => {
  fc.assert(
    fc.property(anyRanges, fc.nat(70), fc.nat(70), (whole, from, to) => {
      const clipped = clipRanges(whole, from, to);
      expect(bytesOf(clipped)).toEqual(bytesOf(whole).filter((at) => at >= from && at < to));
    }),
  );
});

test("sumRanges() adds up their bytes", () => {
  expect(sumRanges(ranges([0, 4], [9, 3]))).toBe(7);
});
