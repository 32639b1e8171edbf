import { describe, expect, test } from "vitest";
import {
  checkKeptRoom,
  checkStoreBytes,
  chooseStoreBytes,
} from "../../../src/core/exchange/plan-keep.ts";

const mebibyte = 2 ** 20;
const cannot = "Cannot keep this session";

describe("chooseStoreBytes()", () => {
  for (const [bytes, mebibytes] of [
    [0, 256],
    [128 * mebibyte, 256],
    [128 * mebibyte + 1, 257],
    [1000 * mebibyte, 2000],
  ] as const)
    test(`chooses ${mebibytes} MiB for ${bytes} bytes`, () => {
      expect(chooseStoreBytes({ entries: 1, bytes })).toBe(mebibytes * mebibyte);
    });
});

describe("checkStoreBytes()", () => {
  test("refuses a size that cannot be enough, and names one that is", () => {
    const totals = { entries: 1, bytes: 200 * mebibyte };
    expect(() => checkStoreBytes(totals, 200 * mebibyte, cannot)).toThrow(
      expect.objectContaining({
        code: "no-room",
        message: `${cannot}: a store of 200.0 MiB has no room for the 200.0 MiB that this session holds`,
        hint: "choose a size of 400MiB, or keep only some paths with --only",
      }),
    );
    expect(() => checkStoreBytes(totals, 200 * mebibyte + 1, cannot)).not.toThrow();
  });
});

describe("checkKeptRoom()", () => {
  const room = {
    totalBytes: 100 * mebibyte,
    availableBytes: 10 * mebibyte,
    freeBytes: 10 * mebibyte,
    totalInodes: 100,
    freeInodes: 10,
  };
  const cases: readonly (readonly [type: string, entries: number, bytes: number, says?: string])[] =
    [
      ["ext4", 10, 10 * mebibyte],
      ["ext4", 10, 10 * mebibyte + 1, "this session holds 10.0 MiB, and only 10.0 MiB is free"],
      [
        "ext4",
        11,
        mebibyte,
        "this session holds 11 files and directories, and there is room for only 10 more",
      ],
      ["xfs", 11, mebibyte],
      ["btrfs", 11, 10 * mebibyte + 1, "this session holds 10.0 MiB"],
    ];
  for (const [type, entries, bytes, says] of cases)
    test(`${says === undefined ? "accepts" : "refuses"} ${entries} entries of ${bytes} bytes on ${type}`, () => {
      const check = () => checkKeptRoom({ entries, bytes }, { type, room }, cannot);
      if (says === undefined) check();
      else
        expect(check).toThrow(
          expect.objectContaining({ code: "no-room", message: expect.stringContaining(says) }),
        );
    });
});
