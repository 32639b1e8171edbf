// What is read from the bytes of a disk: superblocks, partition tables, the geometry of an ext4 file
// system, fingerprints of a base, undo files.

import { crc32, updateCrc32 } from "../../src/core/bytes/crc32.ts";
import { u32le, u64le } from "../../src/core/bytes/fields.ts";
import { openSource, type Source } from "../../src/core/bytes/source.ts";
import { readFingerprint } from "../../src/core/medium/base-fingerprint.ts";
import { findMovingData, readExtLayout, readUsedRanges } from "../../src/core/resize/ext-layout.ts";
import { readUndoRanges } from "../../src/core/resize/undo-file.ts";
import { identifyBcache } from "../../src/core/superblocks/bcache.ts";
import { identifyBtrfs } from "../../src/core/superblocks/btrfs.ts";
import { identifyErofs } from "../../src/core/superblocks/erofs.ts";
import { identifyExfat } from "../../src/core/superblocks/exfat.ts";
import { identifyExt } from "../../src/core/superblocks/ext.ts";
import { identifyF2fs } from "../../src/core/superblocks/f2fs.ts";
import { identify } from "../../src/core/superblocks/identify.ts";
import { identifyIso9660 } from "../../src/core/superblocks/iso9660.ts";
import { identifyLuks } from "../../src/core/superblocks/luks.ts";
import { identifyLvm } from "../../src/core/superblocks/lvm.ts";
import { identifyMd } from "../../src/core/superblocks/md.ts";
import { identifyNtfs } from "../../src/core/superblocks/ntfs.ts";
import { readPartitions } from "../../src/core/superblocks/partitions.ts";
import { identifySquashfs } from "../../src/core/superblocks/squashfs.ts";
import type { Superblock } from "../../src/core/superblocks/superblock.ts";
import { identifySwap } from "../../src/core/superblocks/swap.ts";
import { identifyVfat } from "../../src/core/superblocks/vfat.ts";
import { identifyXfs } from "../../src/core/superblocks/xfs.ts";
import { diskOf, promise, type Reader } from "./reader.ts";

/** Disks may claim any size; what is read at their end is at the end of the input. */
function checkSuperblock(found: Superblock | undefined): void {
  if (found === undefined) return;
  const { label, uuid, bytes } = found;
  promise(label === undefined || (label !== "" && !label.includes("\0")), "a label is text");
  promise(label === undefined || label.length <= 4096, "a label is short");
  promise(uuid === undefined || uuid.length <= 64, "a UUID is short");
  promise(
    bytes === undefined || (Number.isSafeInteger(bytes) && bytes >= 0),
    `a size is a whole number, not ${bytes}`,
  );
}

function superblock(
  name: string,
  identifyOne: (source: Source) => Superblock | undefined,
  more: Pick<Reader, "words" | "mend"> = {},
): Reader {
  return {
    name,
    ...more,
    read: (input) => checkSuperblock(identifyOne(openSource(diskOf(input), input.length))),
  };
}

function setU32(input: Uint8Array, at: number, value: number): void {
  if (at < 0 || at + 4 > input.length) return;
  new DataView(input.buffer, input.byteOffset, input.byteLength).setUint32(at, value, true);
}

function mendF2fs(input: Uint8Array): void {
  for (let at = 2 * 4096; at + 4096 <= Math.min(input.length, 16 * 4096); at += 4096) {
    const place = u32le(input, at + 164);
    if (place > 4092) continue;
    setU32(input, at + place, updateCrc32(0xf2f52010, input.subarray(at, at + place)));
  }
}

function mendLvm(input: Uint8Array): void {
  for (const at of [0, 512, 1024, 1536]) {
    if (at + 512 > input.length) continue;
    setU32(input, at + 16, updateCrc32(0xf597a6cf, input.subarray(at + 20, at + 512)));
  }
}

/** Superblocks of version 1: the sum of 32-bit words, with what overflowed added once. */
function mendMd(input: Uint8Array): void {
  for (const at of [0, 4096, Math.floor((input.length - 8192) / 4096) * 4096]) {
    if (at < 0 || at + 1024 > input.length || u32le(input, at) !== 0xa92b4efc) continue;
    const words = 64 + Math.ceil(Math.min(u32le(input, at + 220), 384) / 2);
    setU32(input, at + 216, 0);
    let sum = 0;
    for (let word = 0; word < words; word++) sum += u32le(input, at + word * 4);
    setU32(input, at + 216, ((sum % 2 ** 32) + Math.floor(sum / 2 ** 32)) % 2 ** 32);
  }
}

