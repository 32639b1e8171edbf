// Undo files as e2fsck and resize2fs write them: everything that a tool has changed is in the
// ranges that are read from its file. The files themselves are the oracle.
import { copyFileSync, existsSync, readFileSync, rmSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Range } from "../../src/core/bytes/ranges.ts";
import { readUndoRanges } from "../../src/core/resize/undo-file.ts";
import { newImage, withReader } from "./images.ts";
import { run, temporaryDirectory, tryRun } from "./programs.ts";

const directory = temporaryDirectory();
const undo = join(directory, "undo");
const before = join(directory, "before.img");
const blockBytes = 1024;

/** Lists the blocks of 1 KiB in which two files differ, up to the end of the shorter one. */
function differences(one: Buffer, other: Buffer): number[] {
  const blocks: number[] = [];
  for (let at = 0; at < Math.min(one.length, other.length); at += blockBytes) {
    const [a, b] = [one, other].map((file) => file.subarray(at, at + blockBytes));
    if (a && b && !a.equals(b)) blocks.push(at / blockBytes);
  }
  return blocks;
}

function isIn(ranges: readonly Range[], block: number): boolean {
  const at = block * blockBytes;
  return ranges.some(({ offset, bytes }) => offset <= at && at < offset + bytes);
}

const layouts: readonly (readonly [string, readonly string[]])[] = [
  ["ext4", ["-b", "4096"]],
  ["ext4 with blocks of 1 KiB", ["-b", "1024"]],
  ["ext3", ["-t", "ext3", "-b", "1024"]],
  ["ext2 with blocks of 2 KiB", ["-t", "ext2", "-b", "2048"]],
  ["ext4 with 64-bit descriptors and checksums", ["-O", "64bit,metadata_csum", "-b", "1024"]],
];
const calls: readonly (readonly [string, readonly string[], string | undefined])[] = [
  ["e2fsck", ["e2fsck", "-f", "-p", "-z", undo], undefined],
  ["resize2fs to a larger size", ["resize2fs", "-z", undo], "80M"],
  ["resize2fs to a smaller size", ["resize2fs", "-z", undo], "16M"],
];

describe("readUndoRanges() gives all that was changed by", () => {
  for (const [tool, argv, size] of calls) {
    for (const [layout, options] of layouts) {
      test(`${tool} in ${layout}`, () => {
        const image = newImage(directory, "image", 32);
        run(["mkfs.ext4", "-q", "-F", ...options, image]);
        // A check sets it to 0.
        run(["tune2fs", "-C", "5", image]);
        rmSync(undo, { force: true });
        copyFileSync(image, before);
        if (size !== undefined)
          truncateSync(image, Math.max(32, Number.parseInt(size, 10)) * 2 ** 20);
        const ended = tryRun([
          "env",
          "UNIX_IO_NOZEROOUT=1",
          ...argv,
          image,
          ...(size === undefined ? [] : [size]),
        ]);
        expect(ended.status).toBe(0);
        expect(existsSync(undo)).toBe(true);
        const ranges = withReader(undo, (read, bytes) => readUndoRanges(read, bytes));
        const changed = differences(readFileSync(before), readFileSync(image));
        expect(changed.length).toBeGreaterThan(0);
        expect(changed.filter((block) => !isIn(ranges, block))).toEqual([]);
        // What is beyond the old end is also theirs, except for zeros.
        const behind = readFileSync(image).subarray(statSync(before).size);
        const written = differences(behind, Buffer.alloc(behind.length));
        const first = statSync(before).size / blockBytes;
        expect(written.filter((block) => !isIn(ranges, first + block))).toEqual([]);
        expect(tryRun(["e2fsck", "-f", "-n", image]).status).toBe(0);
      });
    }
  }
});
