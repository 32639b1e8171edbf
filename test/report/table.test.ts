import { describe, expect, test } from "vitest";
import { renderPairs, renderTable } from "../../src/report/table.ts";

const headings = ["name", "size", "state"];
const rows = [
  ["a", "1.0 GiB", "clean"],
  ["long name", "10.0 GiB", "in use by the running session"],
];

describe("renderTable()", () => {
  const layout = { headings, alignments: ["left", "right"] } as const;
  const whole = [
    "  name           size  state",
    "  a           1.0 GiB  clean",
    "  long name  10.0 GiB  in use by the running session",
  ];

  test("aligns columns where lines may have any length, or just fit", () => {
    expect(renderTable(rows, layout)).toEqual(whole);
    expect(renderTable(rows, { ...layout, columns: 52 })).toEqual(whole);
  });

  test("makes a paragraph of each row where one does not fit", () => {
    expect(renderTable(rows, { ...layout, columns: 51 })).toEqual([
      "  a",
      "      size   1.0 GiB",
      "      state  clean",
      "  long name",
      "      size   10.0 GiB",
      "      state  in use by the running session",
    ]);
  });

  test("leaves out cells that are empty, and needs no headings", () => {
    expect(renderTable([["a", "", "b c"]], { columns: 7 })).toEqual(["  a", "      b", "      c"]);
  });

  test("ends where a terminal is narrower than what lines begin with", () => {
    for (const columns of [1, 2, 5, 6, 8]) {
      const lines = renderTable([["abcdefghij", "klm nop"]], { columns });
      expect(lines.join("").replaceAll(" ", "")).toBe("abcdefghijklmnop");
    }
  });
});

describe("renderPairs()", () => {
  const pairs = [
    ["up", "2 h"],
    ["reason", "there is no store on any of the devices"],
  ] as const;

  test("breaks what is long beside its name, or below it where that is too narrow", () => {
    expect(renderPairs(pairs, undefined)).toEqual([
      "  up      2 h",
      "  reason  there is no store on any of the devices",
    ]);
    expect(renderPairs(pairs, 40)).toEqual([
      "  up      2 h",
      "  reason  there is no store on any of",
      "          the devices",
    ]);
    expect(renderPairs(pairs, 24)).toEqual([
      "  up      2 h",
      "  reason",
      "      there is no store",
      "      on any of the",
      "      devices",
    ]);
  });
});
