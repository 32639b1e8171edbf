// The space of a store: how much is left and how fast it fills, and how much of a file system's
// free space a session can use, which no single number of statfs(2) tells. A full store accepts no
// change at all, not even a deletion, because the overlay has to record it. A session writes as
// root, so what ext4 reserves for root counts; what the kernel reserves for itself does not (2 %,
// at most 4096 blocks: ext4_calculate_resv_clusters). btrfs reports space as free that only its
// metadata can use, but its available space is correct.

import type { Finding } from "../text/finding.ts";
import { formatSize } from "../text/size.ts";
/** The space of a file system as statfs(2) reports it, in bytes. */
export interface KernelRoom {
  readonly totalBytes: number;
  /** What an unprivileged user may still write. */
  readonly availableBytes: number;
  /** What is unused, whoever may write there. */
  readonly freeBytes: number;
  /** How many files there can be, and how many more; undefined or 0 if only room limits that. */
  readonly totalInodes?: number;
  readonly freeInodes?: number;
}

/** Returns how many bytes a session can still write to a file system of this type. */
export function usableBytes(type: string, room: KernelRoom): number {
  const { totalBytes, availableBytes, freeBytes } = room;
  if (type === "btrfs") return availableBytes;
  if (!type.startsWith("ext")) return freeBytes;
  // 2 % of all blocks; totalBytes leaves out those with inodes and bitmaps.
  const keptBytes = Math.min(Math.floor(totalBytes / 40), mostKeptBytes);
  // If nothing is reserved for root, the kernel's own number is exact.
  return Math.max(availableBytes, freeBytes - keptBytes, 0);
}

/**
 * Returns whether the space of a type is known while the device is read-only: btrfs then does not
 * count what is not allocated to data or metadata yet, and may report nothing as available although
 * there is much.
 */
export function isRoomSeen(type: string): boolean {
  return type !== "btrfs";
}

/** How many files a file system can have, and how many more. */
interface Inodes {
  readonly total: number;
  readonly free: number;
}

/**
 * Returns the inodes of a file system whose number was settled when it was made; undefined for
 * others, which make them out of free space, and report what that would give.
 */
export function inodesOf(
  type: string,
  { totalInodes: total = 0, freeInodes: free = 0 }: KernelRoom,
): Inodes | undefined {
  const hasTable = type.startsWith("ext") || type === "tmpfs";
  return hasTable && total > 0 ? { total, free } : undefined;
}

/** 4096 blocks of 4 KiB; blocks are smaller only on small file systems. */
const mostKeptBytes = 16 * 2 ** 20;

/**
 * Measures space as a session can use it: the ballast counts as neither used nor available, so it
 * does not bring a warning forward, and a full store shows 100 percent.
 */
export function measureUsable(
  type: string,
  room: KernelRoom,
  ballastBytes: number,
): Omit<RoomMeasure, "measured"> {
  const usedBytes = Math.max(0, room.totalBytes - room.freeBytes - ballastBytes);
  const inodes = inodesOf(type, room);
  return {
    totalBytes: usedBytes + usableBytes(type, room),
    usedBytes,
    ...(inodes && {
      totalInodes: inodes.total,
      usedInodes: Math.max(0, inodes.total - inodes.free),
    }),
  };
}

/** The space of a store's file system as it was inspected, in bytes. */
export interface SeenRoom {
  readonly totalBytes: number;
  readonly usableBytes: number;
  /** What its ballast would add; 0 without one. */
  readonly ballastBytes: number;
  /** How many files it can have, how many more, and how many its reserve would add. */
  readonly inodes?: Inodes & { readonly reserved: number };
}

/** The space of a file system at one moment, in bytes. */
export interface RoomMeasure {
  readonly totalBytes: number;
  readonly usedBytes: number;
  /** How many files it can have, and how many it has; undefined if only room limits that. */
  readonly totalInodes?: number | undefined;
  readonly usedInodes?: number | undefined;
  /** Milliseconds since the kernel started. */
  readonly measured: number;
}

/** The change of the space between two moments. */
export interface Filling {
  /** How much more is used; negative if files were deleted. */
  readonly moreBytes: number;
  readonly elapsedMs: number;
  /** When nothing will be left at this rate; undefined if that cannot be predicted. */
  readonly fullInMs: number | undefined;
}

/** The owner of the space, for sentences: the store, or the memory used instead of one. */
type RoomOwner = "store" | "memory";

/** Measures the change of the space since an earlier measurement. */
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

/** The rate while a system starts does not predict the hours after it. */
const tellingMs = 600_000;

/** Returns how much is used, in whole percent rounded down; a size of 0 is full. */
export function usedPercent({
  totalBytes,
  usedBytes,
}: Pick<RoomMeasure, "totalBytes" | "usedBytes">): number {
  return totalBytes > 0 ? Math.min(100, Math.floor((usedBytes * 100) / totalBytes)) : 100;
}

/** A finding about the space, and what there is too little of. */
export interface RoomFinding extends Finding {
  readonly lacks: "bytes" | "inodes";
  /** What is said of it without its owner ("85 % full: …"). */
  readonly state: string;
}

/**
 * Checks that space is left, and inodes for more files: a warning from 85 percent on, an error from
 * 95.
 */
export function checkRoom(room: Omit<RoomMeasure, "measured">, owner: RoomOwner): RoomFinding[] {
  const name = owner === "store" ? "The store" : "The memory for changes";
  const { totalBytes, usedBytes, totalInodes = 0, usedInodes = 0 } = room;
  const left = formatSize(Math.max(0, totalBytes - usedBytes));
  const files = Math.max(0, totalInodes - usedInodes);
  const percents = [
    { lacks: "bytes", percent: usedPercent(room), of: `${left} of ${formatSize(totalBytes)}` },
    {
      lacks: "inodes",
      percent: totalInodes === 0 ? 0 : Math.floor((usedInodes * 100) / totalInodes),
      of: `inodes for ${files} of ${totalInodes} files`,
    },
  ] as const;
  return percents
    .filter(({ percent }) => percent >= warningPercent)
    .map(({ lacks, percent, of }) => {
      const state = `${percent} % full: ${of} left`;
      const level = percent >= errorPercent ? "error" : "warning";
      return { level, lacks, state, message: `${name} is ${state}` };
    });
}

const warningPercent = 85;
const errorPercent = 95;
