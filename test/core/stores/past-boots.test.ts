import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addBoot,
  completeBoot,
  endBoot,
  measurePhases,
  mostBoots,
  type PastBoot,
  parseBoots,
} from "../../../src/core/stores/past-boots.ts";

const started = "2026-01-31T10:20:30.000Z";
const boot: PastBoot = { started, session: "persistent", phases: {} };

const whole: PastBoot = {
  ...boot,
  phases: { before: 1200, medium: 300, store: 40, mounting: 5 },
  ...{ totalBytes: 1000, usedBytes: 10, note: "Oh", ended: started, endUsedBytes: 20 },
};

describe("parseBoots()", () => {
  const cases: readonly (readonly [is: string, value: unknown, found: object])[] = [
    ["nothing", undefined, { boots: [] }],
    ["none", [], { boots: [] }],
    ["one with all that there can be", [whole], { boots: [whole] }],
    ["one with what another version writes", [{ ...boot, more: 1 }], { boots: [boot] }],
    ["a text", "many", { boots: [], fault: "they are no list" }],
    ["null", null, { boots: [], fault: "they are no list" }],
    ["an object", { 0: boot }, { boots: [], fault: "they are no list" }],
    ["a list of numbers", [7], { boots: [], fault: "number 1 is invalid" }],
    [
      "one that is not valid among others",
      [boot, { ...boot, session: "good" }],
      { boots: [], fault: 'number 2 is invalid at "session"' },
    ],
    [
      "a time that would forge a line",
      [{ ...boot, started: "\u001b[2J" }],
      { boots: [], fault: 'number 1 is invalid at "started"' },
    ],
    [
      "a phase that ends before it begins",
      [{ ...boot, phases: { medium: -1 } }],
      { boots: [], fault: 'number 1 is invalid at "phases.medium"' },
    ],
    [
      "a phase of a hundred years",
      [{ ...boot, phases: { before: 3.2e12 } }],
      { boots: [], fault: 'number 1 is invalid at "phases.before"' },
    ],
    [
      "a note without end",
      [{ ...boot, note: "x".repeat(100_000) }],
      { boots: [], fault: 'number 1 is invalid at "note"' },
    ],
    [
      "a size beyond all disks",
      [{ ...boot, usedBytes: 1e300 }],
      { boots: [], fault: 'number 1 is invalid at "usedBytes"' },
    ],
  ];
  for (const [is, value, found] of cases)
    test(`parseBoots() reads ${is}`, () => {
      expect(parseBoots(value)).toEqual(found);
    });

  test("parseBoots() reads the newest of more than it keeps", () => {
    const many = Array.from({ length: 1000 }, (_, index) => ({ ...boot, usedBytes: index }));
    expect(parseBoots(many).boots).toEqual(many.slice(-mostBoots));
  });

  test("parseBoots() reads whatever JSON there is, and never throws", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(parseBoots(value).boots.length).toBeLessThanOrEqual(mostBoots);
      }),
    );
  });
});

describe("addBoot()", () => {
  test("addBoot() keeps twenty boots, in some KiB, however long their notes are", () => {
    let boots: readonly PastBoot[] = [];
    for (let index = 0; index < 50; index++)
      boots = addBoot(boots, { ...boot, phases: { before: index }, note: "\ud800".repeat(500) });
    expect(boots.map(({ phases }) => phases.before)).toEqual(
      Array.from({ length: mostBoots }, (_, index) => 30 + index),
    );
    expect(JSON.stringify(boots).length).toBeLessThan(24_000);
    expect(parseBoots(JSON.parse(JSON.stringify(boots)))).toEqual({ boots });
  });

  test("addBoot() and what follows are read again as they were written", () => {
    const phases = measurePhases({ started: 10.4, medium: 20.6, store: 20.2 });
    const begun = addBoot([boot], { ...boot, phases, note: undefined });
    const room = { totalBytes: 9, usedBytes: 3 };
    const mounted = completeBoot(begun, started, { uptimeMs: 31.7, ...room });
    const boots = endBoot(mounted, started, { ended: started, endUsedBytes: 4 });
    expect(boots).toEqual([
      boot,
      {
        ...boot,
        phases: { before: 10, medium: 10, store: 0, mounting: 12 },
        ...room,
        ...{ ended: started, endUsedBytes: 4 },
      },
    ]);
    expect(parseBoots(JSON.parse(JSON.stringify(boots)))).toEqual({ boots });
  });
});

describe("completeBoot()", () => {
  test("completeBoot() leaves other sessions as they are", () => {
    expect(completeBoot([boot], "2026-01-31T10:20:31Z", { uptimeMs: 1 })).toEqual([boot]);
    expect(completeBoot([], started, { uptimeMs: 1 })).toEqual([]);
    expect(endBoot([boot], undefined, { ended: started, endUsedBytes: 1 })).toEqual([boot]);
  });

  test("completeBoot() measures no last phase where one before it is not known", () => {
    const [completed] = completeBoot([boot], started, { uptimeMs: 1 });
    expect(completed?.phases.mounting).toBeUndefined();
  });
});
