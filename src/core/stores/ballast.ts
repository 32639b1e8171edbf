// The ballast: room that a store keeps back for the boot that finds it full. Then it is released, so that files can be
// deleted, which an overlay has to write down. On a file system that also holds somebody's data a store keeps no room
// back: that room is not the store's. Sizes and limits: docs/decisions/0021.

import { type KernelRoom, usableBytes } from "./room.ts";
import { isOwnName } from "./store-directory.ts";
import { namesStoreDirectory } from "./store-names.ts";

/** Is what became of the ballast in a boot. */
export type BallastOutcome = "kept" | "made" | "released";

const mebibyte = 2 ** 20;

/** Gives how large the ballast of a file system is: 1 % of it in whole MiB, at least 4 and at most 64. */
export function chooseBallastBytes(totalBytes: number): number {
  const share = Math.floor(totalBytes / 100 / mebibyte) * mebibyte;
  return Math.min(Math.max(share, 4 * mebibyte), 64 * mebibyte);
}

/** Gives how large a ballast can be made now; undefined where too little is free to keep some of it back. */
export function chooseNewBallast(type: string, room: KernelRoom): number | undefined {
  const bytes = chooseBallastBytes(room.totalBytes);
  return usableBytes(type, room) >= 10 * bytes ? bytes : undefined;
}

/**
 * Gives how many bytes a store needs so that a session can be on it: with less an overlay may come up read-only, or files
 * not be deleted. What btrfs says to be available it does not give to its last megabytes.
 */
export function leastUsableBytes(type: string): number {
  return type === "btrfs" ? 3.5 * mebibyte : mebibyte / 2;
}

/**
 * Tells whether nothing but stores lies on a file system, by the names in its top and in each directory that leads to the
 * store; `list` gives those of a directory without a leading slash, none where it is missing.
 */
export function isDedicated(
  directory: string,
  list: (directory: string) => readonly string[],
): boolean {
  const parts = directory.split("/").filter((part) => part !== "");
  const isStoresOwn = (name: string) =>
    name === "lost+found" || namesStoreDirectory(name) || (parts.length === 0 && isOwnName(name));
  // What boots with other media made beside it is a store too.
  const depth = namesStoreDirectory(parts[0] ?? "") ? 1 : Math.max(1, parts.length);
  return Array.from({ length: depth }, (_, level) => level).every((level) =>
    list(parts.slice(0, level).join("/")).every(
      (name) => name === parts[level] || (level === 0 && isStoresOwn(name)),
    ),
  );
}
