// The smallest image of each format that is recognised, built field by field, for tests that break
// it in one place.

import { crc32, updateCrc32 } from "../../src/core/bytes/crc32.ts";
import type { ReadBytes } from "../../src/core/bytes/source.ts";
import { encodeUtf8 } from "../../src/core/bytes/utf.ts";

export const uuidBytes = Uint8Array.from({ length: 16 }, (_, index) => index * 16 + index);
export const uuid = "00112233-4455-6677-8899-aabbccddeeff";

type Field =
  | readonly ["u8" | "u16le" | "u32le" | "u64le" | "u16be" | "u32be" | "u64be", number, number]
  | readonly ["text", number, string]
  | readonly ["bytes", number, ArrayLike<number>];

const width = { u8: 1, u16le: 2, u16be: 2, u32le: 4, u32be: 4, u64le: 8, u64be: 8 } as const;

/** Writes fields into an image, and returns it. */
export function write(image: Uint8Array, base: number, ...fields: readonly Field[]): Uint8Array {
  for (const [type, at, value] of fields) {
    if (type === "text")
      image.set(
        [...value].map((c) => c.charCodeAt(0)),
        base + at,
      );
    else if (type === "bytes") image.set(value, base + at);
    else {
      const little = Array.from(
        { length: width[type] },
        (_, i) => Math.floor(value / 256 ** i) % 256,
      );
      image.set(type.endsWith("be") ? little.reverse() : little, base + at);
    }
  }
  return image;
}

/** Returns a copy of an image with other fields. */
export function change(image: Uint8Array, ...fields: readonly Field[]): Uint8Array {
  return write(image.slice(), 0, ...fields);
}

export interface CountedReader {
  readonly read: ReadBytes;
  readonly count: { reads: number; bytes: number };
}

/** Reads from an image as from a device, and counts the reads. */
export function readerOf(image: Uint8Array): CountedReader {
  const count = { reads: 0, bytes: 0 };
  const read = (offset: number, length: number) => {
    const found = image.slice(offset, offset + length);
    count.reads += 1;
    count.bytes += length;
    return found;
  };
  return { read, count };
}

export function ext(type: "ext2" | "ext3" | "ext4", label = ""): Uint8Array {
  const features = { ext2: [0, 2, 1], ext3: [4, 2, 1], ext4: [4, 0x2c2, 0x46b] }[type];
  return write(
    new Uint8Array(8192),
    1024,
    ["u32le", 0x00, 16],
    ["u32le", 0x04, 8192],
    ["u32le", 0x20, 8192],
    ["u16le", 0x38, 0xef53],
    ["u16le", 0x3a, 1],
    ["u32le", 0x5c, features[0]!],
    ["u32le", 0x60, features[1]!],
    ["u32le", 0x64, features[2]!],
    ["bytes", 0x68, uuidBytes],
    ["bytes", 0x78, encodeUtf8(label)],
  );
}

/** An ext4 with multiple mount protection, in whose block this number is. */
export function protectedExt4(
  label: string,
  number: number,
  { interval = 5, demanded = 0 } = {},
): Uint8Array {
  return change(
    ext("ext4", label),
    ["u32le", 1024 + 0x60, 0x3c2],
    ["u16le", 1024 + 0x166, interval],
    ["u64le", 1024 + 0x168, 4],
    ["u32le", 4096, 0x004d4d50],
    ["u32le", 4100, number],
    ["u16le", 4096 + 112, demanded],
  );
}

export function xfs(label = ""): Uint8Array {
  return write(
    new Uint8Array(8192),
    0,
    ["text", 0, "XFSB"],
    ["u32be", 4, 4096],
    ["u64be", 8, 65536],
    ["bytes", 32, uuidBytes],
    ["u32be", 80, 1],
    ["u32be", 84, 16384],
    ["u32be", 88, 4],
    ["u16be", 100, 0xb4a5],
    ["u16be", 102, 512],
    ["u16be", 104, 512],
    ["bytes", 108, encodeUtf8(label)],
    ["u8", 120, 12],
    ["u8", 121, 9],
    ["u8", 122, 9],
    ["u8", 123, 3],
    ["u8", 127, 25],
  );
}

