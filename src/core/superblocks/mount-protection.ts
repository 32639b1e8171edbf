// Multiple mount protection of ext4 (the feature "mmp"): a block in which whoever has mounted the
// file system, or checks it, keeps writing new numbers. Who opens it for writing and does not find
// it given back waits whether the number changes, writes one of its own, and waits once more.
// Fields: the kernel's Documentation/filesystems/ext4/mmp.rst; the waiting: its fs/ext4/mmp.c.
import { updateCrc32c } from "../bytes/crc32.ts";
import { u16le, u32le, u64le } from "../bytes/fields.ts";
import type { Source } from "../bytes/source.ts";

/** What the block of a protected file system says. */
export interface MountProtection {
  /**
   * `free`: its last user gave it back. `held`: it is mounted somewhere, or was not unmounted.
   * `checked`: e2fsck is at work, or was interrupted, and nobody gets in. `unknown`: the block is
   * damaged.
   */
  readonly state: "free" | "held" | "checked" | "unknown";
  /** How long a mount that writes waits. */
  readonly waitSeconds: number;
}

const incompatible = { mmp: 0x100, checksumSeed: 0x2000 } as const;
const metadataChecksums = 0x400;
const magic = 0x004d4d50;
const free = 0xff4d4d50;
const checked = 0xe24d4d50;
/** Where the checksums of a superblock and of the block are, which cover all before them. */
const checksumAt = 1020;

/** Reads what the block says; undefined if the file system is not protected. */
export function readMountProtection(
  source: Source,
  superblock: Uint8Array,
): MountProtection | undefined {
  if (!isProtected(superblock)) return undefined;
  const offset = blockOffset(superblock);
  const block = offset === undefined ? undefined : source.at(offset, 1024);
  if (block === undefined || u32le(block, 0) !== magic) return { state: "unknown", waitSeconds: 0 };
  const number = u32le(block, 4);
  if (number === free) return { state: "free", waitSeconds: 0 };
  if (number >= checked) return { state: "checked", waitSeconds: 0 };
  // The kernel's: twice the interval of writing, at least 5 s, and what the block demands.
  const interval = Math.max(2 * u16le(superblock, 0x166), 5, u16le(block, 112));
  return { state: "held", waitSeconds: 2 * Math.min(2 * interval + 1, interval + 60) };
}

/** Bytes to write at an offset. */
interface Piece {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/**
 * Returns what to write into a copy, given its superblock, so that e2fsck does not wait: nobody
 * else writes to a copy. If a journal is replayed that brings the protection back, e2fsck finds the
 * copy being checked, and stops at once; written again, this lets it continue.
 */
export function withoutProtection(superblock: Uint8Array): Piece[] {
  const offset = blockOffset(superblock);
  if (!isProtected(superblock) || offset === undefined) return [];
  const bare = superblock.slice();
  const view = new DataView(bare.buffer);
  view.setUint32(0x60, u32le(superblock, 0x60) & ~incompatible.mmp, true);
  const block = new Uint8Array(1024);
  const fields = new DataView(block.buffer);
  fields.setUint32(0, magic, true);
  fields.setUint32(4, checked, true);
  if ((u32le(superblock, 0x64) & metadataChecksums) !== 0) {
    view.setUint32(checksumAt, checksum(0xffffffff, bare), true);
    fields.setUint32(checksumAt, checksum(seedOf(superblock), block), true);
  }
  return [
    { offset: 1024, bytes: bare },
    { offset, bytes: block },
  ];
}

/** Describes a file system into which nobody but e2fsck gets. */
export function describeProtected(type: string): string {
  return `its ${type} file system is being checked by e2fsck, by its multiple mount protection, or that check was interrupted, and cannot be mounted for writing`;
}

/** What to do about it; `path` is a word for a shell. */
export function adviseProtected(path: string): string {
  return `if no machine uses or checks it, take that back: tune2fs -f -E clear_mmp ${path}`;
}

function isProtected(superblock: Uint8Array): boolean {
  return (u32le(superblock, 0x60) & incompatible.mmp) !== 0;
}

function blockOffset(superblock: Uint8Array): number | undefined {
  const block = u64le(superblock, 0x168);
  if (block === undefined || block <= u32le(superblock, 0x14)) return undefined;
  const offset = block * 1024 * 2 ** Math.min(u32le(superblock, 0x18), 6);
  return Number.isSafeInteger(offset) ? offset : undefined;
}

function checksum(seed: number, bytes: Uint8Array): number {
  return updateCrc32c(seed, bytes.subarray(0, checksumAt));
}

/** Of all metadata but the superblock: begun with the UUID, which may have been changed since. */
function seedOf(superblock: Uint8Array): number {
  return (u32le(superblock, 0x60) & incompatible.checksumSeed) !== 0
    ? u32le(superblock, 0x270)
    : updateCrc32c(0xffffffff, superblock.subarray(0x68, 0x78));
}
