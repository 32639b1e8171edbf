// Free space on file systems in memory: how much is left, and writing until there is none.
import { type Piece, plainContent } from "./content.ts";
import { written } from "./edited.ts";
import type { Entry } from "./entry.ts";
import { fail } from "./errors.ts";
import { blocksOf, joinExtents, sumExtents } from "./extents.ts";
import type { FileSystem } from "./tree.ts";

/** A file that may be changed, and where it is. */
export interface Writable {
  readonly entry: Entry;
  readonly fileSystem: FileSystem;
  readonly path: string;
}

/** Returns what is left for root, which is the caller. */
export function freeBytesOf(fileSystem: FileSystem): number {
  return Math.max(0, fileSystem.totalBytes - fileSystem.usedBytes());
}

/**
 * Returns how many of `length` bytes from `offset` of a file can be allocated, or are allocated
 * already.
 */
export function fittingBytes(
  { entry, fileSystem }: Writable,
  { offset, length }: { offset: number; length: number },
): number {
  const free = freeBytesOf(fileSystem);
  const had = entry.content.extents;
  const fits = (bytes: number) =>
    sumExtents(joinExtents([...had, ...blocksOf(offset, bytes)])) - sumExtents(had) <= free;
  if (fits(length)) return length;
  let [most, tooMany] = [0, length];
  while (tooMany - most > 1) {
    const middle = Math.floor((most + tooMany) / 2);
    if (fits(middle)) most = middle;
    else tooMany = middle;
  }
  return most;
}

/** Writes what there is space for; ENOSPC if that is not everything. */
export function writeFitting(file: Writable, { offset, bytes }: Piece): void {
  const { entry, path } = file;
  const length = fittingBytes(file, { offset, length: bytes.length });
  if (length > 0)
    entry.content =
      offset === 0 && entry.content.length === 0
        ? plainContent(bytes.slice(0, length))
        : written(entry.content, { offset, bytes: bytes.slice(0, length) });
  if (length < bytes.length) fail("ENOSPC", path);
}
