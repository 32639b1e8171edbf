import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nearest } from "../../../src/core/text/suggest.ts";

const known = [
  "off",
  "ask",
  "wait",
  "alldev",
  "cow_label",
  "cow_device",
  "cow_directory",
  "copytoram",
];

describe("nearest() finds the name that was meant", () => {
  const cases: [string, string][] = [
    ["cow_lable", "cow_label"],
    ["cow-label", "cow_label"],
    ["cowlabel", "cow_label"],
    ["COW_LABEL", "cow_label"],
    ["ow_label", "cow_label"],
    ["cow_devcie", "cow_device"],
    ["cow_dierctory", "cow_directory"],
    ["cow_diretcroy", "cow_directory"],
    ["copy2ram", "copytoram"],
    ["of", "off"],
    ["offf", "off"],
    ["aks", "ask"],
    ["wiat", "wait"],
    ["alldevs", "alldev"],
  ];
  for (const [name, meant] of cases) {
    test(`nearest() takes ${name} for ${meant}`, () => {
      expect(nearest(name, known)).toBe(meant);
    });
  }
});

describe("nearest() finds nothing for a name too far away", () => {
  for (const name of [
    "",
    "o",
    "root",
    "xoxo",
    "aldv",
    "cow",
    "label",
    "cow_chunksize",
    "toram",
    "x".repeat(4096),
  ]) {
    test(`nearest() takes ${name.slice(0, 20) || "an empty name"} for none`, () => {
      expect(nearest(name, known)).toBeUndefined();
    });
  }
  test("nearest() finds nothing where nothing is known", () => {
    expect(nearest("off", [])).toBeUndefined();
  });
});

test("nearest() prefers the nearer, then the earlier", () => {
  expect(nearest("cow_labels", ["cow_lable_", "cow_label"])).toBe("cow_label");
  expect(nearest("cow_labe", ["cow_label", "cow_labem"])).toBe("cow_label");
});

test("nearest() undoes one swap, one lost, one doubled and one wrong letter in a long name", () => {
  const place = fc.integer({ min: 0, max: "cow_directory".length - 2 });
  const edits = fc.constantFrom<(text: string, at: number) => string>(
    (text, at) => text.slice(0, at) + text[at + 1] + text[at] + text.slice(at + 2),
    (text, at) => text.slice(0, at) + text.slice(at + 1),
    (text, at) => text.slice(0, at) + text[at] + text.slice(at),
    (text, at) => `${text.slice(0, at)}#${text.slice(at + 1)}`,
  );
  fc.assert(
    fc.property(place, edits, (at, edit) => {
      expect(nearest(edit("cow_directory", at), known)).toBe("cow_directory");
    }),
  );
});
