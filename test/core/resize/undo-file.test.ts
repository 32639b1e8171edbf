// Undo files built by hand; test/tools/undo-file.test.ts compares with what the tools write.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readUndoRanges } from "../../../src/core/resize/undo-file.ts";
import { Failure } from "../../../src/core/text/failure.ts";

const blockBytes = 1024;
const keysOfBlock = blockBytes / 16 - 1;

function makeUndo(
  keys: readonly (readonly [block: number, bytes: number])[],
  patch: (view: DataView) => void = () => {},
): Uint8Array {
  const blocks = keys.reduce((sum, [, bytes]) => sum + Math.ceil(bytes / blockBytes), 0);
  const keyBlocks = Math.ceil(keys.length / keysOfBlock);
  const file = new Uint8Array((2 + keyBlocks + blocks) * blockBytes);
  const view = new DataView(file.buffer);
  file.set(new TextEncoder().encode("E2UNDO02"));
  view.setBigUint64(8, BigInt(keys.length), true);
  view.setBigUint64(16, 1n, true);
  view.setBigUint64(24, 2n, true);
  view.setUint32(32, blockBytes, true);
  let block = 2;
  let at = 0;
  for (const [index, [number, bytes]] of keys.entries()) {
    if (index % keysOfBlock === 0) {
      at = block * blockBytes;
      view.setUint32(at, 0xcadecade, true);
      block += 1;
    }
    at += 16;
    view.setBigUint64(at, BigInt(number), true);
    view.setUint32(at + 12, bytes, true);
    block += Math.ceil(bytes / blockBytes);
  }
  patch(view);
  return file;
}

function read(file: Uint8Array) {
  return readUndoRanges((offset, length) => file.subarray(offset, offset + length), file.length);
}

test("readUndoRanges() gives what the keys name, merged", () => {
  expect(read(makeUndo([]))).toEqual([]);
  expect(
    read(
      makeUndo([
        [7, 1024],
        [2, 3072],
        [8, 1000],
      ]),
    ),
  ).toEqual([
    { offset: 2048, bytes: 3072 },
    { offset: 7168, bytes: 2024 },
  ]);
});

test("readUndoRanges() goes on behind the blocks of the first keys", () => {
  const keys = Array.from(
    { length: 3 * keysOfBlock + 1 },
    (_, index) => [2 * index, 1024] as const,
  );
  expect(read(makeUndo(keys))).toHaveLength(keys.length);
});

describe("readUndoRanges() refuses what the tools do not write", () => {
  const good = [[1, 1024]] as const;
  const cases: readonly (readonly [string, (view: DataView) => void])[] = [
    ["another magic", (view) => view.setUint8(7, 0x31)],
    ["a size of blocks that is no power of two", (view) => view.setUint32(32, 1000, true)],
    ["blocks without size", (view) => view.setUint32(32, 0, true)],
    ["more keys than the file has room for", (view) => view.setUint32(8, 1e6, true)],
    ["keys beyond the end", (view) => view.setUint32(24, 1e6, true)],
    ["no block of keys where one should be", (view) => view.setUint32(2048, 1, true)],
    ["a file system that does not begin at 0", (view) => view.setUint32(56, 1, true)],
    ["a block beyond what a number holds", (view) => view.setUint32(2048 + 20, 2 ** 31, true)],
  ];
  for (const [title, patch] of cases)
    test(title, () => expect(() => read(makeUndo(good, patch))).toThrow(Failure));
  test("a file that ends early", () => {
    expect(() => read(makeUndo(good).subarray(0, 40))).toThrow(Failure);
    expect(() => read(makeUndo(good).subarray(0, 2500))).toThrow(Failure);
  });
});

test("readUndoRanges() ends, with ranges or a Failure, whatever it reads", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(5000), fc.nat(255)), { maxLength: 20 }), (bytes) => {
      const file = makeUndo([
        [1, 1024],
        [9, 4096],
        [3, 10],
      ]);
      for (const [at, value] of bytes) file[at % file.length] = value;
      try {
        for (const { bytes: length } of read(file)) expect(length).toBeGreaterThan(0);
      } catch (error) {
        expect(error).toBeInstanceOf(Failure);
      }
    }),
  );
});
