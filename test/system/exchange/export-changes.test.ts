// What an export leaves where the disk that it goes to is full or fails.
import { expect, test } from "vitest";
import { exportChanges } from "../../../src/system/exchange/export-changes.ts";
import { createMemory, type Machine } from "../../support/memory.ts";

function exportWith(faults: NonNullable<Machine["faults"]>) {
  const files = { upper: { etc: { motd: "text" } }, stick: {} };
  const { system, journal } = createMemory({ files, faults });
  const run = () =>
    exportChanges(system, {
      ...{ upper: "/upper", bytes: 0, to: "/stick/kept.tar", format: "tar", compression: "none" },
      heard: { tellLeftOut: () => {}, tellChanged: () => {}, progress: () => {} },
    });
  return { system, journal, run };
}

test("exportChanges() has all of a file on the disk before and after it gives it its name", () => {
  const { system, journal, run } = exportWith([]);
  expect(run().entries).toBe(3);
  expect(system.list("/stick")).toEqual(["kept.tar"]);
  expect(journal.slice(-4).map(({ name, arguments: [path] }) => [name, path])).toEqual([
    ["sync", "/stick/kept.tar.backstore-new"],
    ["rename", "/stick/kept.tar.backstore-new"],
    ["sync", "/stick/kept.tar"],
    ["sync", "/stick"],
  ]);
});

for (const call of ["createFile", "appendFile", "sync", "rename"] as const)
  test(`exportChanges() leaves nothing behind when ${call}() fails`, () => {
    const { system, run } = exportWith([{ call, errno: "ENOSPC", times: 1 }]);
    expect(run).toThrow(/No space/);
    expect(system.list("/stick")).toEqual([]);
    run();
    expect(system.list("/stick")).toEqual(["kept.tar"]);
  });
