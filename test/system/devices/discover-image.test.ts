// Partitions of an image: as many as the kernel would take, and the others named once.
import { expect, test } from "vitest";
import { discoverImage } from "../../../src/system/devices/discover-devices.ts";
import * as formats from "../../support/formats.ts";
import { file } from "../../support/memory/entry.ts";
import { createMemory } from "../../support/memory.ts";

test("discoverImage() lists 255 partitions that overlap, and names the rest once", () => {
  const entries = Array.from({ length: 1000 }, () => ({ first: 400, last: 999, name: "same" }));
  const image = formats.gpt(2000, entries);
  const { system } = createMemory({ files: { image: file(image) } });
  const devices = discoverImage(system, "/image");
  expect(devices).toHaveLength(1 + 255 + 1);
  expect(devices.at(-1)).toMatchObject({
    path: "/image#256",
    problem: "it and 744 more were left out: the kernel takes 255 partitions of a disk",
  });
  expect(devices.filter(({ problem }) => problem !== undefined)).toHaveLength(1);
});
