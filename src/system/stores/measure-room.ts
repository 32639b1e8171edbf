// Measures the free space of the place where the changes go, with the time of the measurement.

import {
  inodesOf,
  measureUsable,
  type RoomMeasure,
  type SeenRoom,
  usableBytes,
} from "../../core/stores/room.ts";
import { ballastFile, inodeReserve } from "../../core/stores/store-names.ts";
import { ifPossible } from "../port/errors.ts";
import type { System } from "../port/system.ts";

/** A place where changes go. */
interface ChangesRoom {
  /** The mount point of its file system. */
  readonly path: string;
  /** The type of that, as the kernel names it. */
  readonly type: string;
  /** The directory with the upper directory, and with the ballast if there is one. */
  readonly directory: string;
}

/** Measures the space for changes; undefined if it is not known. */
export function measureRoom(
  system: System,
  { path, type, directory }: ChangesRoom,
): RoomMeasure | undefined {
  const room = ifPossible(() => system.room(path));
  if (room === undefined) return undefined;
  // A user without access to the store sees less space in it, not none.
  const ballastBytes = ifPossible(() => readBallast(system, `${directory}/${ballastFile}`)) ?? 0;
  return { ...measureUsable(type, room, ballastBytes), measured: system.uptimeMs() };
}

/** Returns what a ballast would add; 0 if there is none, or something else in its place. */
export function readBallast(system: System, path: string): number {
  const status = system.linkStatus(path);
  return status?.kind === "file" ? status.allocatedBytes : 0;
}

/**
 * Inspects the space of a file system that is mounted at `root`, for a store in its `directory`.
 */
export function inspectRoom(
  system: System,
  { root, directory, type }: { root: string; directory: string; type: string },
): SeenRoom {
  const room = system.room(root);
  const path = directory === "" ? root : `${root}/${directory}`;
  const inodes = inodesOf(type, room);
  return {
    totalBytes: room.totalBytes,
    usableBytes: usableBytes(type, room),
    ballastBytes: readBallast(system, `${path}/${ballastFile}`),
    ...(inodes && {
      inodes: { ...inodes, reserved: listReserve(system, `${path}/${inodeReserve}`).length },
    }),
  };
}

/** Lists the names of the empty files whose inodes are kept back; none if there is no reserve. */
export function listReserve(system: System, path: string): readonly string[] {
  if (system.linkStatus(path)?.kind !== "directory") return [];
  return (ifPossible(() => system.list(path)) ?? []).filter((name) => /^\d{1,2}$/.test(name));
}
