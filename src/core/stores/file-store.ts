// The file of a store. A file is accepted only if it contains a complete file system that can keep
// changes, with a store in it or nothing.

import { directoryStoreTypes, holdsDirectoryStore } from "../file-systems/mounting.ts";
import type { Superblock } from "../superblocks/superblock.ts";
import { formatList } from "../text/quoted.ts";
import { formatSize } from "../text/size.ts";

/** A file that may be a store, and what was read from it. */
export interface StoreFile {
  /** From the top of its host ("/sysrcd.bs"). */
  readonly path: string;
  /** Without what a growth that was interrupted at its beginning has left at its end. */
  readonly bytes: number;
  /** The bytes that its host has really allocated for it; less than `bytes` in a sparse file. */
  readonly allocatedBytes: number;
  readonly superblock: Superblock | undefined;
  /** The text of the record that an unfinished grow or shrink left beside it. */
  readonly intent: string | undefined;
  /**
   * Whether its host was inspected without its journal, which may contain newer changes; undefined
   * if not.
   */
  readonly ignoredJournal?: boolean;
}

/** A reason why a file cannot be a store; `truncated`: it is shorter than the file system in it. */
export interface FileFault {
  readonly kind: "empty" | "unrecognised" | "encrypted" | "unsuitable" | "truncated";
  readonly sentence: string;
}

/**
 * Returns why a file cannot be a store, by its size and superblock alone; undefined if it can be
 * one.
 */
export function findFault({
  bytes,
  superblock,
}: Pick<StoreFile, "bytes" | "superblock">): FileFault | undefined {
  if (bytes === 0) return { kind: "empty", sentence: "it is empty" };
  if (superblock === undefined) {
    const isTooSmall = bytes < smallestFileSystem;
    return {
      kind: "unrecognised",
      sentence: isTooSmall
        ? `it is too small for a file system (${formatSize(bytes)})`
        : "no file system was recognised in it",
    };
  }
  const { type, bytes: needed } = superblock;
  if (type === "crypto_LUKS") {
    const sentence = "it is encrypted (crypto_LUKS), which this version does not support";
    return { kind: "encrypted", sentence };
  }
  if (!holdsDirectoryStore(type)) {
    const sentence = `it contains ${type}, and a store needs ${formatList(directoryStoreTypes, "or")}`;
    return { kind: "unsuitable", sentence };
  }
  if (needed !== undefined && needed > bytes) {
    const sentence = `it is truncated: its file system has ${formatSize(needed)}, the file only ${formatSize(bytes)}`;
    return { kind: "truncated", sentence };
  }
  return undefined;
}

/** The smallest file system that mkfs.ext2 creates. */
const smallestFileSystem = 64 * 1024;

/** Returns whether a host has allocated less than the whole file. */
export function isSparse({
  bytes,
  allocatedBytes,
}: Pick<StoreFile, "bytes" | "allocatedBytes">): boolean {
  return allocatedBytes < bytes;
}

/** Describes how much of a sparse file is allocated ("100.0 MiB of 256.0 MiB are allocated"). */
export function describeAllocation({ bytes, allocatedBytes }: StoreFile): string {
  return `${formatSize(allocatedBytes)} of ${formatSize(bytes)} allocated`;
}
