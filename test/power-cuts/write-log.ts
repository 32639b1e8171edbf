// The record of all writes and flushes of a guest to one disk, in the order of its requests:
// written by QEMU's blklogwrites driver, in the format of the kernel's dm-log-writes
// (Documentation/admin-guide/device-mapper/log-writes.rst, drivers/md/dm-log-writes.c). The first
// sector counts the entries; each entry is a sector of its own and then the written data.

import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** One request of the guest to its disk. */
export interface LogEntry {
  /** Where it wrote, and how much; nothing for a flush. */
  readonly offset: number;
  readonly bytes: number;
  /** Where in the log its data begins. */
  readonly at: number;
  /** Whether all writes before it are on the medium when it is. */
  readonly isFlush: boolean;
}

const magic = 0x6a736677736872n;
const version = 1n;
const flags = { flush: 1n, fua: 2n, discard: 4n, mark: 8n };
const headerBytes = 32;

/**
 * Reads the entries of a log; throws if it is not a log, or has entries that a guest of ours cannot
 * make.
 */
export function readWriteLog(path: string): LogEntry[] {
  const file = openSync(path, "r");
  try {
    const length = fstatSync(file).size;
    const head = readHeader(file, 0);
    if (head.readBigUInt64LE(0) !== magic || head.readBigUInt64LE(8) !== version)
      throw new Error(`Cannot read "${path}": it is no log of writes`);
    const sectorBytes = head.readUInt32LE(24);
    const entries: LogEntry[] = [];
    let at = sectorBytes;
    for (let left = Number(head.readBigUInt64LE(16)); left > 0; left--) {
      const { entry, next } = readEntry(file, at, sectorBytes);
      if (next > length) throw new Error(`Cannot read "${path}": it is cut off`);
      entries.push(entry);
      at = next;
    }
    return entries;
  } finally {
    closeSync(file);
  }
}

function readEntry(file: number, at: number, sectorBytes: number) {
  const header = readHeader(file, at);
  const kind = header.readBigUInt64LE(16);
  if ((kind & (flags.discard | flags.mark)) !== 0n || kind > 15n)
    throw new Error(
      `Cannot read a log of writes: the entry at byte ${at} is no write and no flush`,
    );
  const bytes = Number(header.readBigUInt64LE(8)) * sectorBytes;
  const entry: LogEntry = {
    offset: Number(header.readBigUInt64LE(0)) * sectorBytes,
    bytes,
    at: at + sectorBytes,
    // One that is forced to the medium (FUA) forces nothing else; that is left to the flush that
    // follows.
    isFlush: (kind & flags.flush) !== 0n,
  };
  return { entry, next: at + sectorBytes + bytes };
}

function readHeader(file: number, at: number): Buffer {
  const header = Buffer.alloc(headerBytes);
  if (readSync(file, header, 0, headerBytes, at) !== headerBytes)
    throw new Error(`Cannot read a log of writes: it ends at byte ${at}`);
  return header;
}
