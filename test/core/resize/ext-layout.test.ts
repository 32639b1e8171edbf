// What is believed of a superblock's geometry; test/tools/ext-layout.test.ts compares the rest with
// real tools.
import { expect, test } from "vitest";
import { readExtLayout } from "../../../src/core/resize/ext-layout.ts";
import * as formats from "../../support/formats.ts";

const groupsAtMost = 2 ** 18;

for (const [groups, isRead] of [
  [groupsAtMost, true],
  [groupsAtMost + 1, false],
  [2 ** 28, false],
] as const)
  test(`readExtLayout() ${isRead ? "believes" : "does not believe"} ${groups} block groups`, () => {
    const image = formats.write(
      formats.ext("ext2"),
      1024,
      ["u32le", 0x04, groups * 8],
      ["u32le", 0x20, 8],
    );
    expect(readExtLayout((at, length) => image.subarray(at, at + length)) !== undefined).toBe(
      isRead,
    );
  });
