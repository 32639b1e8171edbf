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
  /**
   * The bytes that its host has really allocated for it alone; less than `bytes` in a sparse file,
   * and in one that shares blocks.
   */
  readonly allocatedBytes: number;
  /** How much of the rest is in blocks that a snapshot or another file refers to as well. */
  readonly sharedBytes?: number;
  /** Whether its host takes new blocks for every write to it. */
  readonly isCopiedOnWrite?: true;
  /** What is free on its host, if that matters to it. */
  readonly hostFreeBytes?: number;
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
  const { type } = superblock;
  if (type === "crypto_LUKS") {
    const sentence = "it is encrypted (crypto_LUKS), which this version does not support";
    return { kind: "encrypted", sentence };
  }
  if (!holdsDirectoryStore(type)) {
    const sentence = `it contains ${type}, and a store needs ${formatList(directoryStoreTypes, "or")}`;
    return { kind: "unsuitable", sentence };
  }
  const sentence = describeTruncated({ bytes, superblock });
  return sentence === undefined ? undefined : { kind: "truncated", sentence };
}

/** Describes a file that is shorter than the file system in it; undefined if it is not. */
export function describeTruncated({
  bytes,
  superblock,
}: Pick<StoreFile, "bytes" | "superblock">): string | undefined {
  const needed = superblock?.bytes;
  if (needed === undefined || needed <= bytes) return undefined;
  return `it is truncated: its file system has ${formatSize(needed)}, the file only ${formatSize(bytes)}`;
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

/** A reason why writes to a file may find no room on its host. */
export interface RoomLack {
  /** Blocks that were never allocated, that are shared, or that are replaced at each write. */
  readonly kind: "holes" | "shared" | "copied";
  /** Whether less is free on its host than it may still take. */
  readonly isShort: boolean;
  /** A clause about the file, which begins with "it" or "is". */
  readonly sentence: string;
}

/** Finds out whether writes to a file may find no room on its host; undefined if they will not. */
export function findRoomLack(
  file: Pick<
    StoreFile,
    "bytes" | "allocatedBytes" | "sharedBytes" | "isCopiedOnWrite" | "hostFreeBytes"
  >,
): RoomLack | undefined {
  const { bytes, allocatedBytes, sharedBytes = 0, isCopiedOnWrite, hostFreeBytes } = file;
  const free =
    hostFreeBytes === undefined ? "" : `, and ${formatSize(hostFreeBytes)} is free there`;
  if (isSparse(file))
    return {
      kind: sharedBytes > 0 ? "shared" : "holes",
      isShort: hostFreeBytes !== undefined && hostFreeBytes < bytes - allocatedBytes,
      sentence:
        sharedBytes > 0
          ? `shares ${formatSize(sharedBytes)} with a snapshot or a copy on its host, so that writes to it need new room${free}`
          : `is sparse (${formatSize(allocatedBytes)} of ${formatSize(bytes)} allocated)${free}`,
    };
  if (!isCopiedOnWrite) return undefined;
  return {
    kind: "copied",
    isShort: hostFreeBytes !== undefined && hostFreeBytes < leastForCopies,
    sentence: `is copied on write by its host, so that every change needs new room${free}`,
  };
}

/** Describes what that means for changes, as the end of a sentence. */
export function describeLoss({ isShort }: RoomLack): string {
  return isShort ? "changes will be lost" : "if its host fills up, changes are lost";
}

/** What btrfs needs until a transaction frees what was replaced. */
const leastForCopies = 16 * 2 ** 20;
