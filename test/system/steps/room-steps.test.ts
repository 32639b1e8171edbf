// The ballast on file systems in memory: created completely or not at all, and released if no other
// space is left.

import { describe, expect, test } from "vitest";
import { ensureRoom, makeBallast } from "../../../src/system/steps/room-steps.ts";
import { readBallast } from "../../../src/system/stores/measure-room.ts";
import { mebibyte, mountStore } from "../../support/mounted-store.ts";

const path = "/store/backstore.ballast";

const wanted = {
  path: "/store",
  type: "xfs",
  ballast: path,
  bytes: mebibyte,
  advice: "delete something",
};

describe("makeBallast()", () => {
  test("makeBallast() keeps room back that only root can see", () => {
    const { system } = mountStore();
    makeBallast(system, { path, type: "xfs" });
    const { bytes, allocatedBytes, mode } = system.linkStatus(path)!;
    expect([bytes, allocatedBytes, mode]).toEqual([4 * mebibyte, 4 * mebibyte, 0o600]);
    expect(system.list("/store")).toEqual(["backstore.ballast"]);
  });

  test("makeBallast() writes where a file system cannot allocate", () => {
    const { system } = mountStore({ type: "ext2" });
    makeBallast(system, { path, type: "ext2" });
    expect(readBallast(system, path)).toBe(4 * mebibyte);
  });

  test("makeBallast() makes a small one where little is free, and none where less is", () => {
    for (const [megabytes, expected] of [
      [39, mebibyte],
      [9, 0],
    ] as const) {
      const { system, fill } = mountStore();
      fill(megabytes * mebibyte);
      makeBallast(system, { path, type: "xfs" });
      expect(readBallast(system, path)).toBe(expected);
    }
  });

  test("makeBallast() begins anew where a boot was cut off, and leaves what is there", () => {
    const { system } = mountStore();
    system.writeFile(`${path}.new`, "half");
    makeBallast(system, { path, type: "xfs" });
    system.removeFile(path);
    system.writeFile(path, "mine");
    makeBallast(system, { path, type: "xfs" });
    expect([system.list("/store"), system.readText(path)]).toEqual([["backstore.ballast"], "mine"]);
  });

  test("makeBallast() replaces one that holds no room", () => {
    const { system } = mountStore();
    system.createFile(path);
    system.truncate(path, 4 * mebibyte);
    expect(readBallast(system, path)).toBe(0);
    makeBallast(system, { path, type: "xfs" });
    expect([system.list("/store"), readBallast(system, path)]).toEqual([
      ["backstore.ballast"],
      4 * mebibyte,
    ]);
  });

  test("makeBallast() leaves nothing of one that could not be created", () => {
    const { system } = mountStore({
      faults: [{ call: "rename", errno: "EIO" }],
    });
    expect(() => makeBallast(system, { path, type: "xfs" })).toThrow();
    expect(system.list("/store")).toEqual([]);
  });
});

describe("ensureRoom()", () => {
  test("ensureRoom() leaves a ballast alone where there is room besides", () => {
    const { system, fill } = mountStore();
    makeBallast(system, { path, type: "xfs" });
    fill(4 * mebibyte);
    ensureRoom(system, wanted);
    expect(readBallast(system, path)).toBe(4 * mebibyte);
  });

  test("ensureRoom() releases a ballast where less than that is left", () => {
    const { system, fill } = mountStore();
    makeBallast(system, { path, type: "xfs" });
    fill(4 * mebibyte - 4096);
    ensureRoom(system, wanted);
    expect([system.list("/store"), system.room("/store").freeBytes]).toEqual([
      ["fill"],
      8 * mebibyte - 4096,
    ]);
  });

  test("ensureRoom() removes a ballast that cannot be cut off", () => {
    const { system, fill } = mountStore({
      faults: [{ call: "truncate", naming: path, errno: "ENOSPC" }],
    });
    makeBallast(system, { path, type: "xfs" });
    fill(0);
    ensureRoom(system, wanted);
    expect(system.list("/store")).toEqual(["fill"]);
  });

  test("ensureRoom() fails where no ballast is left, and says what to do", () => {
    const { system, fill } = mountStore();
    fill(4096);
    expect(() => ensureRoom(system, wanted)).toThrow(
      'Cannot keep changes on "/store": the store is full (4.0 KiB free, no ballast left); delete something',
    );
  });

  test("ensureRoom() takes nothing else for a ballast", () => {
    const { system, fill } = mountStore();
    system.makeDirectory(path);
    system.writeFile("/store/victim", "x".repeat(8192));
    fill(4096);
    expect(() => ensureRoom(system, wanted)).toThrow(/the store is full/);
    system.removeDirectory(path);
    system.makeLink(path, "victim");
    expect(() => ensureRoom(system, wanted)).toThrow(/the store is full/);
    expect(system.list("/store")).toEqual(["backstore.ballast", "fill", "victim"]);
  });
});