export function btrfs(label = ""): Uint8Array {
  return write(
    new Uint8Array(128 * 1024),
    64 * 1024,
    ["bytes", 0x20, uuidBytes],
    ["u64le", 0x30, 64 * 1024],
    ["text", 0x40, "_BHRfS_M"],
    ["u64le", 0x70, 2 ** 30],
    ["u32le", 0x90, 4096],
    ["u32le", 0x94, 16384],
    ["bytes", 0x10b, uuidBytes.toReversed()],
    ["bytes", 0x12b, encodeUtf8(label)],
  );
}

/**
 * Makes F2FS with two checkpoint packs of two blocks: version 1 at block 2, version 2 at block 4.
 */
export function f2fs(label = "", flags: readonly [number, number] = [1, 1]): Uint8Array {
  const image = write(
    new Uint8Array(6 * 4096),
    1024,
    ["u32le", 0, 0xf2f52010],
    ["u32le", 8, 9],
    ["u32le", 12, 3],
    ["u32le", 16, 12],
    ["u32le", 20, 1],
    ["u64le", 36, 16384],
    ["u32le", 76, 2],
    ["bytes", 108, uuidBytes],
    ["bytes", 124, utf16(label)],
  );
  for (const block of [2, 3, 4, 5]) writeCheckpoint(image, block, flags[block < 4 ? 0 : 1]);
  return image;
}

export function writeCheckpoint(image: Uint8Array, block: number, flags: number): void {
  const at = block * 4096;
  const version = block < 4 ? 1 : 2;
  write(image, at, ["u64le", 0, version], ["u32le", 132, flags], ["u32le", 136, 2]);
  write(image, at, ["u32le", 164, 4092]);
  const check = updateCrc32(0xf2f52010, image.subarray(at, at + 4092));
  write(image, at, ["u32le", 4092, check]);
}

export function squashfs(): Uint8Array {
  return write(
    new Uint8Array(4096),
    0,
    ["text", 0, "hsqs"],
    ["u32le", 12, 131072],
    ["u16le", 22, 17],
    ["u16le", 28, 4],
    ["u64le", 40, 3210],
  );
}

export function erofs(label = ""): Uint8Array {
  return write(
    new Uint8Array(4096),
    1024,
    ["u32le", 0, 0xe0f5e1e2],
    ["u8", 12, 12],
    ["u32le", 36, 1],
    ["bytes", 48, uuidBytes],
    ["bytes", 64, encodeUtf8(label)],
  );
}

export function iso9660(label = "", joliet?: string): Uint8Array {
  const image = write(
    new Uint8Array(40 * 1024),
    32768,
    ["text", 0, "\x01CD001\x01"],
    ["text", 40, label.padEnd(32)],
    ["u32le", 80, 20],
    ["u16le", 128, 2048],
    ["text", 813, "2024013110203000"],
    ["text", 830, "2024020111213199"],
  );
  const ends = joliet === undefined ? 34816 : 36864;
  if (joliet !== undefined) {
    write(image, 34816, ["text", 0, "\x02CD001\x01"], ["text", 88, "%/E"]);
    write(image, 34816, ["bytes", 40, utf16be(joliet.padEnd(16))]);
  }
  return write(image, ends, ["text", 0, "\xffCD001\x01"]);
}

/**
 * Makes a FAT file system of 512-byte sectors and clusters, one table of 8 sectors (FAT32: 520),
 * with the label in its root.
 */
