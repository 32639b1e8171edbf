// Writes that the kernel could not make and gave up, by its own log: programs are not told of them
// unless they sync, and the file system goes on. The sentences are those of blk_update_request(),
// lost_page writes (fs/buffer.c), ext4_end_bio() and xfs_ioend() in Linux 5.10 to 6.18.

/** A block device, and the part of a disk that it is. */
export interface BlockRange {
  /** The kernel's name for it ("loop0", "sdb1"). */
  readonly name: string;
  /** The whole disk, with the first sector of the part and their number; undefined if it is one. */
  readonly part:
    | { readonly disk: string; readonly start: number; readonly count: number }
    | undefined;
}

/** Counts the lines of a kernel log about writes to a device that were lost. */
export function countLostWrites(log: string, range: BlockRange): number {
  return log.split("\n").filter((line) => isLostWrite(line, range)).length;
}

function isLostWrite(line: string, { name, part }: BlockRange): boolean {
  // Clearing of blocks that the device does not support is done by writing zeros.
  const [, failed, sector] =
    / error, dev (\S+), sector (\d+) op 0x[\da-f]+:\(WRITE\)/.exec(line) ?? [];
  if (failed !== undefined) {
    if (failed === name) return true;
    const at = Number(sector) - (part?.start ?? 0);
    return failed === part?.disk && at >= 0 && at < part.count;
  }
  const [, buffered] =
    /Buffer I\/O error on dev (\S+), .*lost (?:async|sync) page write/.exec(line) ?? [];
  const [, ext] =
    /EXT4-fs warning \(device (\S+)\): .*I\/O error \d+ writing to inode/.exec(line) ?? [];
  const [, xfs] = /XFS \((\S+)\): writeback error/.exec(line) ?? [];
  return [buffered, ext, xfs].includes(name);
}