function mendExfat(input: Uint8Array): void {
  const [sector, checked] = [512, 11 * 512];
  if (input.length < checked + sector) return;
  let sum = 0;
  for (let at = 0; at < checked; at++) {
    if (at === 106 || at === 107 || at === 112) continue;
    sum = (((sum << 31) | (sum >>> 1)) + (input[at] ?? 0)) >>> 0;
  }
  for (let at = checked; at < checked + sector; at += 4) setU32(input, at, sum);
}

function mendGpt(input: Uint8Array): void {
  const last = Math.floor(input.length / 512) - 1;
  for (const at of [512, last * 512]) {
    if (at < 0 || at + 512 > input.length) continue;
    const start = u64le(input, at + 72) ?? 0;
    const bytes = u32le(input, at + 80) * u32le(input, at + 84);
    const from = start * 512;
    if (from + bytes <= input.length)
      setU32(input, at + 88, crc32(input.subarray(from, from + bytes)));
    setU32(input, at + 16, 0);
    const header = input.subarray(at, at + Math.min(u32le(input, at + 12), 512));
    setU32(input, at + 16, crc32(header));
  }
}

const readersOfDisks: readonly Reader[] = [
  superblock("bcache", identifyBcache),
  superblock("btrfs", identifyBtrfs, { words: ["_BHRfS_M"] }),
  superblock("erofs", identifyErofs),
  superblock("exfat", identifyExfat, { words: ["EXFAT   "], mend: mendExfat }),
  superblock("ext", identifyExt),
  superblock("f2fs", identifyF2fs, { mend: mendF2fs }),
  superblock("iso9660", identifyIso9660, { words: ["\x01CD001\x01", "\xffCD001\x01", "%/E"] }),
  superblock("luks", identifyLuks, { words: ["LUKS\xba\xbe", "SKUL\xba\xbe"] }),
  superblock("lvm", identifyLvm, { words: ["LABELONE", "LVM2 001"], mend: mendLvm }),
  superblock("md", identifyMd, { mend: mendMd }),
  superblock("ntfs", identifyNtfs, { words: ["NTFS    ", "FILE", "BAAD"] }),
  superblock("squashfs", identifySquashfs, { words: ["hsqs"] }),
  superblock("swap", identifySwap, { words: ["SWAP-SPACE", "SWAPSPACE2", "S1SUSPEND"] }),
  superblock("vfat", identifyVfat, { words: ["FAT32   ", "FAT16   ", "\x55\xaa", "NO NAME    "] }),
  superblock("xfs", identifyXfs, { words: ["XFSB"] }),
  {
    name: "identify",
    words: ["SWAPSPACE2", "XFSB", "hsqs", "NTFS    ", "_BHRfS_M", "\x01CD001\x01", "\x55\xaa"],
    read: (input) => checkSuperblock(identify(diskOf(input), input.length)),
  },
  {
    // The first byte says how long sectors are.
    name: "partitions",
    words: ["EFI PART", "\x55\xaa", "\x05", "\xee"],
    mend: (input) => mendGpt(input.subarray(1)),
    read: (input) => {
      const sectorBytes = 512 << ((input[0] ?? 0) & 3);
      const disk = input.subarray(1);
      const found = readPartitions(openSource(diskOf(disk), disk.length), sectorBytes);
      promise(found.length <= 16_384, `there are ${found.length} partitions`);
      for (const { offset, bytes } of found) {
        promise(Number.isSafeInteger(offset) && offset >= 0 && bytes > 0, "a partition has bytes");
        promise(offset + bytes <= disk.length, "a partition ends where the disk does");
      }
    },
  },
  {
    // The last eight bytes are the size that is wanted.
    name: "ext-layout",
    read: (input) => {
      const layout = readExtLayout(diskOf(input));
      if (layout === undefined) return;
      const wanted = u64le(input, input.length - 8) ?? input.length;
      const from = findMovingData(layout, wanted);
      promise(from === undefined || from >= 0, "what moves begins somewhere");
      if (from === undefined || !layout.isPlain) return;
      for (const { offset, bytes } of readUsedRanges(diskOf(input), layout, from) ?? [])
        promise(offset >= 0 && bytes > 0 && Number.isSafeInteger(offset + bytes), "a range is one");
    },
  },
  {
    // The length of a file is not the number of its bytes: it may have holes.
    name: "undo-file",
    words: ["E2UNDO02", "\xde\xc0\xad\xca"],
    read: (input) => {
      for (const { offset, bytes } of readUndoRanges(diskOf(input), input.length))
        promise(offset >= 0 && bytes > 0, "a range is one");
    },
  },
  {
    name: "fingerprint",
    words: ["hsqs", "\xe2\xe1\xf5\xe0"],
    read: (input) => {
      for (const type of ["squashfs", "erofs"]) {
        const found = readFingerprint(diskOf(input), type);
        promise(found === undefined || found.length < 120, "a fingerprint is short");
      }
    },
  },
];

export { readersOfDisks };