export function vfat(kind: 12 | 16 | 32, label = "", bootLabel = "NO NAME"): Uint8Array {
  const tableSectors = { 12: 8, 16: 32, 32: 520 }[kind];
  const sectors = { 12: 2000, 16: 5000, 32: 66600 }[kind];
  const isWide = kind === 32;
  const at = isWide ? 64 : 36;
  const image = write(
    new Uint8Array(isWide ? 360_000 : 64 * 1024),
    0,
    ["text", 0, "\xeb\x58\x90mkfs.fat"],
    ["u16le", 11, 512],
    ["u8", 13, 1],
    ["u16le", 14, 4],
    ["u8", 16, 1],
    ["u16le", 17, isWide ? 0 : 16],
    ["u8", 21, 0xf8],
    ["u16le", 22, isWide ? 0 : tableSectors],
    ["u32le", 32, sectors],
    ["u8", at + 2, 0x29],
    ["u32le", at + 3, 0x1a2b3c4d],
    ["text", at + 7, bootLabel.padEnd(11)],
    ["text", at + 18, `FAT${kind}   `],
    ["text", 510, "\x55\xaa"],
  );
  if (isWide) write(image, 0, ["u32le", 36, tableSectors], ["u32le", 44, 2]);
  const table = 4 * 512;
  write(image, table, ["u32le", 0, 0xfffffff8], ["u32le", 4, 0xffffffff]);
  if (isWide) write(image, table, ["u32le", 8, 0x0fffffff]);
  const root = (4 + tableSectors) * 512;
  if (label !== "") writeFatLabel(image, root, label);
  return image;
}

export function writeFatLabel(image: Uint8Array, at: number, label: string): void {
  write(image, at, ["text", 0, label.padEnd(11)], ["u8", 11, 0x08]);
}

/**
 * Makes an exFAT file system of 512-byte sectors and clusters: table at sector 24, cluster 2 (the
 * root) at sector 32.
 */
export function exfat(label?: string): Uint8Array {
  const image = write(
    new Uint8Array(64 * 1024),
    0,
    ["text", 0, "\xeb\x76\x90EXFAT   "],
    ["u64le", 72, 128],
    ["u32le", 80, 24],
    ["u32le", 84, 8],
    ["u32le", 88, 32],
    ["u32le", 92, 96],
    ["u32le", 96, 2],
    ["u32le", 100, 0x1a2b3c4d],
    ["u8", 108, 9],
    ["u8", 110, 1],
    ["text", 510, "\x55\xaa"],
  );
  write(image, 24 * 512, ["u32le", 8, 0xffffffff]);
  write(image, 32 * 512, ["u8", 0, 0x81], ["u8", 32, 0x82]);
  write(image, 11 * 512, ...repeatedChecksum(image));
  if (label === undefined) return image;
  return write(
    image,
    32 * 512 + 64,
    ["u8", 0, 0x83],
    ["u8", 1, label.length],
    ["bytes", 2, utf16(label)],
  );
}

/**
 * The checksum of the first eleven sectors fills the twelfth ("exFAT file system specification",
 * section 3.4).
 */
function repeatedChecksum(image: Uint8Array): Field[] {
  let sum = 0;
  for (let at = 0; at < 11 * 512; at++) {
    if (at === 106 || at === 107 || at === 112) continue;
    sum = (((sum << 31) | (sum >>> 1)) + (image[at] ?? 0)) >>> 0;
  }
  return Array.from({ length: 128 }, (_, index): Field => ["u32le", index * 4, sum]);
}

/**
 * Makes an NTFS file system of 4 KiB clusters with its file table at cluster 1; the record of
 * $Volume is at 7168.
 */
