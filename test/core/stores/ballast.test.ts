import { describe, expect, test } from "vitest";
import {
  chooseBallastBytes,
  chooseNewBallast,
  isDedicated,
  leastUsableBytes,
} from "../../../src/core/stores/ballast.ts";

const mebibyte = 2 ** 20;

describe("chooseBallastBytes()", () => {
  const cases = [
    [0, 4],
    [16, 4],
    [499, 4],
    [500, 5],
    [1024, 10],
    [6400, 64],
    [1_000_000, 64],
  ] as const;
  for (const [total, bytes] of cases) {
    test(`chooseBallastBytes() gives ${bytes} MiB of ${total} MiB`, () => {
      expect(chooseBallastBytes(total * mebibyte)).toBe(bytes * mebibyte);
    });
  }
});

describe("chooseNewBallast()", () => {
  const cases = [
    ["ten times as much is free", "xfs", 40 * mebibyte, 0, 4 * mebibyte],
    ["less is free, a small one", "xfs", 40 * mebibyte - 1, 0, mebibyte],
    ["ten times a small one is free", "ext4", 11 * mebibyte, 0, mebibyte],
    ["less than that is free", "ext4", 10 * mebibyte - 1, 0, undefined],
    ["a small one would help nobody", "btrfs", 40 * mebibyte - 1, 0, undefined],
    ["only btrfs calls it free", "btrfs", 60 * mebibyte, 60 * mebibyte, undefined],
  ] as const;
  for (const [where, type, freeBytes, metadata, bytes] of cases) {
    test(`chooseNewBallast() gives ${bytes === undefined ? "none" : "one"} where ${where}`, () => {
      const room = {
        totalBytes: 64 * mebibyte,
        freeBytes,
        availableBytes: freeBytes - metadata,
      };
      expect(chooseNewBallast(type, room)).toBe(bytes);
    });
  }
});

test("leastUsableBytes() is less than any ballast gives", () => {
  for (const type of ["ext4", "xfs", "btrfs", "f2fs"])
    expect(leastUsableBytes(type)).toBeLessThan(chooseBallastBytes(0));
});

type Listing = Readonly<Record<string, readonly string[]>>;
const usual = "persistent_RESCUE1100/x86_64";

describe("isDedicated()", () => {
  const cases: readonly (readonly [is: boolean, what: string, directory: string, Listing])[] = [
    [true, "an empty file system", usual, {}],
    [true, "what mkfs leaves", usual, { "": ["lost+found"] }],
    [true, "a store", usual, { "": ["lost+found", "persistent_RESCUE1100"] }],
    [
      true,
      "stores of other media and machines",
      usual,
      { "": ["persistent_RESCUE904", "persistent_RESCUE1100"], persistent_RESCUE1100: ["i686"] },
    ],
    [true, "a store at its top", "", { "": ["upperdir", "workdir", "backstore.json"] }],
    [true, "a ballast at its top", "", { "": ["upperdir", "workdir", "backstore.ballast"] }],
    [true, "a directory of another name", "kept", { "": ["kept", "lost+found"] }],
    [true, "a path of other names", "a/b", { "": ["a"], a: ["b"] }],
    [false, "data beside a store", usual, { "": ["persistent_RESCUE1100", "photos"] }],
    [false, "the base beside a store", usual, { "": ["persistent_RESCUE1100", "sysresccd"] }],
    [false, "data beside a store at its top", "", { "": ["upperdir", "photos"] }],
    [false, "a store's own names that are not this one's", "kept", { "": ["kept", "upperdir"] }],
    [false, "data beside a directory on the way", "a/b", { "": ["a"], a: ["b", "photos"] }],
    [false, "lost+found on the way", "a/b", { "": ["a"], a: ["b", "lost+found"] }],
  ];
  for (const [is, what, directory, listing] of cases) {
    test(`isDedicated() is ${is} for ${what}`, () => {
      expect(isDedicated(directory, (path) => listing[path] ?? [])).toBe(is);
    });
  }
});
