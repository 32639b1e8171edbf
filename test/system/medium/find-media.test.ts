// Looking for media among many devices: what one disk holds keeps no other from being looked into.
import { expect, test } from "vitest";
import { type Device, unknownDevice } from "../../../src/core/devices/device.ts";
import { type MediumFinding, unknownMedium } from "../../../src/core/medium/medium.ts";
import { findMedia } from "../../../src/system/medium/find-media.ts";

const disk = (name: string): Device => ({
  ...unknownDevice(`/dev/${name}`, 1 << 20),
  disk: undefined,
});
const parts = (name: string, count: number): Device[] =>
  Array.from({ length: count }, (_, at) => ({
    ...unknownDevice(`/dev/${name}${at + 1}`, 1 << 20),
    disk: `/dev/${name}`,
    partition: at + 1,
  }));
const none = (): MediumFinding => ({ reason: "no known live system is on it" });
const some = (device: Device): MediumFinding => ({ medium: unknownMedium(device) });

test("findMedia() looks into 32 partitions of a disk, and into the next disk", () => {
  const devices = [...parts("sda", 255), disk("sdb"), ...parts("sdc", 2)];
  const { looked, leftOut } = findMedia(devices, none);
  expect(looked.slice(-4).map(({ device }) => device.path)).toEqual([
    "/dev/sda32",
    "/dev/sdb",
    "/dev/sdc1",
    "/dev/sdc2",
  ]);
  expect(leftOut).toHaveLength(255 - 32);
});

test("findMedia() keeps 16 media, and looks into nothing after that", () => {
  const { found, looked, leftOut } = findMedia(
    Array.from({ length: 40 }, (_, at) => disk(`vd${at}`)),
    some,
  );
  expect([found.length, looked.length, leftOut.length]).toEqual([16, 16, 24]);
});
