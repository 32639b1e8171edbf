import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mergeRanges, sumRanges } from "../../../src/core/bytes/ranges.ts";
import {
  formatChanges,
  headBytes,
  parseHead,
  parseIndex,
} from "../../../src/core/resize/kept-changes.ts";

test("parseIndex() gives what formatChanges() wrote", () => {
  const pair = fc.record({ offset: fc.nat(), bytes: fc.nat(1e6) });
  fc.assert(
    fc.property(fc.array(pair), (list) => {
      const ranges = mergeRanges(list);
      const text = formatChanges(ranges);
      expect(parseHead(text.slice(0, headBytes))).toBe(text.length - headBytes);
      expect(parseIndex(text.slice(headBytes), text.length + sumRanges(ranges))).toEqual(ranges);
    }),
  );
});

describe("parseHead() knows nothing of", () => {
  const cases = ["", "backstore changes 2          10\n", "backstore changes 1           x\n"];
  for (const text of [...cases, "backstore changes 1          10 ", `${"9".repeat(31)}\n`])
    test(JSON.stringify(text), () => expect(parseHead(text)).toBeUndefined());
});

describe("parseIndex() refuses", () => {
  const cases: readonly (readonly [string, string, number])[] = [
    ["a cut index", "[[0,4096]", 32 + 9 + 4096],
    ["a cut file", "[[0,4096]]", 32 + 10 + 4095],
    ["a file that is too long", "[[0,4096]]", 32 + 10 + 4097],
    ["stretches that overlap", "[[0,4096],[1024,4096]]", 32 + 22 + 8192],
    ["a negative offset", "[[-1,4096]]", 32 + 11 + 4096],
    ["a length that is no whole number", "[[0,0.5],[8,0.5]]", 32 + 17 + 1],
    ["words", '[["0","4096"]]', 32 + 14],
  ];
  for (const [title, text, bytes] of cases)
    test(title, () => expect(parseIndex(text, bytes)).toBeUndefined());
});
