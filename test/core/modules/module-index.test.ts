import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  isIncluded,
  type ModuleIndex,
  planModules,
} from "../../../src/core/modules/module-index.ts";

const index: ModuleIndex = {
  release: "6.1.0-test",
  builtin: ["atkbd"],
  modules: {
    ext4: { needs: ["mbcache", "jbd2"], before: ["crc32c_generic", "crc32c_intel"] },
    jbd2: { before: ["crc32c_generic"] },
    mbcache: {},
    crc32c_generic: {},
    crc32c_intel: {},
    vfio: { after: ["vfio_pci"] },
    vfio_pci: { needs: ["vfio"] },
    round: { before: ["about"] },
    about: { before: ["round"] },
  },
};

describe("planModules() puts what is needed first", () => {
  const cases: [string, string[], string[], string[]][] = [
    [
      "soft and hard dependencies",
      ["ext4"],
      [],
      ["crc32c_generic", "crc32c_intel", "mbcache", "jbd2", "ext4"],
    ],
    [
      "nothing that is loaded",
      ["ext4"],
      ["jbd2", "crc32c_intel"],
      ["crc32c_generic", "mbcache", "ext4"],
    ],
    ["nothing for what is loaded itself", ["ext4"], ["ext4"], []],
    [
      "each only once",
      ["jbd2", "ext4", "jbd2"],
      [],
      ["crc32c_generic", "jbd2", "crc32c_intel", "mbcache", "ext4"],
    ],
    ["what comes after, after", ["vfio"], [], ["vfio", "vfio_pci"]],
    ["names of either spelling", ["crc32c-intel"], [], ["crc32c_intel"]],
    ["circles once around", ["round"], [], ["about", "round"]],
    ["no unknown, built-in or inherited names", ["nothing", "atkbd", "constructor"], [], []],
  ];
  for (const [what, wanted, loaded, order] of cases) {
    test(`planModules() plans ${what}`, () => {
      expect(planModules(index, wanted, (name) => loaded.includes(name))).toEqual(order);
    });
  }
});

test("planModules() ends for every web of dependencies and names no module twice", () => {
  const names = ["a", "b", "c", "d", "e"];
  const some = fc.subarray(names);
  const web = fc.record(
    Object.fromEntries(
      names.map((name) => [name, fc.record({ needs: some, before: some, after: some })]),
    ),
  );
  fc.assert(
    fc.property(web, some, (modules, wanted) => {
      const order = planModules({ release: "", modules, builtin: [] }, wanted, () => false);
      expect(new Set(order).size).toBe(order.length);
      for (const name of wanted) expect(order).toContain(name);
    }),
  );
});

test("isIncluded() knows a module by either spelling, and none that every object has", () => {
  expect(isIncluded(index, "crc32c-generic")).toBe(true);
  expect(isIncluded(index, "atkbd")).toBe(false);
  expect(isIncluded(index, "toString")).toBe(false);
});
