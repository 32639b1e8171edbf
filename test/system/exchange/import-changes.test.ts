// What an import does where the file system of the store cannot keep everything, or is full.
import { expect, test } from "vitest";
import { type ImportListener, importChanges } from "../../../src/system/exchange/import-changes.ts";
import type { System } from "../../../src/system/port/system.ts";
import { file } from "../../support/memory/entry.ts";
import { createMemory, type Machine } from "../../support/memory.ts";

function importBranch(system: System, heard: Partial<ImportListener> = {}) {
  return importChanges(system, {
    ...{ root: "/branch", parts: [{ from: "", to: "", format: "aufs" }], store: "/store" },
    heard: {
      tellLeftOut: () => {},
      tellLost: () => {},
      tellChanged: () => {},
      progress: () => {},
      ...heard,
    },
  });
}

function importWith(faults: NonNullable<Machine["faults"]>) {
  const owned = file("text", 0o640);
  owned.xattrs.set("security.capability", Uint8Array.of(1));
  const branch = {
    ".wh..wh.aufs": "",
    etc: { ".wh.issue": "", motd: owned, "a.wh.b": "text" },
    ".wh.": "",
  };
  const { system, journal } = createMemory({ files: { branch, store: {} }, faults });
  const told: string[] = [];
  const run = () =>
    importBranch(system, {
      tellLeftOut: (path, reason) => told.push(`${path}: ${reason}`),
      tellLost: (path, attribute) => told.push(`${path}: lost ${attribute}`),
    });
  return { system, journal, told, run };
}

test("importChanges() counts what it has written, and names what it has not", () => {
  const { system, told, run } = importWith([]);
  expect(run()).toEqual({ entries: 5, bytes: 8192, looseFiles: 0 });
  expect(told).toEqual(["/.wh.: whiteout-of-no-name"]);
  expect(system.list("/store/upperdir/etc")).toEqual(["a.wh.b", "issue", "motd"]);
  expect(system.linkStatus("/store/upperdir/etc/issue")).toMatchObject({
    kind: "character",
    deviceNumber: 0,
  });
  expect(system.status("/store/upperdir/etc/motd")?.mode).toBe(0o640);
});

test("importChanges() has everything on the disk before it gives the directory its name", () => {
  const { journal, run } = importWith([]);
  run();
  const names = journal.map(({ name }) => name);
  expect(names.slice(-3)).toEqual(["syncFileSystem", "rename", "sync"]);
});

test("importChanges() names attributes that the file system cannot keep", () => {
  const { told, run, system } = importWith([{ call: "setXattr", errno: "EOPNOTSUPP" }]);
  run();
  expect(told).toContain("/etc/motd: lost security.capability");
  expect(system.readText("/store/upperdir/etc/motd")).toBe("text");
});

test("importChanges() fails where a directory cannot be made opaque", () => {
  const { system, run } = importWith([]);
  system.writeFile("/branch/etc/.wh..wh..opq", "");
  const faulty = {
    ...system,
    setXattr: () => {
      throw Object.assign(new Error("no attributes"), { code: "EOPNOTSUPP" });
    },
  };
  expect(() => importBranch(faulty)).toThrow(/no attributes/);
  expect(system.list("/store")).toEqual([]);
  run();
  expect(system.list("/store")).toEqual(["upperdir"]);
});

for (const call of ["copyData", "makeNode", "setModified", "syncFileSystem", "rename"] as const) {
  test(`importChanges() leaves nothing behind when ${call}() fails`, () => {
    const { system, run } = importWith([{ call, errno: "ENOSPC", times: 1 }]);
    expect(run).toThrow(/No space/);
    expect(system.list("/store")).toEqual([]);
    run();
    expect(system.list("/store")).toEqual(["upperdir"]);
  });
}
