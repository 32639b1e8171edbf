import { describe, expect, test } from "vitest";
import { checkRoom, measureFilling, usedPercent } from "../../../src/core/stores/filling.ts";

const minute = 60_000;

describe("measureFilling()", () => {
  const before = { totalBytes: 1000, usedBytes: 100, measured: 5000 };
  const cases = [
    ["what came", { usedBytes: 300, measured: 5000 + 20 * minute }, 200, 20 * minute, 70 * minute],
    ["what went", { usedBytes: 60, measured: 5000 + 20 * minute }, -40, 20 * minute, undefined],
    [
      "that nothing came",
      { usedBytes: 100, measured: 5000 + 20 * minute },
      0,
      20 * minute,
      undefined,
    ],
    [
      "no rate from the first minutes",
      { usedBytes: 300, measured: 5000 + minute },
      200,
      minute,
      undefined,
    ],
    ["no time that is negative", { usedBytes: 300, measured: 4000 }, 200, 0, undefined],
    [
      "that nothing is left",
      { usedBytes: 1000, measured: 5000 + 20 * minute },
      900,
      20 * minute,
      0,
    ],
  ] as const;
  for (const [what, now, moreBytes, elapsedMs, fullInMs] of cases) {
    test(`measureFilling() tells ${what}`, () => {
      expect(measureFilling(before, { ...before, ...now })).toEqual({
        moreBytes,
        elapsedMs,
        fullInMs,
      });
    });
  }

  test("measureFilling() counts the room of a store that grew meanwhile", () => {
    const now = { totalBytes: 2000, usedBytes: 200, measured: 5000 + 20 * minute };
    expect(measureFilling(before, now).fullInMs).toBe(360 * minute);
  });
});

test("usedPercent() rounds down and ends at 100", () => {
  const percents = [
    [0, 0],
    [849, 84],
    [999, 99],
    [1000, 100],
    [1500, 100],
  ].map(([usedBytes = 0]) => usedPercent({ totalBytes: 1000, usedBytes }));
  expect(percents).toEqual([0, 84, 99, 100, 100]);
  expect(usedPercent({ totalBytes: 0, usedBytes: 0 })).toBe(100);
});

describe("checkRoom()", () => {
  const mebibyte = 2 ** 20;
  const cases = [
    ["nothing below 85 percent", 849, "store", []],
    [
      "a warning from 85 percent on",
      850,
      "store",
      [{ level: "warning", message: "The store is 85 % full: 150.0 MiB of 1000.0 MiB are left" }],
    ],
    [
      "a warning below 95 percent",
      949,
      "memory",
      [
        {
          level: "warning",
          message: "The memory for changes is 94 % full: 51.0 MiB of 1000.0 MiB are left",
        },
      ],
    ],
    [
      "an error from 95 percent on",
      950,
      "store",
      [{ level: "error", message: "The store is 95 % full: 50.0 MiB of 1000.0 MiB are left" }],
    ],
    [
      "an error when it is full",
      1000,
      "store",
      [{ level: "error", message: "The store is 100 % full: 0 B of 1000.0 MiB are left" }],
    ],
  ] as const;
  for (const [what, used, owner, findings] of cases) {
    test(`checkRoom() gives ${what}`, () => {
      const room = { totalBytes: 1000 * mebibyte, usedBytes: used * mebibyte };
      expect(checkRoom(room, owner)).toEqual(findings);
    });
  }
});
