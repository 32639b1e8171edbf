// Where a boot has the release of its base from, on a machine in memory.
import { describe, expect, test } from "vitest";
import type { Tree } from "../support/memory/entry.ts";
import { start, stick } from "./start.ts";

const own = 'NAME=Tiny\nPRETTY_NAME="Tiny 1"\n';

const cases: readonly (readonly [is: string, onMedium: Tree, inBase: Tree, release: unknown])[] = [
  [
    "what the medium says",
    { "sysresccd/VERSION": "11.00\n" },
    { "usr/lib/os-release": own },
    "11.00",
  ],
  ["what the base says", {}, { "usr/lib/os-release": own, "etc/os-release": "" }, "Tiny 1"],
  ["what an older base says", {}, { "etc/os-release": own }, "Tiny 1"],
  ["unknown where the base has no name", {}, { "etc/os-release": "NAME=Tiny\n" }, null],
  ["unknown without either", {}, {}, null],
];

describe("the release of a base", () => {
  for (const [is, onMedium, inBase, release] of cases)
    test(`is ${is}`, () => {
      const { verdict, ending } = start("backstore=off", { disks: [stick(onMedium, inBase)] });
      expect(ending).toBe("/sbin/init quiet");
      expect(verdict).toMatchObject({ medium: { release } });
    });
});
