// The free space of a store, on file systems in memory.

import { describe, expect, test } from "vitest";
import type { System } from "../../../src/system/port/system.ts";
import { makeBallast } from "../../../src/system/steps/room-steps.ts";
import { inspectRoom, measureRoom } from "../../../src/system/stores/measure-room.ts";
import { mebibyte, mountStore } from "../../support/mounted-store.ts";

const path = "/store/backstore.ballast";

test("inspectRoom() tells of the room and of what a ballast would give", () => {
  const { system } = mountStore();
  makeBallast(system, { path, type: "xfs" });
  expect(inspectRoom(system, { root: "/store", directory: "", type: "xfs" })).toEqual({
    totalBytes: 64 * mebibyte,
    usableBytes: 60 * mebibyte,
    ballastBytes: 4 * mebibyte,
  });
  expect(inspectRoom(system, { root: "/store", directory: "kept", type: "xfs" })).toMatchObject({
    ballastBytes: 0,
  });
});

describe("measureRoom()", () => {
  const measure = (system: System, directory = "/store") => {
    const { totalBytes, usedBytes } = measureRoom(system, {
      path: "/store",
      type: "xfs",
      directory,
    })!;
    return [totalBytes, usedBytes];
  };

  test("measureRoom() counts a ballast neither as used nor as room", () => {
    const { system, fill } = mountStore();
    makeBallast(system, { path, type: "xfs" });
    expect(measure(system)).toEqual([60 * mebibyte, 0]);
    fill(0);
    expect(measure(system)).toEqual([60 * mebibyte, 60 * mebibyte]);
  });

  test("measureRoom() takes a ballast that may not be seen for used", () => {
    const { system } = mountStore({
      faults: [{ call: "linkStatus", naming: path, errno: "EACCES" }],
    });
    system.createFile(path);
    system.allocate(path, 0, 4 * mebibyte);
    expect(measure(system)).toEqual([64 * mebibyte, 4 * mebibyte]);
  });

  test("measureRoom() tells nothing of a place that is not there", () => {
    const { system } = mountStore();
    expect(measureRoom(system, { path: "/gone", type: "xfs", directory: "/gone" })).toBe(undefined);
  });
});
