import { describe, expect, test } from "vitest";
import type { Device } from "../../../src/core/devices/device.ts";
import {
  isBase,
  isOnSameDisk,
  listVolumes,
  showsSameVolume,
} from "../../../src/core/devices/volumes.ts";
import { device, partition } from "../../support/devices.ts";

describe("listVolumes()", () => {
  const iso = { type: "iso9660", uuid: "2026" };
  const ext4 = { type: "ext4", uuid: "aa" };
  const sized = { ...ext4, innerBytes: 400 };
  const raid = { type: "btrfs", uuid: "aa" };
  const cases: readonly (readonly [is: string, devices: readonly Device[], listed: string[]])[] = [
    ["nothing of nothing", [], []],
    [
      "file systems that have nothing in common",
      [device("/dev/sda", { type: "ext4", uuid: "aa" }), device("/dev/sdb", { type: "ext4" })],
      ["/dev/sda", "/dev/sdb"],
    ],
    [
      "the partition rather than the disk that shows the same",
      [device("/dev/sda", iso), partition("/dev/sda", 1, iso)],
      ["/dev/sda1"],
    ],
    [
      "both of two that say nothing to tell them by",
      [device("/dev/sda", { type: "vfat" }), partition("/dev/sda", 1, { type: "vfat" })],
      ["/dev/sda", "/dev/sda1"],
    ],
    [
      "the first member of one btrfs",
      [
        device("/dev/sda", { ...raid, memberUuid: "1" }),
        device("/dev/sdb", { ...raid, memberUuid: "2" }),
      ],
      ["/dev/sda"],
    ],
    [
      "every member where one is there twice",
      [
        device("/dev/sda", { ...raid, memberUuid: "1" }),
        device("/dev/sdb", { ...raid, memberUuid: "2" }),
        device("/dev/sdc", { ...raid, memberUuid: "2" }),
      ],
      ["/dev/sda", "/dev/sdb", "/dev/sdc"],
    ],
    [
      "one of several partitions at one start, the largest",
      [
        device("/dev/sda", ext4),
        partition("/dev/sda", 1, { ...ext4, start: 0, bytes: 100 }),
        partition("/dev/sda", 2, { ...ext4, start: 0, bytes: 300 }),
        partition("/dev/sda", 3, { ...ext4, start: 0, bytes: 300 }),
      ],
      ["/dev/sda2"],
    ],
    [
      "the disk, where its partitions are too small for the file system",
      [
        device("/dev/sda", { ...sized, bytes: 400 }),
        partition("/dev/sda", 1, { ...sized, start: 0, bytes: 100 }),
        partition("/dev/sda", 2, { ...sized, start: 0, bytes: 300 }),
      ],
      ["/dev/sda"],
    ],
    [
      "both of two partitions with copies, at different starts or on different disks",
      [
        partition("/dev/sda", 1, { ...ext4, start: 512 }),
        partition("/dev/sda", 2, { ...ext4, start: 1024 }),
        partition("/dev/sdb", 1, { ...ext4, start: 512 }),
      ],
      ["/dev/sda1", "/dev/sda2", "/dev/sdb1"],
    ],
    [
      "both of two partitions at one start that show different file systems",
      [
        partition("/dev/sda", 1, { ...ext4, start: 512 }),
        partition("/dev/sda", 2, { type: "vfat", uuid: "bb", start: 512 }),
      ],
      ["/dev/sda1", "/dev/sda2"],
    ],
    [
      "one member of a btrfs that a table shows twice, and so one of all",
      [
        partition("/dev/sda", 1, { ...raid, memberUuid: "1", start: 512 }),
        partition("/dev/sda", 2, { ...raid, memberUuid: "1", start: 512 }),
        device("/dev/sdb", { ...raid, memberUuid: "2" }),
      ],
      ["/dev/sda1"],
    ],
    [
      "both of a disk and its copy",
      [
        device("/dev/sda", { type: "ext4", uuid: "a" }),
        device("/dev/sdb", { type: "ext4", uuid: "a" }),
      ],
      ["/dev/sda", "/dev/sdb"],
    ],
  ];
  for (const [is, devices, listed] of cases) {
    test(`listVolumes() lists ${is}`, () => {
      expect(listVolumes(devices).map(({ path }) => path)).toEqual(listed);
    });
  }
});

test("isBase() knows the compressed images that systems run from", () => {
  expect(["squashfs", "erofs", "iso9660", "ext4"].map(isBase)).toEqual([true, true, false, false]);
});

describe("showsSameVolume()", () => {
  const iso = { type: "iso9660", label: "RESCUE", uuid: "2026-01-31-10-20-30-00" };
  const stick = device("/dev/sdb", { ...iso, removable: true });
  const stick1 = partition("/dev/sdb", 1, { ...iso, removable: true });
  const inner = device("/dev/sda", { type: "ext4", label: "RESCUE" });
  const inner2 = partition("/dev/sda", 2, { type: "ext4" });
  const cases: readonly (readonly [is: string, one: Device, other: Device, same: boolean])[] = [
    ["a device and itself", inner, { ...inner }, true],
    ["a disk and its partition with one file system", stick, stick1, true],
    ["a disk and its partition with two file systems", inner, inner2, false],
    [
      "a disk and its partition with one UUID and two types",
      device("/dev/sdb", { type: "btrfs", uuid: "a" }),
      partition("/dev/sdb", 1, { type: "ext4", uuid: "a" }),
      false,
    ],
    ["two disks that are copies", stick, device("/dev/sdc", iso), false],
    [
      "two partitions of one disk that are copies",
      stick1,
      partition("/dev/sdb", 2, { ...iso }),
      false,
    ],
    [
      "a disk and its partition of which nothing is known",
      device("/dev/sdb"),
      partition("/dev/sdb", 1),
      false,
    ],
  ];
  for (const [is, one, other, same] of cases) {
    test(`showsSameVolume() is ${same} for ${is}`, () => {
      expect([showsSameVolume(one, other), showsSameVolume(other, one)]).toEqual([same, same]);
    });
  }
});

test("isOnSameDisk() is true for a disk and its partitions, and for no other disk", () => {
  const disk = device("/dev/sda");
  const part = partition("/dev/sda", 1);
  expect(isOnSameDisk(disk, part)).toBe(true);
  expect(isOnSameDisk(partition("/dev/sda", 2), part)).toBe(true);
  expect(isOnSameDisk(part, device("/dev/sdb"))).toBe(false);
});
