// Drivers of file systems behind another initramfs, on machines in memory.
import { describe, expect, test } from "vitest";
import { loadFromBase } from "../../../src/system/modules/base-modules.ts";
import { file, link, type Tree } from "../../support/memory/entry.ts";
import { createMemory, type Machine } from "../../support/memory.ts";

const place = { root: "/base", at: "/run/at" };
const base: Tree = {
  lib: link("/usr/lib"),
  usr: { sbin: { modprobe: file("", 0o755) }, lib: { modules: { "6.1.0-test": {} } } },
  proc: {},
};
const call = "modprobe -q -b -a fs-f2fs";

interface Made {
  /** What loads the driver: the initramfs's modprobe, or that of the base. */
  readonly loads?: "/" | "/run/at";
  readonly status?: number;
  readonly files?: Tree;
  readonly faults?: Machine["faults"];
}

/** Prepares a type, and tells the answer, and who was asked. */
function load(type: string, { loads, status = 0, files = { base }, faults = [] }: Made = {}) {
  const asked: string[] = [];
  const { system, put } = createMemory({
    files,
    faults,
    proc: { filesystems: "nodev\tproc\n\text4\n" },
    programs: {
      modprobe({ argv, root, system }) {
        asked.push(`${root}: ${argv.join(" ")}`);
        const at = root === "/" ? "" : root;
        expect([system.room(`${at}/`).readonly, system.room("/base").readonly]).toEqual([
          root !== "/",
          false,
        ]);
        if (loads === root) put("/proc/filesystems", file("\text4\n\tf2fs\n\tvfat\n"));
        return { status: loads === root ? 0 : status };
      },
    },
  });
  const problem = loadFromBase(system, place, type);
  const left = system.mounts().filter(({ target }) => target.startsWith("/run"));
  expect(left).toEqual([]);
  return { problem, asked };
}

describe("loadFromBase()", () => {
  test("asks nobody for what the kernel has", () => {
    for (const type of ["ext4", "ext2"])
      expect(load(type)).toEqual({ problem: undefined, asked: [] });
  });

  test("asks the initramfs first, as the kernel would", () => {
    expect(load("f2fs", { loads: "/" })).toEqual({ problem: undefined, asked: [`/: ${call}`] });
  });

  test("asks the base, which is only read, and then lets go of it", () => {
    expect(load("f2fs", { loads: "/run/at" })).toEqual({
      problem: undefined,
      asked: [`/: ${call}`, `/run/at: ${call}`],
    });
  });

  test("asks for what a driver requests by name besides", () => {
    const names = "fs-vfat nls_cp437 nls_ascii nls_iso8859-1 nls_utf8";
    expect(load("vfat", { loads: "/run/at" }).asked.at(-1)).toBe(
      `/run/at: modprobe -q -b -a ${names}`,
    );
  });

  const none = "neither initramfs nor base has a driver for f2fs";
  const cases: readonly (readonly [is: string, made: Made, problem: string])[] = [
    ["it has none either", { status: 1 }, `${none}: its modprobe ended with status 1`],
    ["its modprobe knows nothing of it", {}, none],
    [
      "it is made for another kernel",
      { files: { base: { "lib/modules/5.10.0": {} } } },
      `${none}: the base has no modules of the kernel 6.1.0-test`,
    ],
    [
      "it has no modprobe",
      { files: { base: { "lib/modules/6.1.0-test": {}, proc: {} } } },
      `${none}: its modprobe ended with status 127`,
    ],
    [
      "it cannot be shown",
      { faults: [{ call: "mount", naming: "/base", errno: "EPERM" }] },
      `${none}: operation not permitted`,
    ],
  ];
  for (const [is, made, problem] of cases)
    test(`says why there is none where ${is}`, () => {
      expect(load("f2fs", made).problem).toBe(problem);
    });
});
