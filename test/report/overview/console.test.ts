import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { headOf, renderJson } from "../../../src/report/json.ts";
import { renderConsole } from "../../../src/report/overview/console.ts";
import { summariseOverview } from "../../../src/report/overview/json.ts";
import { findMisfitsOf } from "../../shapes/misfits.ts";
import { change, overviewFacts, overviewOf, seeChanges } from "../../support/overview.ts";

const nothing = {
  changes: { unseen: "Only root can read what overlayfs has marked" },
  past: { boots: [], fault: "they are no list" },
  state: { ...overviewFacts().state, word: "none", boot: undefined, room: undefined },
  devices: [],
} as const;

describe("renderConsole()", () => {
  for (const columns of [40, 79, 200])
    test(`renderConsole() draws a report in ${columns} columns`, async () => {
      const text = renderConsole(overviewOf(), columns);
      for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(columns);
      const path = join(import.meta.dirname, `../../golden/report/console-${columns}.txt`);
      await expect(text).toMatchFileSnapshot(path);
    });

  test("renderConsole() fits terminals that are hardly any, and has 79 columns elsewhere", () => {
    for (const line of renderConsole(overviewOf(), 20).split("\n").slice(0, 12))
      expect(line.length).toBeLessThanOrEqual(20);
    expect(renderConsole(overviewOf(), undefined)).toBe(renderConsole(overviewOf(), 79));
  });

  test("renderConsole() fills the map with what the changes are, by their share", () => {
    const changes = seeChanges([change("/a", "added", 3e6), change("/b", "deleted", 1e6)]);
    const text = renderConsole(overviewOf({ changes }), 80);
    const map = text.split("\n").filter((line) => /^\|.*[+-]{5}/.test(line));
    const count = (mark: string) => map.join("").split(mark).length - 1;
    expect(map.length).toBe(13);
    expect(count("+") / count("-")).toBeGreaterThan(2.6);
    expect(count("+") / count("-")).toBeLessThan(3.4);
  });

  test("renderConsole() says why there is nothing to see", () => {
    expect(renderConsole(overviewOf(nothing), 79)).toMatchInlineSnapshot(`
      "[!] none: this system was not booted by backstore
        do  backstore install MEDIUM

      Changes
        Only root can read what overlayfs has marked

      Boots
        The earlier boots in the store are ignored: they are no list
        No boot is recorded

      Disks
        No disk was found
      "
    `);
  });
});

describe("summariseOverview()", () => {
  for (const [is, more] of [
    ["a session", {}],
    ["a system without one", nothing],
  ] as const)
    test(`summariseOverview() tells ${is} in the shape that is documented`, () => {
      const summary = { ...headOf("0.1.0"), ...summariseOverview(overviewOf(more)) };
      expect(findMisfitsOf("report", JSON.parse(renderJson(summary)))).toEqual([]);
    });

  test("summariseOverview() has all changes, in sums where they are small", () => {
    const { changes } = JSON.parse(JSON.stringify(summariseOverview(overviewOf())));
    const sum = (key: "bytes" | "paths") =>
      changes.largest.reduce((all: number, leaf: Record<string, number>) => all + leaf[key]!, 0);
    expect([sum("bytes"), sum("paths")]).toEqual([changes.bytes, changes.paths]);
    expect(changes.largest.length).toBeLessThan(20);
  });
});