export function ntfs(label = "", flags = 0): Uint8Array {
  const image = write(
    new Uint8Array(16 * 1024),
    0,
    ["text", 3, "NTFS    "],
    ["u16le", 11, 512],
    ["u8", 13, 8],
    ["u64le", 40, 31],
    ["u64le", 48, 1],
    ["u8", 64, 0xf6],
    ["u32le", 72, 0x55667788],
    ["u32le", 76, 0x11223344],
    ["text", 510, "\x55\xaa"],
  );
  const name = utf16(label);
  const nameLength = 24 + Math.ceil(name.length / 8) * 8;
  const record = write(
    new Uint8Array(1024),
    0,
    ["text", 0, "FILE"],
    ["u16le", 4, 48],
    ["u16le", 6, 3],
    ["u16le", 20, 56],
    ["u32le", 24, 1024],
    ["u32le", 28, 1024],
  );
  write(record, 56, ["u32le", 0, 0x60], ["u32le", 4, nameLength], ["u32le", 16, name.length]);
  write(record, 56, ["u16le", 20, 24], ["bytes", 24, name]);
  const next = 56 + nameLength;
  write(record, next, ["u32le", 0, 0x70], ["u32le", 4, 40], ["u32le", 16, 12], ["u16le", 20, 24]);
  write(record, next, ["u8", 24 + 8, 3], ["u8", 24 + 9, 1], ["u16le", 24 + 10, flags]);
  write(record, next + 40, ["u32le", 0, 0xffffffff]);
  // The last bytes of each 512 are stored in the header.
  write(record, 48, ["u16le", 0, 7], ["bytes", 2, record.slice(510, 512)]);
  write(record, 52, ["bytes", 0, record.slice(1022, 1024)]);
  write(record, 0, ["u16le", 510, 7], ["u16le", 1022, 7]);
  image.set(record, 7168);
  return write(image, 4096, ["text", 0, "FILE"]);
}

export function luks(version: 1 | 2, label = ""): Uint8Array {
  const image = write(
    new Uint8Array(4096),
    0,
    ["text", 0, "LUKS\xba\xbe"],
    ["u16be", 6, version],
    ["text", 168, uuid],
  );
  return version === 1 ? image : write(image, 24, ["bytes", 0, encodeUtf8(label)]);
}

export function swap(label = "", signature = "SWAPSPACE2", pageBytes = 4096): Uint8Array {
  return write(
    new Uint8Array(16 * pageBytes),
    0,
    ["u32le", 1024, 1],
    ["u32le", 1028, 15],
    ["bytes", 1036, uuidBytes],
    ["bytes", 1052, encodeUtf8(label)],
    ["text", pageBytes - 10, signature],
  );
}

export function bcache(label = ""): Uint8Array {
  return write(
    new Uint8Array(16384),
    4096,
    ["u64le", 8, 8],
    ["text", 24, "\xc6\x85\x73\xf6\x4e\x1a\x45\xca\x82\x65\xf5\x7f\x48\xba\x6d\x81"],
    ["bytes", 40, uuidBytes],
    ["bytes", 72, encodeUtf8(label)],
  );
}

export function lvm(sector = 1): Uint8Array {
  const image = new Uint8Array(8192);
  write(
    image,
    sector * 512,
    ["text", 0, "LABELONE"],
    ["u64le", 8, sector],
    ["u32le", 20, 32],
    ["text", 24, "LVM2 001"],
    ["text", 32, "abcdefGHIJklmnOPQRstuvWXYZ012345"],
    ["u64le", 64, 2 ** 30],
  );
  const checked = image.subarray(sector * 512 + 20, sector * 512 + 512);
  return write(image, sector * 512, ["u32le", 16, updateCrc32(0xf597a6cf, checked)]);
}

/** Makes a member of a RAID with metadata of version 0.90, 1.0 (both at the end), 1.1 or 1.2. */
export function md(
  version: "0.90" | "1.0" | "1.1" | "1.2",
  label = "host:array",
  kilobytes = 256,
): Uint8Array {
  const image = new Uint8Array(kilobytes * 1024);
  if (version === "0.90") {
    const order = [0x00112233, 0x44556677, 0x8899aabb, 0xccddeeff] as const;
    return write(
      image,
      (kilobytes - 64) * 1024,
      ["u32le", 0, 0xa92b4efc],
      ["u32le", 8, 90],
      ["u32le", 20, order[0]],
      ["u32le", 32, 128],
      ["u32le", 52, order[1]],
      ["u32le", 56, order[2]],
      ["u32le", 60, order[3]],
    );
  }
  const at = { "1.0": (kilobytes - 8) * 1024, "1.1": 0, "1.2": 4096 }[version];
  write(
    image,
    at,
    ["u32le", 0, 0xa92b4efc],
    ["u32le", 4, 1],
    ["bytes", 16, uuidBytes],
    ["bytes", 32, encodeUtf8(label)],
    ["u64le", 80, 256],
    ["u64le", 144, at / 512],
    ["bytes", 168, uuidBytes.toReversed()],
  );
  return write(image, at, ["u32le", 216, sumOfWords(image.subarray(at, at + 256))]);
}

