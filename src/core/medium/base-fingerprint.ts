// What distinguishes one build of a base from all others: its creation time, its size, and
// checksums of its superblock and of the end of its tables, where squashfs keeps the places of all
// inodes. It protects against confusion, not against forgery.
// Fields: Documentation/filesystems/squashfs.rst, the kernel's squashfs_fs.h and erofs_fs.h.
import { crc32 } from "../bytes/crc32.ts";
import { hasText, u32le, u64le } from "../bytes/fields.ts";
import type { ReadBytes } from "../bytes/source.ts";

/**
 * Reads the fingerprint of a base's image from some kilobytes of it; undefined if those are
 * invalid.
 */
export function readFingerprint(read: ReadBytes, type: string): string | undefined {
  return type === "squashfs" ? readSquashfs(read) : readErofs(read);
}

/**
 * The interpreter takes a millisecond or two for this many bytes; all tables would cost a boot too
 * much.
 */
const mostTableBytes = 8192;

function readSquashfs(read: ReadBytes): string | undefined {
  const block = read(0, 96);
  if (block.length < 96 || !hasText(block, 0, "hsqs")) return undefined;
  const bytes = u64le(block, 40);
  if (bytes === undefined || bytes < block.length) return undefined;
  const start = Math.max(block.length, bytes - mostTableBytes);
  const tables = read(start, bytes - start);
  if (tables.length < bytes - start) return undefined;
  return ["squashfs", u32le(block, 8), bytes, hex(crc32(block)), hex(crc32(tables))].join("-");
}

/** Its superblock has the time, the size, a UUID, and usually a checksum of its surroundings. */
function readErofs(read: ReadBytes): string | undefined {
  const block = read(1024, 128);
  if (block.length < 128 || u32le(block, 0) !== 0xe0f5e1e2) return undefined;
  const [buildTime, blocks] = [u64le(block, 24), u32le(block, 36)];
  return ["erofs", buildTime ?? 0, blocks, hex(crc32(block))].join("-");
}

function hex(value: number): string {
  return value.toString(16).padStart(8, "0");
}
