import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { crc32 } from "../../../src/core/bytes/crc32.ts";
import { openSource } from "../../../src/core/bytes/source.ts";
import {
  listSectorSizes,
  readPartitions,
  readTable,
} from "../../../src/core/superblocks/partitions.ts";
import * as formats from "../../support/formats.ts";

function partitionsOf(image: Uint8Array, sectorBytes?: number) {
  return readPartitions(openSource(formats.readerOf(image).read, image.length), sectorBytes);
}

function disk(entries: readonly formats.MbrEntry[], sectors = 1000): Uint8Array {
  const image = new Uint8Array(sectors * 512);
  formats.write(image, 0, ["u32le", 440, 0x0a2b3c4d]);
  return formats.writeMbr(image, 0, entries);
}

describe("readPartitions() reads an MBR", () => {
  test("with its used entries under their own numbers", () => {
    const image = disk([
      { type: 0x83, start: 8, sectors: 8, flag: 0x80 },
      { type: 0, start: 0, sectors: 0 },
      { type: 0x0c, start: 16, sectors: 100 },
    ]);
    const common = { partLabel: undefined };
    expect(partitionsOf(image)).toEqual([
      { number: 1, offset: 4096, bytes: 4096, partUuid: "0a2b3c4d-01", typeId: "0x83", ...common },
      { number: 3, offset: 8192, bytes: 51200, partUuid: "0a2b3c4d-03", typeId: "0xc", ...common },
    ]);
  });

  test("of a hybrid image, whose first entry has the type 0 and begins at the start", () => {
    const image = disk([{ type: 0, start: 0, sectors: 900, flag: 0x80 }]);
    expect(partitionsOf(image)).toMatchObject([{ number: 1, offset: 0, bytes: 900 * 512 }]);
  });

  test("cut to the size of the disk, without what begins after it", () => {
    const image = disk([
      { type: 0x83, start: 990, sectors: 0xffffffff },
      { type: 0x83, start: 1000, sectors: 1 },
    ]);
    expect(partitionsOf(image)).toMatchObject([{ number: 1, offset: 506880, bytes: 5120 }]);
  });

  test("without an identity", () => {
    const image = disk([{ type: 0x83, start: 8, sectors: 8 }]);
    formats.write(image, 0, ["u32le", 440, 0]);
    expect(partitionsOf(image)).toMatchObject([{ partUuid: undefined }]);
  });

  test("in sectors of 4096 bytes", () => {
    const image = disk([{ type: 0x83, start: 8, sectors: 8 }]);
    expect(partitionsOf(image, 4096)).toMatchObject([{ offset: 32768, bytes: 32768 }]);
  });

  const logical = (number: number, sector: number, sectors: number) => ({
    number,
    offset: sector * 512,
    bytes: sectors * 512,
  });

  test("with logical partitions from 5, and without the extended one", () => {
    const image = disk([
      { type: 0x83, start: 8, sectors: 8 },
      { type: 0x05, start: 100, sectors: 200 },
    ]);
    formats.writeMbr(image, 100 * 512, [
      { type: 0x83, start: 10, sectors: 20 },
      { type: 0x05, start: 50, sectors: 60 },
    ]);
    formats.writeMbr(image, 150 * 512, [{ type: 0x82, start: 10, sectors: 30 }]);
    expect(partitionsOf(image)).toMatchObject([
      logical(1, 8, 8),
      { ...logical(5, 110, 20), partUuid: "0a2b3c4d-05", typeId: "0x83" },
      { ...logical(6, 160, 30), partUuid: "0a2b3c4d-06", typeId: "0x82" },
    ]);
  });

  test("without nonsense in the last two entries of a chain", () => {
    const image = disk([{ type: 0x05, start: 100, sectors: 200 }]);
    formats.writeMbr(image, 100 * 512, [
      { type: 0x83, start: 10, sectors: 20 },
      { type: 0, start: 0, sectors: 0 },
      { type: 0x83, start: 10, sectors: 500 },
      { type: 0x83, start: 40, sectors: 5 },
    ]);
    expect(partitionsOf(image)).toMatchObject([logical(5, 110, 20), logical(6, 140, 5)]);
  });

  test("once, when its chain comes back to itself", () => {
    const image = disk([{ type: 0x05, start: 100, sectors: 200 }]);
    formats.writeMbr(image, 100 * 512, [
      { type: 0x83, start: 10, sectors: 20 },
      { type: 0x05, start: 0, sectors: 200 },
    ]);
    expect(partitionsOf(image)).toMatchObject([logical(5, 110, 20)]);
  });
});

