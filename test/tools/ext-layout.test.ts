// The used blocks of ext2, ext3 and ext4, compared with debugfs's list of the files in them.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sumRanges } from "../../src/core/bytes/ranges.ts";
import { findMovingData, readExtLayout, readUsedRanges } from "../../src/core/resize/ext-layout.ts";
import { newImage, withReader } from "./images.ts";
import { run, temporaryDirectory } from "./programs.ts";

const directory = temporaryDirectory();
const files = join(directory, "files");
mkdirSync(files);
for (let number = 0; number < 40; number++)
  writeFileSync(join(files, `f${number}`), Buffer.alloc(number * 9000 + 1, number));

const layouts: readonly (readonly [string, readonly string[]])[] = [
  ["ext4", ["-b", "4096"]],
  ["blocks of 1 KiB in small groups", ["-b", "1024", "-g", "2048"]],
  ["ext2", ["-t", "ext2", "-b", "2048"]],
  ["64-bit descriptors and checksums", ["-O", "64bit,metadata_csum", "-b", "1024"]],
  ["groups whose bitmaps were never written", ["-O", "uninit_bg,^metadata_csum", "-b", "1024"]],
];

describe("readUsedRanges() has every block of every file, and no free one", () => {
  for (const [name, options] of layouts) {
    test(name, () => {
      const image = newImage(directory, "image", 48);
      run(["mkfs.ext4", "-q", "-F", "-d", files, ...options, image]);
      withReader(image, (read) => {
        const layout = readExtLayout(read);
        if (layout === undefined) throw new Error("the layout was not read");
        const used = new Set<number>();
        for (const { offset, bytes } of readUsedRanges(read, layout, 0) ?? [])
          for (let at = offset; at < offset + bytes; at += layout.blockBytes)
            used.add(at / layout.blockBytes);
        const own = Array.from({ length: 40 }, (_, number) =>
          run(["debugfs", "-R", `blocks /f${number}`, image])
            .trim()
            .split(/\s+/),
        )
          .flat()
          .filter((block) => block !== "");
        expect(own.length).toBeGreaterThan(300);
        expect(own.filter((block) => !used.has(Number(block)))).toEqual([]);
        const free = [...run(["dumpe2fs", image]).matchAll(/^ {2}Free blocks: (.*)$/gm)]
          .flatMap(([, list = ""]) => list.split(", "))
          .filter((part) => part !== "")
          .flatMap((part) => {
            const [from = 0, to = from] = part.split("-").map(Number);
            return Array.from({ length: to - from + 1 }, (_, at) => from + at);
          });
        expect(free.length).toBeGreaterThan(1000);
        expect(free.filter((block) => used.has(block))).toEqual([]);
        const half = readUsedRanges(read, layout, 24 * 2 ** 20) ?? [];
        expect(half.every(({ offset }) => offset >= 24 * 2 ** 20)).toBe(true);
        expect(sumRanges(half)).toBeLessThan(used.size * layout.blockBytes);
      });
    });
  }
});

describe("findMovingData() says from where on data moves", () => {
  const mebibyte = 2 ** 20;
  const cases: readonly (readonly [string, readonly string[], number, number | undefined])[] = [
    ["nothing for a larger size with room for descriptors", ["-b", "4096"], 900, undefined],
    ["the end for a smaller size", ["-b", "4096"], 20, 20 * mebibyte],
    ["everything without such room", ["-b", "1024", "-O", "^resize_inode"], 900, 0],
    ["everything with descriptors in each group", ["-O", "meta_bg,^resize_inode"], 900, 0],
    ["everything with clusters", ["-O", "bigalloc"], 20, 0],
  ];
  for (const [name, options, megabytes, from] of cases) {
    test(name, () => {
      const image = newImage(directory, "image", 48);
      run(["mkfs.ext4", "-q", "-F", ...options, image]);
      const layout = withReader(image, (read) => readExtLayout(read));
      if (layout === undefined) throw new Error("the layout was not read");
      expect(findMovingData(layout, megabytes * mebibyte)).toBe(from);
    });
  }
});
