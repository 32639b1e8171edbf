import { describe, expect, test } from "vitest";
import { type Advance, describeAdvance } from "../../src/report/progress.ts";

const MiB = 2 ** 20;
const part: Advance = {
  ...{ action: "allocating", doneBytes: 315 * MiB, allBytes: 900 * MiB },
  bytesPerSecond: 104.4 * MiB,
};

describe("describeAdvance() tells bytes, rate and the time that is left", () => {
  const cases: readonly (readonly [string, Partial<Advance>, string])[] = [
    ["in the unit of the whole", {}, "allocating: 315 of 900 MiB, 104 MiB/s, 6 s left"],
    [
      "with a digit behind the point for what is small",
      { doneBytes: 900 * MiB, allBytes: 7.5 * 1024 * MiB, bytesPerSecond: 2.5 * MiB },
      "allocating: 0.8 of 7.5 GiB, 2.5 MiB/s, 45 min 12 s left",
    ],
    ["without a rate yet", { bytesPerSecond: undefined }, "allocating: 315 of 900 MiB"],
    [
      "at a standstill, when no time can be told",
      { bytesPerSecond: 0 },
      "allocating: 315 of 900 MiB, 0 B/s",
    ],
    [
      "of what is smaller than any unit",
      { doneBytes: 10, allBytes: 100, bytesPerSecond: 1 },
      "allocating: 10 of 100 B, 1 B/s, 1 min 30 s left",
    ],
    [
      "never as no time at all",
      { doneBytes: 900 * MiB - 1 },
      "allocating: 899 of 900 MiB, 104 MiB/s, 1 s left",
    ],
  ];
  for (const [title, change, expected] of cases) {
    test(title, () => {
      expect(describeAdvance({ ...part, ...change })).toBe(expected);
    });
  }
});

test("describeAdvance() leaves out what does not fit, the time first", () => {
  expect([47, 46, 37, 36, 26, 5].map((columns) => describeAdvance(part, columns))).toEqual([
    "allocating: 315 of 900 MiB, 104 MiB/s, 6 s left",
    "allocating: 315 of 900 MiB, 104 MiB/s",
    "allocating: 315 of 900 MiB, 104 MiB/s",
    "allocating: 315 of 900 MiB",
    "allocating: 315 of 900 MiB",
    "alloc",
  ]);
});
