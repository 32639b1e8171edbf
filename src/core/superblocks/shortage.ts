// A file system that is larger than its device: one that was copied to a smaller stick, or whose
// partition was cut. No driver mounts it, and no repair makes it smaller.
import { formatSize } from "../text/size.ts";
import type { Superblock } from "./superblock.ts";

/** A device, or what is in its place, and what was identified on it. */
interface Holder {
  readonly superblock: Superblock | undefined;
  readonly bytes: number;
}

/** Returns the size that a device lacks for its file system; undefined if it is large enough. */
export function findShortage({ superblock, bytes }: Holder): number | undefined {
  if (superblock === undefined || !reliable.has(superblock.type)) return undefined;
  const { members = 1, memberBytes, bytes: all } = superblock;
  const needed = memberBytes ?? (members === 1 ? all : undefined);
  return needed === undefined || needed <= bytes ? undefined : needed - bytes;
}

/** Describes it as a clause ("its ext4 file system has …"); undefined if there is none. */
export function describeShortage(holder: Holder): string | undefined {
  const lacking = findShortage(holder);
  if (lacking === undefined) return undefined;
  const { superblock, bytes } = holder;
  return `its ${superblock?.type} file system has ${formatSize(bytes + lacking)}, but there is room for only ${formatSize(bytes)}: it was copied to something smaller, or cut off`;
}

/** Those whose size is exact, and whose drivers compare it with the device's. */
const reliable = new Set(["ext2", "ext3", "ext4", "xfs", "btrfs", "ntfs"]);
