// The ballast of a store on its real file system: made where there is much room, released where there is none.

import { describeFull } from "../../core/session/remedies.ts";
import type { RoomStepArguments } from "../../core/steps/room-steps.ts";
import { chooseNewBallast } from "../../core/stores/ballast.ts";
import { usableBytes } from "../../core/stores/room.ts";
import { Failure } from "../../core/text/failure.ts";
import { directoryOf } from "../../core/text/path.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { ifPossible } from "../port/errors.ts";
import type { System } from "../port/system.ts";
import { undoing } from "../port/undo.ts";
import { waitUntil } from "../port/wait-until.ts";
import { readBallast } from "../stores/measure-room.ts";
import { allocateFile, createFile } from "./file-steps.ts";
import { oneWay, type Performers } from "./performers.ts";

/** Gives the function that does each kind of step. */
export function performRoom(system: System): Performers<RoomStepArguments> {
  return {
    "ensure-room": oneWay(system, ensureRoom),
    "make-ballast": oneWay(system, makeBallast),
  };
}

/** Releases the ballast where less is free than it would give; throws Failure "no-room" where it is too little even so. */
export function ensureRoom(
  system: System,
  { path, type, ballast, bytes, advice }: RoomStepArguments["ensure-room"],
): void {
  const held = readBallast(system, ballast);
  const findUsable = () => usableBytes(type, system.room(path));
  if (held > 0 && findUsable() < held)
    release(system, { path, ballast, isEnough: () => findUsable() >= bytes });
  const left = findUsable();
  if (left >= bytes) return;
  throw new Failure(
    "no-room",
    `Cannot keep changes on ${formatPath(path)}: ${describeFull(left)}; ${advice}`,
  );
}

/** Removes a ballast and lets what it held become free, which a file system may do in its own time. */
function release(
  system: System,
  { path, ballast, isEnough }: { path: string; ballast: string; isEnough: () => boolean },
): void {
  cutOff(system, ballast);
  system.removeFile(ballast);
  // What was freed in a transaction may be taken only when that is on the disk.
  system.syncFileSystem(path);
  waitUntil(system, mostMs, isEnough);
}

const mostMs = 3000;

/** xfs gives back at once what a file is cut by, and in the background what a removed one had. */
function cutOff(system: System, ballast: string): void {
  // A full btrfs has no room to write that down, but always to write down that a file is removed.
  ifPossible(() => system.truncate(ballast, 0));
}

/**
 * Makes a ballast whole or not at all; does nothing where too little is free for one, or one is there. A file of its name
 * that holds no room, as copying a store leaves it, is replaced.
 */
export function makeBallast(
  system: System,
  { path, type }: RoomStepArguments["make-ballast"],
): void {
  const there = system.linkStatus(path);
  if (there !== undefined && (there.kind !== "file" || there.allocatedBytes > 0)) return;
  const bytes = chooseNewBallast(type, system.room(directoryOf(path)));
  if (bytes === undefined) return;
  const beside = `${path}.new`;
  // What a boot that was cut off has left.
  if (system.linkStatus(beside) !== undefined) system.removeFile(beside);
  createFile(system, beside, 0o600);
  undoing(
    () => system.removeFile(beside),
    () => {
      allocateFile(system, { path: beside, from: 0, bytes, pieceBytes: bytes }, () => {});
      system.rename(beside, path);
    },
  );
}
