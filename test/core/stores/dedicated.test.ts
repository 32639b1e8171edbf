import { describe, expect, test } from "vitest";
import { isDedicated } from "../../../src/core/stores/dedicated.ts";

type Listing = Readonly<Record<string, readonly string[]>>;
const usual = "persistent_RESCUE1100/x86_64";

describe("isDedicated()", () => {
  const cases: readonly (readonly [is: boolean, what: string, directory: string, Listing])[] = [
    [true, "an empty file system", usual, {}],
    [true, "what mkfs leaves", usual, { "": ["lost+found"] }],
    [true, "a store", usual, { "": ["lost+found", "persistent_RESCUE1100"] }],
    [
      true,
      "stores of other media and machines",
      usual,
      { "": ["persistent_RESCUE904", "persistent_RESCUE1100"], persistent_RESCUE1100: ["i686"] },
    ],
    [true, "a store at its top", "", { "": ["upperdir", "workdir", "backstore.json"] }],
    [true, "a ballast at its top", "", { "": ["upperdir", "workdir", "backstore.ballast"] }],
    [true, "a directory of another name", "kept", { "": ["kept", "lost+found"] }],
    [true, "a path of other names", "a/b", { "": ["a"], a: ["b"] }],
    [false, "data beside a store", usual, { "": ["persistent_RESCUE1100", "photos"] }],
    [false, "the base beside a store", usual, { "": ["persistent_RESCUE1100", "sysresccd"] }],
    [false, "data beside a store at its top", "", { "": ["upperdir", "photos"] }],
    [false, "a store's own names that are not this one's", "kept", { "": ["kept", "upperdir"] }],
    [false, "data beside a directory on the way", "a/b", { "": ["a"], a: ["b", "photos"] }],
    [false, "lost+found on the way", "a/b", { "": ["a"], a: ["b", "lost+found"] }],
  ];
  for (const [is, what, directory, listing] of cases) {
    test(`isDedicated() is ${is} for ${what}`, () => {
      expect(isDedicated(directory, (path) => listing[path] ?? [])).toBe(is);
    });
  }
});
