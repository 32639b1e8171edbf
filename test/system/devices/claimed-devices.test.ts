// Disks that the device mapper has for itself.
import { expect, test } from "vitest";
import { discoverDevices } from "../../../src/system/devices/discover-devices.ts";
import * as formats from "../../support/formats.ts";
import { plainContent } from "../../support/memory/content.ts";
import { createMemory } from "../../support/memory.ts";

test("discoverDevices() tells a disk that the device mapper has, with its partitions", () => {
  const content = plainContent(formats.ext("ext4", "data"));
  const partitions = [{ number: 1, offset: 0, bytes: content.length }];
  const { system } = createMemory({
    disks: [
      { name: "sda", content, partitions, sys: { holders: { "dm-0": "" } } },
      { name: "sdb", content, partitions, sys: { holders: { bcache0: "" } } },
    ],
  });
  const claimed = discoverDevices(system).filter(({ isClaimed }) => isClaimed);
  expect(claimed.map(({ path }) => path)).toEqual(["/dev/sda", "/dev/sda1"]);
});
