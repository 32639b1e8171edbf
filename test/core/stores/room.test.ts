import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  checkRoom,
  isRoomSeen,
  measureFilling,
  measureUsable,
  usableBytes,
  usedPercent,
} from "../../../src/core/stores/room.ts";

const room = (totalBytes: number, freeBytes: number, availableBytes = freeBytes) => ({
  totalBytes,
  freeBytes,
  availableBytes,
});
const kib = 1024;

describe("usableBytes()", () => {
  // The results of statfs(2) for full file systems (docs/decisions/0021), and for others like them.
  const cases = [
    ["nothing of a full ext4", "ext4", room(56037 * kib, 1310 * kib, 0), 0],
    ["nothing of a full large ext4", "ext4", room(293282 * 4 * kib, 16384 * kib, 0), 0],
    ["what ext4 keeps for root", "ext4", room(1000 * kib, 500 * kib, 450 * kib), 475 * kib],
    ["what ext4 says to be available, where that is more", "ext4", room(1000, 500, 495), 495],
    ["all that is free in ext2", "ext2", room(60138 * kib, 64 * kib), 64 * kib],
    ["all that is free in xfs", "xfs", room(60416, 46, 46), 46],
    ["nothing of a full btrfs", "btrfs", room(65536, 17672, 0), 0],
    ["what is available of btrfs", "btrfs", room(65536, 18696, 1024), 1024],
    ["all that is free in memory", "tmpfs", room(1000, 500, 500), 500],
    ["no less than nothing", "ext4", room(1000, 10, 0), 0],
  ] as const;
  for (const [what, type, given, bytes] of cases) {
    test(`usableBytes() gives ${what}`, () => {
      expect(usableBytes(type, given)).toBe(bytes);
    });
  }
});

test("isRoomSeen() is false for btrfs alone", () => {
  expect(["ext4", "xfs", "btrfs", "f2fs"].map(isRoomSeen)).toEqual([true, true, false, true]);
});

describe("measureUsable()", () => {
  test("measureUsable() takes a ballast for neither used nor free", () => {
    expect(measureUsable("xfs", room(1000, 300), 100)).toEqual({
      totalBytes: 900,
      usedBytes: 600,
    });
  });

  test("measureUsable() is full where nothing can be written, whatever is said to be free", () => {
    expect(measureUsable("btrfs", room(65536, 17672, 0), 1024)).toEqual({
      totalBytes: 46840,
      usedBytes: 46840,
    });
  });

  test("measureUsable() never tells of less than nothing, nor of more used than there is", () => {
    const sizes = fc.tuple(
      fc.constantFrom("ext4", "ext2", "xfs", "btrfs", "f2fs", "tmpfs", ""),
      fc.nat(2 ** 40),
      fc.nat(2 ** 40),
      fc.nat(2 ** 40),
      fc.nat(2 ** 30),
    );
    fc.assert(
      fc.property(sizes, ([type, total, free, available, ballast]) => {
        const measured = measureUsable(type, room(total, free, available), ballast);
        expect(measured.usedBytes).toBeGreaterThanOrEqual(0);
        expect(measured.totalBytes).toBeGreaterThanOrEqual(measured.usedBytes);
      }),
    );
  });
});

const minute = 60_000;

describe("measureFilling()", () => {
  const before = { totalBytes: 1000, usedBytes: 100, measured: 5000 };
  const cases = [
    ["what came", { usedBytes: 300, measured: 5000 + 20 * minute }, 200, 20 * minute, 70 * minute],
    ["what went", { usedBytes: 60, measured: 5000 + 20 * minute }, -40, 20 * minute, undefined],
    [
      "that nothing came",
      { usedBytes: 100, measured: 5000 + 20 * minute },
      0,
      20 * minute,
      undefined,
    ],
    [
      "no rate from the first minutes",
      { usedBytes: 300, measured: 5000 + minute },
      200,
      minute,
      undefined,
    ],
    ["no time that is negative", { usedBytes: 300, measured: 4000 }, 200, 0, undefined],
    [
      "that nothing is left",
      { usedBytes: 1000, measured: 5000 + 20 * minute },
      900,
      20 * minute,
      0,
    ],
  ] as const;
  for (const [what, now, moreBytes, elapsedMs, fullInMs] of cases) {
    test(`measureFilling() tells ${what}`, () => {
      expect(measureFilling(before, { ...before, ...now })).toEqual({
        moreBytes,
        elapsedMs,
        fullInMs,
      });
    });
  }

  test("measureFilling() counts the room of a store that grew meanwhile", () => {
    const now = { totalBytes: 2000, usedBytes: 200, measured: 5000 + 20 * minute };
    expect(measureFilling(before, now).fullInMs).toBe(360 * minute);
  });
});

