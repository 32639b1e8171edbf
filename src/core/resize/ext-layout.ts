// The block layout of ext2, ext3 and ext4: which blocks are in use, and which data a resize moves.
// Facts: the kernel's Documentation/filesystems/ext4 (super.rst, group_descr.rst, bitmaps.rst);
// what resize2fs moves was found by experiment (docs/decisions/0016).

import { u16le, u32le } from "../bytes/fields.ts";
import { mergeRanges, type Range, subtractRanges } from "../bytes/ranges.ts";
import type { ReadBytes } from "../bytes/source.ts";

/** The geometry according to the superblock. */
export interface ExtLayout {
  readonly blockBytes: number;
  readonly blocks: number;
  readonly firstBlock: number;
  readonly blocksPerGroup: number;
  readonly descriptorBytes: number;
  /** Blocks of each group's inode table. */
  readonly tableBlocks: number;
  /** Blocks of descriptors that can be added without moving anything. */
  readonly reservedBlocks: number;
  /**
   * Whether the descriptors are contiguous after the superblock, and blocks are the unit of
   * allocation.
   */
  readonly isPlain: boolean;
}

const incompatible = { metaGroups: 0x10, wide: 0x80 } as const;
const compatible = { resizeInode: 0x10, sparseSuper2: 0x200 } as const;
const readonlyCompatible = { groupChecksums: 0x10, clusters: 0x200, metadataChecksums: 0x400 };

/** Reads the geometry; undefined if the superblock's numbers are impossible. */
export function readExtLayout(read: ReadBytes): ExtLayout | undefined {
  const block = read(1024, 1024);
  if (block.length < 1024 || u16le(block, 0x38) !== 0xef53) return undefined;
  const compat = u32le(block, 0x5c);
  const incompat = u32le(block, 0x60);
  const isWide = (incompat & incompatible.wide) !== 0;
  const shift = u32le(block, 0x18);
  const blockBytes = 1024 * 2 ** Math.min(shift, 7);
  // Revision 0 has no such field.
  const inodeBytes = u32le(block, 0x4c) === 0 ? 128 : u16le(block, 0x58);
  const layout: ExtLayout = {
    blockBytes,
    blocks: u32le(block, 0x04) + (isWide ? u32le(block, 0x150) * 2 ** 32 : 0),
    firstBlock: u32le(block, 0x14),
    blocksPerGroup: u32le(block, 0x20),
    descriptorBytes: isWide ? u16le(block, 0xfe) : 32,
    tableBlocks: Math.ceil((u32le(block, 0x28) * inodeBytes) / blockBytes),
    reservedBlocks: (compat & compatible.resizeInode) !== 0 ? u16le(block, 0xce) : 0,
    isPlain:
      (incompat & incompatible.metaGroups) === 0 &&
      (compat & compatible.sparseSuper2) === 0 &&
      (u32le(block, 0x64) & readonlyCompatible.clusters) === 0,
  };
  return shift <= 6 && isPossible(layout) ? layout : undefined;
}

function isPossible(layout: ExtLayout): boolean {
  const { blockBytes, blocks, firstBlock, blocksPerGroup, descriptorBytes, isPlain } = layout;
  return (
    firstBlock <= 1 &&
    blocksPerGroup >= 8 &&
    // Every group has its two bitmaps and its table of inodes, as far as they do not lie elsewhere.
    layout.tableBlocks + 3 <= blocksPerGroup &&
    (!isPlain || blocksPerGroup <= blockBytes * 8) &&
    [32, 64, 128, 256, 512, 1024].includes(descriptorBytes) &&
    Number.isSafeInteger(blocks * blockBytes) &&
    blocks > firstBlock &&
    groupsOf(layout, blocks) <= mostGroups
  );
}

/**
 * Returns the first byte from which a new size may move data to other blocks; undefined if it moves
 * none.
 */
export function findMovingData(layout: ExtLayout, bytes: number): number | undefined {
  const { blockBytes, blocks, isPlain, reservedBlocks } = layout;
  if (!isPlain) return 0;
  const wanted = Math.floor(bytes / blockBytes);
  if (wanted < blocks) return wanted * blockBytes;
  const room = descriptorBlocks(layout, blocks) + reservedBlocks;
  return descriptorBlocks(layout, wanted) <= room ? undefined : 0;
}

function descriptorBlocks(layout: ExtLayout, blocks: number): number {
  return Math.ceil((groupsOf(layout, blocks) * layout.descriptorBytes) / layout.blockBytes);
}

function groupsOf({ firstBlock, blocksPerGroup }: ExtLayout, blocks: number): number {
  return Math.ceil((blocks - firstBlock) / blocksPerGroup);
}

/** The file system of the largest file that a host takes (16 TiB on ext4) has half of that. */
const mostGroups = 2 ** 18;

/** From here on, a group in which anything is used counts as used from end to end. */
const mostRuns = 2 ** 19;

const pieceBytes = 2 ** 16;

/**
 * Lists the used ranges from a byte on, by the block bitmaps, without each group's tables; groups
 * with an uninitialised bitmap contain no data. Only for a plain layout. Undefined if a number in a
 * group's descriptor cannot be true.
 */
