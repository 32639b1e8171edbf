// What of a file system's room changes can be written to, which no single number of statfs(2) tells. Writes of a session
// are root's, so what ext keeps for root counts; what its kernel keeps for itself does not (2 %, at most 4096 blocks:
// ext4_calculate_resv_clusters). btrfs calls free what only its metadata may have, and says truly what is available.
import type { RoomMeasure } from "./filling.ts";

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
