// What the user can do about a store that a session does not write to: the command to enter while
// the store is not in use; and how a store without space is distinguished from one that can still
// be used.

import { showsSameVolume } from "../devices/volumes.ts";
import { leastInodes, leastUsableBytes } from "../stores/ballast.ts";
import type { StoreFile } from "../stores/file-store.ts";
import type { FoundStore } from "../stores/found-store.ts";
import { typeOf } from "../stores/seen-store.ts";
import { formatEscaped, formatQuoted, formatShellWord } from "../text/quoted.ts";
import { formatSize } from "../text/size.ts";
import type { SessionFacts } from "./session.ts";

/**
 * Formats how to repair a store, or to inspect it if nothing repairs its file system (btrfs, f2fs).
 */
export function formatRemedy(
  { medium, apart }: Pick<SessionFacts, "medium" | "apart">,
  store: FoundStore,
): string {
  const { device, file } = store;
  const type = typeOf(store);
  const isRepaired = type.startsWith("ext") || type === "xfs";
  const check = isRepaired ? "backstore check --repair" : "backstore check";
  if (apart !== undefined) return `run: ${check} ${formatShellWord(apart.file ?? device.path)}`;
  const begin = "boot with backstore=off and run:";
  if (file === undefined) return `${begin} ${check} ${formatShellWord(device.path)}`;
  // The medium is mounted then, and temporarily made writable.
  if (showsSameVolume(device, medium.device))
    return `${begin} ${check} ${formatShellWord(`/run/backstore/medium${file.path}`)}`;
  const mount = `mount ${formatShellWord(device.path)} /mnt`;
  return `${begin} ${mount} && ${check} ${formatShellWord(`/mnt${file.path}`)}`;
}

/**
 * Finds out whether a store is too full to be written to, even with everything released; a
 * sentence, or undefined.
 */
export function findFull(store: FoundStore): string | undefined {
  const { room } = store.directory;
  const type = typeOf(store);
  const advice = adviseRoom({ ...store, directory: store.directory.directory });
  const inodes = room?.inodes;
  if (inodes !== undefined && inodes.free + inodes.reserved < leastInodes)
    return `${noInodes}; ${advice}`;
  if (room === undefined || room.usableBytes + room.ballastBytes >= leastUsableBytes(type))
    return undefined;
  return `${describeFull(room.usableBytes + room.ballastBytes)}; ${advice}`;
}

/** That a store can have no more files. */
export const noInodes = "the store is full (it has no inode left for another file)";

/** Describes that a store has no space. */
export function describeFull(freeBytes: number): string {
  return `the store is full (${formatSize(freeBytes)} free, no ballast left)`;
}

/** Formats how to make space in a store that no session can use; for the end of a sentence. */
export function adviseRoom({
  device,
  file,
  directory,
}: Pick<FoundStore, "device"> & {
  readonly file?: StoreFile | undefined;
  readonly directory: string;
}): string {
  const begin = `boot with backstore=off, mount ${formatEscaped(device.path)}`;
  if (file !== undefined)
    return `${begin} and enlarge it (backstore grow MOUNT${formatEscaped(file.path)} SIZE)`;
  const upper = directory === "" ? "upperdir" : `${directory}/upperdir`;
  return `${begin} and delete large files in ${formatQuoted(upper)}`;
}

/** Describes that the ballast was released, and what to do now; short enough for a login. */
export function describeRelease(
  releasedBytes: number | undefined,
  freeBytes: number | undefined,
): string {
  const size = releasedBytes === undefined ? "" : ` of ${formatSize(releasedBytes)}`;
  const now = freeBytes === undefined ? "" : `, and ${formatSize(freeBytes)} is free now`;
  return `The store was full: its ballast${size} was released${now}; delete large files (du -ah /mnt/memory/upperdir | sort -h | tail)`;
}

/** That the reserve of inodes was released, and what to do now. */
export const describeSpentInodes =
  "The store had no inode left: those that were kept back are free now; delete files (du --inodes /mnt/memory/upperdir | sort -n | tail)";
