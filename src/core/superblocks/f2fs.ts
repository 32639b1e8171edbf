// F2FS. The superblock never changes; the newer valid one of two checkpoint packs says how the file
// system was left. A pack is valid if its first and last block have the same version and their
// checksums are right.
// Fields: include/linux/f2fs_fs.h of the kernel's interface; Documentation/filesystems/f2fs.rst.

import { updateCrc32 } from "../bytes/crc32.ts";
import { labelUtf16, sizeOf, u32le, u64le, uuidText } from "../bytes/fields.ts";
import type { Source } from "../bytes/source.ts";
import type { Superblock, Unclean } from "./superblock.ts";

const magic = 0xf2f52010;
const flag = { unmounted: 0x1, orphans: 0x2, error: 0x8, needsCheck: 0x10, quotaNeedsCheck: 0x800 };

/** Identifies F2FS; reads at most four blocks besides the superblock. */
export function identifyF2fs(source: Source): Superblock | undefined {
  const block = source.at(1024, 3072);
  if (block === undefined || u32le(block, 0) !== magic) return undefined;
  const blockShift = u32le(block, 16);
  const isSound =
    blockShift >= 12 &&
    blockShift <= 16 &&
    u32le(block, 8) >= 9 &&
    u32le(block, 8) + u32le(block, 12) === blockShift;
  if (!isSound) return undefined;
  return {
    type: "f2fs",
    label: labelUtf16(block, 124, 1024),
    uuid: uuidText(block, 108),
    bytes: sizeOf(u64le(block, 36), 2 ** blockShift),
    unclean: uncleanOf(source, block),
  };
}

function uncleanOf(source: Source, block: Uint8Array): Unclean[] {
  const blockBytes = 2 ** u32le(block, 16);
  const segmentBlocks = 2 ** Math.min(u32le(block, 20), 32);
  const first = u32le(block, 76);
  const packs = [first, first + segmentBlocks]
    .map((at) => readPack(source, at, { blockBytes, segmentBlocks }))
    .filter((pack) => pack !== undefined);
  const newest = packs.sort((a, b) => b.version - a.version)[0];
  if (newest === undefined) return ["errors"];
  const unclean: Unclean[] = [];
  const has = (bits: number) => (newest.flags & bits) !== 0;
  if (has(flag.error | flag.needsCheck | flag.quotaNeedsCheck)) unclean.push("errors");
  if (!has(flag.unmounted)) unclean.push("dirty");
  if (has(flag.orphans)) unclean.push("orphans");
  return unclean;
}

interface Pack {
  readonly version: number;
  readonly flags: number;
}

interface Layout {
  readonly blockBytes: number;
  readonly segmentBlocks: number;
}

function readPack(source: Source, at: number, layout: Layout): Pack | undefined {
  const head = readCheckpoint(source, at * layout.blockBytes, layout.blockBytes);
  if (head === undefined) return undefined;
  const blocks = u32le(head, 136);
  if (blocks < 2 || blocks > layout.segmentBlocks) return undefined;
  const last = (at + blocks - 1) * layout.blockBytes;
  const tail = readCheckpoint(source, last, layout.blockBytes);
  const version = u64le(head, 0);
  if (tail === undefined || version === undefined || u64le(tail, 0) !== version) return undefined;
  return { version, flags: u32le(head, 132) };
}

function readCheckpoint(source: Source, at: number, blockBytes: number): Uint8Array | undefined {
  const block = source.at(at, blockBytes);
  if (block === undefined) return undefined;
  const checked = u32le(block, 164);
  if (checked < 192 || checked > blockBytes - 4) return undefined;
  const isRight = updateCrc32(magic, block.subarray(0, checked)) === u32le(block, checked);
  return isRight ? block : undefined;
}