test("usedPercent() rounds down and ends at 100", () => {
  const percents = [
    [0, 0],
    [849, 84],
    [999, 99],
    [1000, 100],
    [1500, 100],
  ].map(([usedBytes = 0]) => usedPercent({ totalBytes: 1000, usedBytes }));
  expect(percents).toEqual([0, 84, 99, 100, 100]);
  expect(usedPercent({ totalBytes: 0, usedBytes: 0 })).toBe(100);
});

describe("checkRoom()", () => {
  const mebibyte = 2 ** 20;
  const cases = [
    ["nothing below 85 percent", 849, "store", []],
    [
      "a warning from 85 percent on",
      850,
      "store",
      [{ level: "warning", message: "The store is 85 % full: 150.0 MiB of 1000.0 MiB left" }],
    ],
    [
      "a warning below 95 percent",
      949,
      "memory",
      [
        {
          level: "warning",
          message: "The memory for changes is 94 % full: 51.0 MiB of 1000.0 MiB left",
        },
      ],
    ],
    [
      "an error from 95 percent on",
      950,
      "store",
      [{ level: "error", message: "The store is 95 % full: 50.0 MiB of 1000.0 MiB left" }],
    ],
    [
      "an error when it is full",
      1000,
      "store",
      [{ level: "error", message: "The store is 100 % full: 0 B of 1000.0 MiB left" }],
    ],
  ] as const;
  for (const [what, used, owner, findings] of cases) {
    test(`checkRoom() gives ${what}`, () => {
      const room = { totalBytes: 1000 * mebibyte, usedBytes: used * mebibyte };
      const told = checkRoom(room, owner).map(({ level, message }) => ({ level, message }));
      expect(told).toEqual(findings);
    });
  }
});

describe("checkRoom() counts inodes", () => {
  const room = { totalBytes: 1000, usedBytes: 0 };
  const cases = [
    [84, []],
    [85, ["warning: The store is 85 % full: inodes for 15 of 100 files left"]],
    [95, ["error: The store is 95 % full: inodes for 5 of 100 files left"]],
    [100, ["error: The store is 100 % full: inodes for 0 of 100 files left"]],
  ] as const;
  for (const [usedInodes, expected] of cases)
    test(`${usedInodes} of 100`, () => {
      const found = checkRoom({ ...room, totalInodes: 100, usedInodes }, "store");
      expect(found.map(({ level, message }) => `${level}: ${message}`)).toEqual(expected);
    });

  test("beside bytes, and not where there is no table of them", () => {
    const full = { totalBytes: 100, usedBytes: 90, totalInodes: 100, usedInodes: 90 };
    expect(checkRoom(full, "store").map(({ lacks }) => lacks)).toEqual(["bytes", "inodes"]);
    expect(checkRoom(room, "store")).toEqual([]);
  });
});

test("measureUsable() counts inodes where a file system has a table of them", () => {
  const kernel = { ...room(1000, 500), totalInodes: 100, freeInodes: 25 };
  expect(measureUsable("ext4", kernel, 0)).toMatchObject({ totalInodes: 100, usedInodes: 75 });
  for (const type of ["xfs", "btrfs", "f2fs"])
    expect(measureUsable(type, kernel, 0)).not.toHaveProperty("totalInodes");
});
