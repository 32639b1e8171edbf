import { describe, expect, test } from "vitest";
import { storeDirectories } from "../../../src/core/choosing/default-directory.ts";
import { Failure } from "../../../src/core/text/failure.ts";

const cases: readonly (readonly [
  is: string,
  given: string | undefined,
  mediumLabel: string,
  directories: readonly string[],
])[] = [
  ["what is given, alone", "kept/here", "RESCUE", ["kept/here"]],
  [
    "the default and what boots without a label left behind",
    undefined,
    "RESCUE",
    ["persistent_RESCUE/x86_64", "persistent_/x86_64"],
  ],
  ["one default where the medium has no label", undefined, "", ["persistent_/x86_64"]],
  [
    "a label as it is, spaces and quotes too",
    undefined,
    "a b'$(id)",
    ["persistent_a b'$(id)/x86_64", "persistent_/x86_64"],
  ],
  [
    "a label with a slash as directories",
    undefined,
    "a/b",
    ["persistent_a/b/x86_64", "persistent_/x86_64"],
  ],
];

describe("storeDirectories()", () => {
  for (const [is, given, mediumLabel, directories] of cases) {
    test(`storeDirectories() lists ${is}`, () => {
      expect(storeDirectories({ given, mediumLabel, machine: "x86_64" })).toEqual(directories);
    });
  }

  for (const mediumLabel of ["/../../etc", "a/..", "a\nb", "\u001b[2J", "x".repeat(300)]) {
    test(`storeDirectories() refuses the label ${JSON.stringify(mediumLabel.slice(0, 12))}`, () => {
      const list = () => storeDirectories({ given: undefined, mediumLabel, machine: "x86_64" });
      expect(list).toThrow(Failure);
      expect(list).toThrow(/^Cannot use the default directory "persistent_/);
    });
  }
});
