import { describe, expect, test } from "vitest";
import { listUsed, measurePace } from "../../../src/core/overview/forecast.ts";
import type { PastBoot } from "../../../src/core/stores/past-boots.ts";

const dayMs = 86_400_000;
const nowMs = Date.parse("2026-03-01T00:00:00Z");

function boot(
  days: number,
  usedBytes: number,
  end?: readonly [days: number, used: number],
): PastBoot {
  const at = (ago: number) => new Date(nowMs - ago * dayMs).toISOString();
  const ended = end && { ended: at(end[0]), endUsedBytes: end[1] };
  return { started: at(days), session: "persistent", phases: {}, usedBytes, ...ended };
}

const now = (usedBytes: number) => ({ atMs: nowMs, usedBytes });

describe("listUsed()", () => {
  test("listUsed() has the beginning and end of each boot, and now", () => {
    const used = listUsed([boot(3, 1, [2, 2]), boot(1, 3)], now(4));
    expect(used.map(({ usedBytes }) => usedBytes)).toEqual([1, 2, 3, 4]);
  });

  test("listUsed() leaves out what a wrong clock has dated", () => {
    const used = listUsed([boot(3, 1), boot(9, 7), boot(-5, 8), boot(2, 2)], now(4));
    expect(used.map(({ usedBytes }) => usedBytes)).toEqual([1, 2, 4]);
  });

  test("listUsed() leaves out boots whose room was not measured", () => {
    const { usedBytes: _, ...blind } = boot(2, 0);
    expect(listUsed([blind], now(4))).toEqual([now(4)]);
  });
});

describe("measurePace()", () => {
  const cases: readonly (readonly [
    is: string,
    boots: readonly PastBoot[],
    found: object | undefined,
  ])[] = [
    [
      "a store that fills evenly",
      [boot(4, 100), boot(2, 300)],
      { bytesPerDay: 100, sinceMs: nowMs - 4 * dayMs, fullAtMs: nowMs + 5 * dayMs },
    ],
    [
      "a store in which a large file came and went",
      [boot(4, 500, [3, 600]), boot(2, 300), boot(1, 400)],
      { bytesPerDay: -20, sinceMs: nowMs - 4 * dayMs, fullAtMs: undefined },
    ],
    ["a store of which nothing is known", [], undefined],
    ["a store that was first used today", [boot(0.9, 100)], undefined],
    [
      "a store to which nothing is added",
      [boot(4, 500)],
      { bytesPerDay: 0, sinceMs: nowMs - 4 * dayMs, fullAtMs: undefined },
    ],
  ];
  for (const [is, boots, found] of cases)
    test(`measurePace() tells the pace of ${is}`, () => {
      expect(measurePace(listUsed(boots, now(500)), 1000)).toEqual(found);
    });

  test("measurePace() says nothing of a time that is more than ten years away", () => {
    const pace = measurePace(listUsed([boot(4, 100)], now(500)), 1e9);
    expect(pace).toMatchObject({ bytesPerDay: 100, fullAtMs: undefined });
  });

  test("measurePace() says that a full store is full now", () => {
    const pace = measurePace(listUsed([boot(4, 100)], now(500)), 400);
    expect(pace?.fullAtMs).toBe(nowMs);
  });
});
