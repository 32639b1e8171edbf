// Image files for tests, in a directory that is removed after them, and how they are passed to the
// readers under test.

import {
  closeSync,
  fstatSync,
  openSync,
  readSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { ReadBytes } from "../../src/core/bytes/source.ts";

/** Makes an empty (sparse) image. */
export function newImage(directory: string, name: string, megabytes: number): string {
  const file = join(directory, `${name}.img`);
  writeFileSync(file, "");
  truncateSync(file, megabytes * 2 ** 20);
  return file;
}

/** Opens a file for a reader that needs `read` and a size. */
export function withReader<T>(file: string, use: (read: ReadBytes, bytes: number) => T): T {
  const descriptor = openSync(file, "r");
  try {
    const read = (offset: number, length: number) => {
      const bytes = new Uint8Array(length);
      return bytes.subarray(0, readSync(descriptor, bytes, 0, length, offset));
    };
    return use(read, fstatSync(descriptor).size);
  } finally {
    closeSync(descriptor);
  }
}

/** Overwrites bytes of a file. */
export function patch(file: string, offset: number, bytes: Uint8Array): void {
  const descriptor = openSync(file, "r+");
  writeSync(descriptor, bytes, 0, bytes.length, offset);
  closeSync(descriptor);
}
