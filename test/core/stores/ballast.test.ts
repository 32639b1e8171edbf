import { describe, expect, test } from "vitest";
import {
  chooseBallastBytes,
  chooseNewBallast,
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
    ["less is free", "xfs", 40 * mebibyte - 1, 0, undefined],
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
