// The room of a store: how much of it is left and how fast it fills, and what of a file system's room changes can be
// written to, which no single number of statfs(2) tells. A store without room takes no change at all, not even a
// deletion, because the overlay has to write that down. Writes of a session are root's, so what ext4 keeps for root
// counts; what its kernel keeps for itself does not (2 %, at most 4096 blocks: ext4_calculate_resv_clusters). btrfs calls
// free what only its metadata may have, and says truly what is available.

import type { Finding } from "../text/finding.ts";
import { formatSize } from "../text/size.ts";
/** Is the room of a file system as statfs(2) tells it; bytes. */
export interface KernelRoom {
  readonly totalBytes: number;
  /** What an ordinary user may still write. */
  readonly availableBytes: number;
  /** What is not used, whoever may write there. */
  readonly freeBytes: number;
}

/** Gives how many bytes a session can still write to a file system of this type. */
export function usableBytes(type: string, room: KernelRoom): number {
  const { totalBytes, availableBytes, freeBytes } = room;
  if (type === "btrfs") return availableBytes;
  if (!type.startsWith("ext")) return freeBytes;
  // 2 % of all blocks, of which totalBytes leaves out those with inodes and bitmaps.
  const keptBytes = Math.min(Math.floor(totalBytes / 40), mostKeptBytes);
  // Where nothing is kept for root, the kernel's own number is exact.
  return Math.max(availableBytes, freeBytes - keptBytes, 0);
}

/**
 * Tells whether the room of a type can be told from a device that nothing can be written to: btrfs counts there no room that
 * it has not given to data or metadata yet, and may say that none is available where there is much.
 */
export function isRoomSeen(type: string): boolean {
  return type !== "btrfs";
}

/** 4096 blocks of 4 KiB; blocks are smaller only where the file system is. */
const mostKeptBytes = 16 * 2 ** 20;

/**
 * Measures room as a session has it: what the ballast takes is neither used nor to be had, so it brings no warning
 * forward, and a store that takes no more is full to the last percent.
 */
export function measureUsable(
  type: string,
  room: KernelRoom,
  ballastBytes: number,
): Pick<RoomMeasure, "totalBytes" | "usedBytes"> {
  const usedBytes = Math.max(0, room.totalBytes - room.freeBytes - ballastBytes);
  return { totalBytes: usedBytes + usableBytes(type, room), usedBytes };
}

/** Is the room of a store's file system as a look saw it; bytes. */
export interface SeenRoom {
  readonly totalBytes: number;
  readonly usableBytes: number;
  /** What its ballast would give; 0 without one. */
  readonly ballastBytes: number;
}

/** Is the room of a file system at one moment; bytes. */
export interface RoomMeasure {
  readonly totalBytes: number;
  readonly usedBytes: number;
  /** Milliseconds since the kernel started. */
  readonly measured: number;
}

/** Says how the room changed between two moments. */
export interface Filling {
  /** How much more is used; negative when things were deleted. */
  readonly moreBytes: number;
  readonly elapsedMs: number;
  /** When nothing will be left if it goes on like that; undefined where that cannot be told. */
  readonly fullInMs: number | undefined;
}

/** Says what has the room, for sentences: the store, or the memory that stands in for one. */
type RoomOwner = "store" | "memory";

/** Measures what became of the room since it was measured before. */
export function measureFilling(before: RoomMeasure, now: RoomMeasure): Filling {
  const moreBytes = now.usedBytes - before.usedBytes;
  const elapsedMs = Math.max(0, now.measured - before.measured);
  const isTelling = moreBytes > 0 && elapsedMs >= tellingMs;
  const left = Math.max(0, now.totalBytes - now.usedBytes);
  return {
    moreBytes,
    elapsedMs,
    fullInMs: isTelling ? Math.floor((left / moreBytes) * elapsedMs) : undefined,
  };
}

/** What happens while a system starts says nothing of the hours after it. */
const tellingMs = 600_000;

/** Gives how much is used, in whole percent rounded down; what is of no size is full. */
export function usedPercent({
  totalBytes,
  usedBytes,
}: Pick<RoomMeasure, "totalBytes" | "usedBytes">): number {
  return totalBytes > 0 ? Math.min(100, Math.floor((usedBytes * 100) / totalBytes)) : 100;
}

/** Checks that room is left: a warning from 85 percent on, an error from 95. */
export function checkRoom(
  room: Pick<RoomMeasure, "totalBytes" | "usedBytes">,
  owner: RoomOwner,
): Finding[] {
  const percent = usedPercent(room);
  if (percent < warningPercent) return [];
  const name = owner === "store" ? "The store" : "The memory for changes";
  const left = formatSize(Math.max(0, room.totalBytes - room.usedBytes));
  const message = `${name} is ${percent} % full: ${left} of ${formatSize(room.totalBytes)} are left`;
  return [{ level: percent >= errorPercent ? "error" : "warning", message }];
}

const warningPercent = 85;
const errorPercent = 95;
