import { describe, expect, test } from "vitest";
import { findVersion, isOlder } from "../../../src/core/initramfs/tool-version.ts";

const files: readonly (readonly [text: string, version: string | undefined])[] = [
  ["ELF\0 usage\x001.47.0\x005-Feb-2023\0", "1.47.0"],
  ["\x001.15.0 \x002022-05-13\0", "1.15.0"],
  ["\x006.1\x006.1\0%s version %s\n\0", "6.1"],
  ["\x003.4\x004.5\0btrfs-progs v6.16.1\0", "6.16.1"],
  ["\x003.4\x004.5\0", undefined],
  ["\0version 1.2\x001\x001.\0", undefined],
  ["1.47.0", undefined],
  ["", undefined],
];

describe("findVersion()", () => {
  for (const [text, version] of files)
    test(`findVersion() finds ${version} in ${JSON.stringify(text)}`, () => {
      expect(findVersion(Buffer.from(text, "latin1"))).toBe(version);
    });

  test("findVersion() finds it behind a megabyte of anything", () => {
    const bytes = new Uint8Array(1 << 20).fill(0xff);
    expect(findVersion(Buffer.concat([bytes, Buffer.from("\x001.2.3\0")]))).toBe("1.2.3");
  });
});

test("isOlder() compares numbers, and what is missing is 0", () => {
  const older = [
    ["1.42", "1.47.0"],
    ["1.9", "1.10"],
    ["1.47", "1.47.1"],
  ] as const;
  for (const [one, other] of older)
    expect([isOlder(one, other), isOlder(other, one)]).toEqual([true, false]);
  expect([isOlder("1.47", "1.47.0"), isOlder("6.2", "6.2")]).toEqual([false, false]);
});
