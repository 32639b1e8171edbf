// Whether what a session holds finds room in a store.

import { inodesOf, type KernelRoom, usableBytes } from "../stores/room.ts";
import { Failure } from "../text/failure.ts";
import { formatSize, roundUp } from "../text/size.ts";

/** What is kept comes to. */
export interface KeptTotals {
  readonly entries: number;
  /** The bytes that it takes, in whole blocks; a file with several names counts once. */
  readonly bytes: number;
}

const mebibyte = 2 ** 20;

/** Chooses the size of a file store that nobody has given: there is as much room again in it. */
export function chooseStoreBytes({ bytes }: KeptTotals): number {
  return roundUp(Math.max(256 * mebibyte, 2 * bytes), mebibyte);
}

/** Throws Failure "no-room" for a size that cannot be enough, whatever the file system is. */
export function checkStoreBytes({ bytes }: KeptTotals, size: number, cannot: string): void {
  if (size > bytes) return;
  throw new Failure(
    "no-room",
    `${cannot}: a store of ${formatSize(size)} has no room for the ${formatSize(bytes)} that this session holds`,
    `choose a size of ${chooseStoreBytes({ entries: 0, bytes }) / mebibyte}MiB, or keep only some paths with --only`,
  );
}

/** Throws Failure "no-room" where there is too little in a file system of a type. */
export function checkKeptRoom(
  { entries, bytes }: KeptTotals,
  { type, room }: { readonly type: string; readonly room: KernelRoom },
  cannot: string,
): void {
  const usable = usableBytes(type, room);
  if (usable < bytes)
    throw new Failure(
      "no-room",
      `${cannot}: this session holds ${formatSize(bytes)}, and only ${formatSize(usable)} is free`,
      "choose a larger store, or keep only some paths with --only",
    );
  const inodes = inodesOf(type, room);
  if (inodes !== undefined && inodes.free < entries)
    throw new Failure(
      "no-room",
      `${cannot}: this session holds ${entries} files and directories, and there is room for only ${inodes.free} more`,
      "choose a larger store, or keep only some paths with --only",
    );
}
