// How full the place is that takes the changes, and how fast it gets fuller. A store without room takes no change at all,
// not even that a file is deleted, because the overlay has to write that down.
import type { Finding } from "../text/finding.ts";
import { formatSize } from "../text/size.ts";

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
export type RoomOwner = "store" | "memory";

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
