// Images with more partitions than a kernel makes devices of.
import { expect, test } from "vitest";
import { discoverImage } from "../../../src/system/devices/discover-image.ts";
import * as formats from "../../support/formats.ts";
import { file } from "../../support/memory/entry.ts";
import { createMemory } from "../../support/memory.ts";

test("discoverImage() lists 255 partitions, and names what is left out once", () => {
  const entries = Array.from({ length: 400 }, (_, at) => ({
    first: 200,
    last: 299,
    name: `${at}`,
  }));
  const disk = file(formats.gpt(600, entries));
  const { system } = createMemory({ files: { disk } });
  const parts = discoverImage(system, "/disk").filter(({ partition }) => partition !== undefined);
  expect(parts).toHaveLength(256);
  expect(parts.at(-1)).toMatchObject({
    path: "/disk#256",
    problem: "it and 144 more were left out: the kernel takes 255 partitions of a disk",
  });
});
