// The ballast: space that a store reserves for the boot that finds it full. Then it is released, so
// that files can be deleted, which an overlay has to record. On a file system that also holds other
// data a store reserves nothing: that space does not belong to it. Sizes and limits:
// docs/decisions/0021.

import { inodesOf, type KernelRoom, usableBytes } from "./room.ts";
import { isOwnName } from "./store-directory.ts";
import { namesStoreDirectory } from "./store-names.ts";

/** The fate of the ballast in a boot. */
export type BallastOutcome = "kept" | "made" | "released";

const mebibyte = 2 ** 20;

/**
 * Returns the size of the ballast for a file system: 1 % of it in whole MiB, at least 4 and at most
 * 64.
 */
export function chooseBallastBytes(totalBytes: number): number {
  const share = Math.floor(totalBytes / 100 / mebibyte) * mebibyte;
  return Math.min(Math.max(share, 4 * mebibyte), 64 * mebibyte);
}

/** The size of the ballast of a store that is too small for the usual one. */
const smallBallastBytes = mebibyte;

/** Returns the size of a ballast that can be created now; undefined if too little is free. */
export function chooseNewBallast(type: string, room: KernelRoom): number | undefined {
  const sizes = [chooseBallastBytes(room.totalBytes), smallBallastBytes];
  return sizes.find(
    (bytes) => bytes > leastUsableBytes(type) && usableBytes(type, room) >= 10 * bytes,
  );
}

/**
 * Returns how many bytes a session needs on a store: with less, the overlay may be mounted
 * read-only, or files cannot be deleted. btrfs cannot use the last megabytes that it reports as
 * available.
 */
export function leastUsableBytes(type: string): number {
  return type === "btrfs" ? 3.5 * mebibyte : mebibyte / 2;
}

/** How many inodes are kept back for the boot that finds none free. */
export const reservedInodes = 16;

/** How many inodes a session needs at least: for its record, the overlay's work and a deletion. */
export const leastInodes = 4;

/** Returns whether inodes can be kept back: if there are few, and not because all are used. */
export function mayReserveInodes(type: string, room: KernelRoom): boolean {
  const inodes = inodesOf(type, room);
  return inodes !== undefined && inodes.free >= 2 * reservedInodes;
}

/**
 * Returns whether a file system contains nothing but stores, by the names in its top directory and
 * in each directory that leads to the store; `list` returns those of a directory without a leading
 * slash, none if it is missing.
 */
export function isDedicated(
  directory: string,
  list: (directory: string) => readonly string[],
): boolean {
  const parts = directory.split("/").filter((part) => part !== "");
  const isStoresOwn = (name: string) =>
    name === "lost+found" || namesStoreDirectory(name) || (parts.length === 0 && isOwnName(name));
  // Stores created beside it by boots from other media are stores too.
  const depth = namesStoreDirectory(parts[0] ?? "") ? 1 : Math.max(1, parts.length);
  return Array.from({ length: depth }, (_, level) => level).every((level) =>
    list(parts.slice(0, level).join("/")).every(
      (name) => name === parts[level] || (level === 0 && isStoresOwn(name)),
    ),
  );
}