export function readUsedRanges(
  read: ReadBytes,
  layout: ExtLayout,
  from: number,
): Range[] | undefined {
  const { blockBytes, blocks, firstBlock, blocksPerGroup } = layout;
  const hasLazyBitmaps = readLazyBitmaps(read);
  const used: Range[] = [];
  const tables = startTables(layout);
  const fromBlock = Math.max(firstBlock, Math.floor(from / blockBytes));
  const groups = groupsOf(layout, blocks);
  const descriptorOf = openDescriptors(read, layout);
  for (let group = 0; group < groups; group++) {
    const descriptor = descriptorOf(group);
    if (descriptor === undefined || !tables.add(descriptor)) return undefined;
    const start = firstBlock + group * blocksPerGroup;
    const count = Math.min(blocksPerGroup, blocks - start);
    const isUnwritten = hasLazyBitmaps && (descriptor.flags & blockBitmapIsUnwritten) !== 0;
    if (isUnwritten || start + count <= fromBlock) continue;
    const first = Math.max(0, fromBlock - start);
    if (used.length >= mostRuns) {
      extend(used, start + first, count - first);
      continue;
    }
    const bitmap = read(descriptor.blockBitmap * blockBytes, Math.ceil(blocksPerGroup / 8));
    for (const run of readRuns(bitmap, first, count)) extend(used, start + run.offset, run.bytes);
  }
  return subtractRanges(used, tables.ranges()).map(({ offset, bytes }) => ({
    offset: offset * blockBytes,
    bytes: bytes * blockBytes,
  }));
}

/** Adds a range to ranges that end before it; what touches the last becomes part of it. */
function extend(ranges: Range[], offset: number, bytes: number): void {
  const last = ranges.at(-1);
  if (last === undefined || last.offset + last.bytes !== offset) ranges.push({ offset, bytes });
  else ranges[ranges.length - 1] = { offset: last.offset, bytes: last.bytes + bytes };
}

/** Collects the blocks of bitmaps and tables; each kind mostly lies in one piece. */
function startTables({ blocks, tableBlocks }: ExtLayout) {
  const blockBitmaps: Range[] = [];
  const inodeBitmaps: Range[] = [];
  const inodeTables: Range[] = [];
  const isInside = (offset: number, bytes: number) => offset + bytes <= blocks;
  return {
    /** Returns whether all of them are blocks of the file system. */
    add({ blockBitmap, inodeBitmap, inodeTable }: Descriptor): boolean {
      extend(blockBitmaps, blockBitmap, 1);
      extend(inodeBitmaps, inodeBitmap, 1);
      extend(inodeTables, inodeTable, tableBlocks);
      return (
        isInside(blockBitmap, 1) && isInside(inodeBitmap, 1) && isInside(inodeTable, tableBlocks)
      );
    },
    ranges: () => mergeRanges([...blockBitmaps, ...inodeBitmaps, ...inodeTables]),
  };
}

/** Reads descriptors in their order, many at once; undefined beyond the end of the file. */
function openDescriptors(read: ReadBytes, { firstBlock, blockBytes, descriptorBytes }: ExtLayout) {
  const perPiece = pieceBytes / descriptorBytes;
  let piece: Uint8Array = new Uint8Array(0);
  return (group: number): Descriptor | undefined => {
    const within = group % perPiece;
    if (within === 0)
      piece = read((firstBlock + 1) * blockBytes + group * descriptorBytes, pieceBytes);
    const at = within * descriptorBytes;
    if (at + descriptorBytes > piece.length) return undefined;
    return readDescriptor(piece.subarray(at, at + descriptorBytes));
  };
}

interface Descriptor {
  readonly blockBitmap: number;
  readonly inodeBitmap: number;
  readonly inodeTable: number;
  readonly flags: number;
}

/**
 * Reads the block numbers of a group's tables; their upper halves exist in 64-byte descriptors
 * only.
 */
function readDescriptor(bytes: Uint8Array): Descriptor {
  const number = (low: number, high: number) =>
    u32le(bytes, low) + (bytes.length >= 64 ? u32le(bytes, high) * 2 ** 32 : 0);
  return {
    blockBitmap: number(0x0, 0x20),
    inodeBitmap: number(0x4, 0x24),
    inodeTable: number(0x8, 0x28),
    flags: u16le(bytes, 0x12),
  };
}

const blockBitmapIsUnwritten = 0x2;

/** Returns whether bitmaps of groups may be uninitialised. */
function readLazyBitmaps(read: ReadBytes): boolean {
  const features = u32le(read(1024, 1024), 0x64);
  const { groupChecksums, metadataChecksums } = readonlyCompatible;
  return (features & (groupChecksums | metadataChecksums)) !== 0;
}

/** Lists the runs of set bits, as bit numbers. */
function readRuns(bitmap: Uint8Array, from: number, to: number): Range[] {
  const runs: Range[] = [];
  let start = -1;
  for (let bit = from; bit < to; ) {
    const byte = bitmap[bit >> 3] ?? 0;
    const isSet = ((byte >> (bit & 7)) & 1) === 1;
    if (isSet && start < 0) start = bit;
    if (!isSet && start >= 0) {
      runs.push({ offset: start, bytes: bit - start });
      start = -1;
    }
    // Most bytes are all used or all free.
    const isUniform = (bit & 7) === 0 && byte === (isSet ? 0xff : 0) && bit + 8 <= to;
    bit += isUniform ? 8 : 1;
  }
  if (start >= 0) runs.push({ offset: start, bytes: to - start });
  return runs;
}