function tableOf(image: Uint8Array) {
  return readTable(formats.readerOf(image).read, image.length);
}

describe("listSectorSizes() tells the sectors of an image file", () => {
  const header = (at: number, bytes = 64 * 4096) =>
    formats.change(new Uint8Array(bytes), ["text", at, "EFI PART"]);
  const cases: readonly (readonly [string, Uint8Array, readonly number[]])[] = [
    ["by the header of a GPT at 512", header(512), [512]],
    ["by the header of a GPT at 4096", header(4096), [4096]],
    ["by a backup alone, at the end", header(63 * 4096), [4096]],
    ["by a backup alone, at the end of small sectors", header(64 * 4096 - 512), [512]],
    ["not by an MBR", disk([{ type: 0x83, start: 1, sectors: 1 }]), [512, 4096]],
    ["not of an empty file", new Uint8Array(0), [512, 4096]],
  ];
  for (const [name, image, expected] of cases)
    test(name, () => {
      expect(listSectorSizes(formats.readerOf(image).read, image.length)).toEqual(expected);
    });
});

describe("readPartitions() finds none", () => {
  const fatWithEntry = formats.writeMbr(formats.vfat(16), 0, [{ type: 6, start: 1, sectors: 9 }]);
  const cases: readonly (readonly [string, Uint8Array])[] = [
    ["on an empty device", new Uint8Array(0)],
    ["on a short device", new Uint8Array(511)],
    ["without the mark", formats.change(disk([{ type: 1, start: 1, sectors: 1 }]), ["u8", 510, 0])],
    ["in the boot sector of FAT", fatWithEntry],
    ["in the boot sector of exFAT", formats.writeMbr(formats.exfat(), 0, [])],
    ["in the boot sector of NTFS", formats.ntfs()],
    ["with flags that are none", disk([{ type: 0x83, start: 8, sectors: 8, flag: 0x12 }])],
    ["behind a protective MBR without a GPT", disk([{ type: 0xee, start: 1, sectors: 999 }])],
  ];
  for (const [name, image] of cases) {
    test(name, () => expect(partitionsOf(image)).toEqual([]));
  }
});

