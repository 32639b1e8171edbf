// How much room the place has that takes the changes, and when that was so.

import {
  measureUsable,
  type RoomMeasure,
  type SeenRoom,
  usableBytes,
} from "../../core/stores/room.ts";
import { ballastFile } from "../../core/stores/store-names.ts";
import { ifPossible } from "../port/errors.ts";
import type { System } from "../port/system.ts";

/** Is a place that takes changes. */
interface ChangesRoom {
  /** Where its file system is mounted. */
  readonly path: string;
  /** The type of that, in the kernel's words. */
  readonly type: string;
  /** The directory that the upper directory lies in, and the ballast if there is one. */
  readonly directory: string;
}

/** Measures the room for changes; undefined where that cannot be told. */
export function measureRoom(
  system: System,
  { path, type, directory }: ChangesRoom,
): RoomMeasure | undefined {
  const room = ifPossible(() => system.room(path));
  if (room === undefined) return undefined;
  // Who may not look into the store sees less room in it, not none.
  const ballastBytes = ifPossible(() => readBallast(system, `${directory}/${ballastFile}`)) ?? 0;
  return { ...measureUsable(type, room, ballastBytes), measured: system.uptimeMs() };
}

/** Gives what a ballast would give; 0 where there is none, or something else in its place. */
export function readBallast(system: System, path: string): number {
  const status = system.linkStatus(path);
  return status?.kind === "file" ? status.allocatedBytes : 0;
}

/** Inspects the room of a file system that is mounted at `root`, for a store in `directory` of it. */
export function inspectRoom(
  system: System,
  { root, directory, type }: { root: string; directory: string; type: string },
): SeenRoom {
  const room = system.room(root);
  const path = directory === "" ? root : `${root}/${directory}`;
  return {
    totalBytes: room.totalBytes,
    usableBytes: usableBytes(type, room),
    ballastBytes: readBallast(system, `${path}/${ballastFile}`),
  };
}
