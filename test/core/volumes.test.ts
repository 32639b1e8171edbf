import { describe, expect, test } from "vitest";
import type { Device } from "../../src/core/device.ts";
import { listVolumes } from "../../src/core/volumes.ts";
import { device, partition } from "./devices.ts";

interface Case {
  readonly name: string;
  readonly devices: readonly Device[];
  readonly expected: readonly string[];
}

const cases: readonly Case[] = [
  { name: "nothing of nothing", devices: [], expected: [] },
  {
    name: "every device that shows something of its own",
    devices: [
      device("/dev/sda"),
      partition("/dev/sda", 1, { type: "ext4", uuid: "a" }),
      partition("/dev/sda", 2, { type: "ext4", uuid: "b" }),
    ],
    expected: ["/dev/sda", "/dev/sda1", "/dev/sda2"],
  },
  {
    name: "the partition, and not the disk that shows the same volume",
    devices: [
      device("/dev/sda", { type: "iso9660", uuid: "a" }),
      partition("/dev/sda", 1, { type: "iso9660", uuid: "a" }),
    ],
    expected: ["/dev/sda1"],
  },
  {
    name: "the first member of one btrfs",
    devices: [
      device("/dev/sda", { type: "btrfs", uuid: "a", memberUuid: "1" }),
      device("/dev/sdb", { type: "btrfs", uuid: "a", memberUuid: "2" }),
    ],
    expected: ["/dev/sda"],
  },
  {
    name: "both copies of one file system, which nobody can tell apart",
    devices: [
      device("/dev/sda", { type: "btrfs", uuid: "a", memberUuid: "1" }),
      device("/dev/sdb", { type: "btrfs", uuid: "a", memberUuid: "1" }),
      device("/dev/sdc", { type: "ext4", uuid: "a" }),
      device("/dev/sdd", { type: "ext4", uuid: "a" }),
    ],
    expected: ["/dev/sda", "/dev/sdb", "/dev/sdc", "/dev/sdd"],
  },
];

describe("listVolumes()", () => {
  for (const { name, devices, expected } of cases)
    test(`listVolumes() lists ${name}`, () =>
      expect(listVolumes(devices).map(({ path }) => path)).toEqual(expected));
});
