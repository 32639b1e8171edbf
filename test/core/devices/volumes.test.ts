import { describe, expect, test } from "vitest";
import type { Device } from "../../../src/core/devices/device.ts";
import { isBase, listVolumes } from "../../../src/core/devices/volumes.ts";
import { device, partition } from "../../support/devices.ts";

describe("listVolumes()", () => {
  const iso = { type: "iso9660", uuid: "2026" };
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
