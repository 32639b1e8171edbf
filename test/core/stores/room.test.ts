import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isRoomSeen, measureUsable, usableBytes } from "../../../src/core/stores/room.ts";

const room = (totalBytes: number, freeBytes: number, availableBytes = freeBytes) => ({
  totalBytes,
  freeBytes,
  availableBytes,
});
const kib = 1024;

describe("usableBytes()", () => {
  // What statfs(2) said of file systems that took nothing more (docs/decisions/0021), and of others like them.
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
