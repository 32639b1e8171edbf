// How much room the file system has that a path is on, and when that was so.
import type { RoomMeasure } from "../core/filling.ts";
import { errnoOf, type System } from "./system.ts";

/** Measures the room that a path has; undefined where that cannot be told. */
export function measureRoom(system: System, path: string): RoomMeasure | undefined {
  try {
    const { totalBytes, freeBytes } = system.room(path);
    return { totalBytes, usedBytes: totalBytes - freeBytes, measured: system.uptimeMs() };
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}