/**
 * The sum of 32-bit words, with the overflow added once (calc_sb_1_csum in the kernel's
 * drivers/md/md.c).
 */
function sumOfWords(block: Uint8Array): number {
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  let sum = 0;
  for (let at = 0; at < block.length; at += 4) sum += view.getUint32(at, true);
  return ((sum % 2 ** 32) + Math.floor(sum / 2 ** 32)) % 2 ** 32;
}

export interface MbrEntry {
  readonly type: number;
  readonly start: number;
  readonly sectors: number;
  readonly flag?: number;
}

/** Writes a partition table of four entries into the sector at `at`. */
export function writeMbr(image: Uint8Array, at: number, entries: readonly MbrEntry[]): Uint8Array {
  for (const [index, { type, start, sectors, flag = 0 }] of entries.entries()) {
    const entry = at + 446 + index * 16;
    write(
      image,
      entry,
      ["u8", 0, flag],
      ["u8", 4, type],
      ["u32le", 8, start],
      ["u32le", 12, sectors],
    );
  }
  return write(image, at, ["text", 510, "\x55\xaa"]);
}

export interface GptEntry {
  readonly first: number;
  readonly last: number;
  readonly name: string;
}

/**
 * Makes a disk with a GPT of four entries or more: header at sector 1, entries at 2, the backups at
 * the end.
 */
export function gpt(sectors: number, entries: readonly GptEntry[]): Uint8Array {
  const image = new Uint8Array(sectors * 512);
  writeMbr(image, 0, [{ type: 0xee, start: 1, sectors: sectors - 1 }]);
  const tableSectors = Math.max(1, Math.ceil(entries.length / 4));
  const table = new Uint8Array(tableSectors * 512);
  for (const [index, { first, last, name }] of entries.entries()) {
    write(table, index * 128, ["bytes", 0, uuidBytes], ["bytes", 16, uuidBytes.toReversed()]);
    write(
      table,
      index * 128,
      ["u64le", 32, first],
      ["u64le", 40, last],
      ["bytes", 56, utf16(name)],
    );
  }
  for (const [here, tableSector] of [
    [1, 2],
    [sectors - 1, sectors - 1 - tableSectors],
  ] as const) {
    image.set(table, tableSector * 512);
    write(
      image,
      here * 512,
      ["text", 0, "EFI PART"],
      ["u32le", 8, 0x10000],
      ["u32le", 12, 92],
      ["u64le", 24, here],
      ["u64le", 32, sectors - here],
      ["u64le", 40, 2 + tableSectors],
      ["u64le", 48, sectors - 2 - tableSectors],
      ["u64le", 72, tableSector],
      ["u32le", 80, tableSectors * 4],
      ["u32le", 84, 128],
      ["u32le", 88, crc32(table)],
    );
    write(image, here * 512, ["u32le", 16, crc32(image.subarray(here * 512, here * 512 + 92))]);
  }
  return image;
}

export function utf16(text: string): Uint8Array {
  return write(new Uint8Array(text.length * 2), 0, ...unitsOf(text, "u16le"));
}

function utf16be(text: string): Uint8Array {
  return write(new Uint8Array(text.length * 2), 0, ...unitsOf(text, "u16be"));
}

function unitsOf(text: string, type: "u16le" | "u16be"): Field[] {
  return Array.from({ length: text.length }, (_, index) => [
    type,
    index * 2,
    text.charCodeAt(index),
  ]);
}