describe("readPartitions() reads a GPT", () => {
  const name = "n".repeat(36);
  const image = formats.gpt(200, [
    { first: 34, last: 99, name: "größe" },
    { first: 100, last: 100, name },
    { first: 101, last: 102, name: "" },
  ]);
  const expected = [
    {
      number: 1,
      offset: 34 * 512,
      bytes: 66 * 512,
      partUuid: "ccddeeff-aabb-8899-7766-554433221100",
      partLabel: "größe",
      typeId: "33221100-5544-7766-8899-aabbccddeeff",
    },
    { number: 2, offset: 51200, bytes: 512, partLabel: name },
    { number: 3, offset: 51712, bytes: 1024, partLabel: undefined },
  ];

  test("with names of up to 36 characters", () => {
    expect(partitionsOf(image)).toMatchObject(expected);
  });

  const damaged: readonly (readonly [string, Uint8Array])[] = [
    ["header is damaged", formats.change(image, ["u8", 512 + 60, 1])],
    ["header is gone", formats.change(image, ["bytes", 512, new Uint8Array(512)])],
    ["header lies about its size", formats.change(image, ["u32le", 512 + 12, 0xffffffff])],
    ["entries are damaged", formats.change(image, ["u8", 1024 + 32, 1])],
  ];
  for (const [what, broken] of damaged) {
    test(`not at all when its first ${what}, as the kernel, and tells what its backup says`, () => {
      expect(tableOf(broken)).toMatchObject({
        partitions: [],
        fault: { why: "damaged", backup: expected },
      });
    });
  }

  test("not at all when it is that of a larger disk", () => {
    expect(tableOf(image.slice(0, 150 * 512))).toEqual({
      partitions: [],
      fault: { why: "too-long", backup: undefined },
    });
  });

  test("on a disk that is larger than the one it was made for", () => {
    const larger = new Uint8Array(400 * 512);
    larger.set(image);
    expect(tableOf(larger)).toMatchObject({ partitions: expected, fault: undefined });
  });

  test("not with entries of another size, which the kernel does not take", () => {
    const odd = formats.change(image, ["u32le", 512 + 84, 256], ["u32le", 512 + 16, 0]);
    formats.write(odd, 512, ["u32le", 16, crc32(odd.subarray(512, 512 + 92))]);
    expect(tableOf(odd).fault).toMatchObject({ why: "damaged" });
  });

  test("only behind a guard that begins at its header", () => {
    const late = formats.writeMbr(image.slice(), 0, [{ type: 0xee, start: 2, sectors: 99 }]);
    expect(tableOf(late)).toEqual({ partitions: [], fault: undefined });
  });

  test("not at all when both are damaged", () => {
    const broken = formats.change(image, ["u8", 512 + 60, 1], ["u8", 199 * 512 + 60, 1]);
    expect(tableOf(broken)).toEqual({
      partitions: [],
      fault: { why: "damaged", backup: undefined },
    });
  });

  test("of a bounded size, even where its check is right", () => {
    const huge = formats.change(image, ["u32le", 512 + 80, 2 ** 28], ["u32le", 512 + 16, 0]);
    formats.write(huge, 512, ["u32le", 16, crc32(huge.subarray(512, 512 + 92))]);
    const { read, count } = formats.readerOf(huge);
    expect(readPartitions(openSource(read, 2 ** 45))).toEqual([]);
    expect(count.bytes).toBeLessThan(128 * 1024);
  });

  test("not without a protective MBR, as in most hybrid images", () => {
    const hybrid = formats.writeMbr(image.slice(), 0, [{ type: 0xef, start: 20, sectors: 10 }]);
    expect(partitionsOf(hybrid)).toMatchObject([{ number: 1, typeId: "0xef" }]);
  });

  test("without entries that end before they begin or after the disk", () => {
    const odd = formats.gpt(200, [
      { first: 40, last: 39, name: "reversed" },
      { first: 40, last: 2000, name: "beyond" },
      { first: 2 ** 53, last: 2 ** 53, name: "far beyond" },
      { first: 40, last: 41, name: "sound" },
    ]);
    expect(partitionsOf(odd)).toMatchObject([{ number: 4, partLabel: "sound" }]);
  });
});

test("readPartitions() never throws and reads little, when bytes are damaged", () => {
  const tables = [
    formats.gpt(200, [{ first: 34, last: 99, name: "name" }]),
    disk([
      { type: 0x83, start: 8, sectors: 8 },
      { type: 0x05, start: 100, sectors: 200 },
    ]),
  ];
  const chain = [
    { type: 0x83, start: 1, sectors: 2 },
    { type: 0x05, start: 3, sectors: 9 },
  ];
  for (let sector = 100; sector < 290; sector += 3)
    formats.writeMbr(tables[1]!, sector * 512, chain);
  const place = fc.oneof(fc.nat(2047), fc.nat(200_000));
  const damage = fc.array(fc.tuple(place, fc.nat(255)), { maxLength: 12 });
  fc.assert(
    fc.property(fc.constantFrom(...tables), damage, fc.boolean(), (original, places, isLiar) => {
      const image = original.slice();
      for (const [at, byte] of places) image[at % image.length] = byte;
      const { read, count } = formats.readerOf(image);
      const bytes = isLiar ? 2 ** 45 : image.length;
      for (const partition of readPartitions(openSource(read, bytes))) {
        expect(partition.offset + partition.bytes).toBeLessThanOrEqual(bytes);
        expect(partition.bytes).toBeGreaterThan(0);
      }
      expect(count.reads).toBeLessThanOrEqual(600);
      expect(count.bytes).toBeLessThanOrEqual(3 * 1024 * 1024);
    }),
    { numRuns: 200 },
  );
});
