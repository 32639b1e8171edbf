// An EFI partition at another place: what points to it there, and what is not touched.
import { describe, expect, test } from "vitest";
import { u16le, u32be, u32le } from "../../../src/core/bytes/fields.ts";
import type { Source } from "../../../src/core/bytes/source.ts";
import { readIso } from "../../../src/core/iso/iso-facts.ts";
import { moveEfi } from "../../../src/core/iso/move-efi.ts";
import { patchSource } from "../../../src/core/iso/patches.ts";
import { readPartitions, readTable } from "../../../src/core/superblocks/partitions.ts";
import { gpt, write, writeMbr } from "../../support/formats.ts";
import { isoImage, sourceOf } from "../../support/iso.ts";

const blockBytes = 2048;
/** The image of UEFI is at block 23 of the catalog, whose entry is the fourth of block 20. */
const move = { from: 23, to: 64, blocks: 32, end: 128 };
const entryAt = 20 * blockBytes + 96;

function imageWith(head: (image: Uint8Array) => void): Uint8Array {
  const image = isoImage({ files: { "a.txt": "a" } });
  head(image);
  return image;
}

function moved(image: Uint8Array): Source | undefined {
  const source = sourceOf(image);
  const facts = readIso(source);
  const patches = facts && moveEfi(source, facts, move);
  return patches && patchSource(source, patches, move.end * blockBytes);
}

function putGpt(image: Uint8Array): void {
  const entries = [
    { first: 40, last: 91, name: "ISO9660" },
    { first: 92, last: 95, name: "EFI" },
  ];
  const disk = gpt(image.length / 512, entries);
  image.set(disk.subarray(0, 16 * blockBytes));
}

describe("moveEfi()", () => {
  test("moves the entry of a GPT, with its identity, and its backup to the end", () => {
    const image = imageWith(putGpt);
    const after = moved(image);
    if (after === undefined) throw new Error("it is not moved");
    const [one, two] = readPartitions(sourceOf(image));
    expect(readPartitions(after)).toEqual([
      one,
      { ...two, offset: 64 * blockBytes, bytes: 32 * blockBytes },
    ]);
    const broken = patchSource(after, [{ block: 0, bytes: mbrAlone(after) }], after.bytes);
    const read = (offset: number, length: number) => broken.at(offset, length) ?? new Uint8Array();
    expect(readTable(read, after.bytes).fault?.backup).toEqual(readPartitions(after));
    expect(u32le(after.at(0, 512) ?? new Uint8Array(), 458)).toBe(128 * 4 - 1);
  });

  test("moves none in a GPT that is damaged", () => {
    const image = imageWith(putGpt);
    image[1024 + 40] = 1;
    expect(moved(image)).toBeUndefined();
  });

  test("moves the entry of an MBR that begins there, and that of an Apple partition map", () => {
    const image = imageWith((one) => {
      write(one, 0, ["text", 0, "ER"], ["u8", 2, 8]);
      for (const [at, block] of [
        [1, 1],
        [2, 23],
      ] as const)
        write(one, at * blockBytes, ["text", 0, "PM"], ["u8", 11, block], ["u8", 15, 1]);
      writeMbr(one, 0, [
        { type: 0, start: 64, sectors: 40, flag: 0x80 },
        { type: 0xef, start: 92, sectors: 4 },
        { type: 0xef, start: 72, sectors: 4 },
      ]);
    });
    const head = moved(image)?.at(0, 16 * blockBytes) ?? new Uint8Array();
    const entries = [0, 1, 2].map((index) =>
      [8, 12].map((at) => u32le(head, 446 + index * 16 + at)),
    );
    expect(entries).toEqual([
      [64, 40],
      [256, 128],
      [72, 4],
    ]);
    const apple = [1, 2].map((block) => [8, 12].map((at) => u32be(head, block * blockBytes + at)));
    expect(apple).toEqual([
      [1, 1],
      [64, 32],
    ]);
  });

  for (const [what, before, after] of [
    ["counts the sectors in the boot catalog", 4, 128],
    ["leaves the count of an entry that has none", 0, 0],
  ] as const)
    test(`${what}, and its address is the new one`, () => {
      const image = imageWith((one) => write(one, entryAt, ["u16le", 6, before]));
      const entry = moved(image)?.at(entryAt, 32) ?? new Uint8Array();
      expect([u16le(entry, 6), u32le(entry, 8)]).toEqual([after, 64]);
      const others = moved(image)?.at(20 * blockBytes, 96);
      expect(others).toEqual(image.slice(20 * blockBytes, 20 * blockBytes + 96));
    });
});

/** The first block with its boot record, and without a header of a GPT. */
function mbrAlone(source: Source): Uint8Array {
  const block = source.at(0, blockBytes)?.slice() ?? new Uint8Array(blockBytes);
  return block.fill(0, 512, 600);
}
