// The ballast of a store on its real file system: created if there is much space, released if there
// is none.

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

/** Returns the functions that perform these steps. */
export function performRoom(system: System): Performers<RoomStepArguments> {
  return {
    "ensure-room": oneWay(system, ensureRoom),
    "make-ballast": oneWay(system, makeBallast),
  };
}

/**
 * Releases the ballast if less is free than it would add; throws Failure "no-room" if even that is
 * too little.
 */
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

/**
 * Removes a ballast and waits for its space to become free, which some file systems do in the
 * background.
 */
function release(
  system: System,
  { path, ballast, isEnough }: { path: string; ballast: string; isEnough: () => boolean },
): void {
  cutOff(system, ballast);
  system.removeFile(ballast);
  // Space freed in a transaction can be used only once that is on disk.
  system.syncFileSystem(path);
  waitUntil(system, mostMs, isEnough);
}

const mostMs = 3000;

/** xfs frees the space of a truncated file at once, but that of a removed one in the background. */
function cutOff(system: System, ballast: string): void {
  // A full btrfs has no space to record a truncation, but it can always record a removal.
  ifPossible(() => system.truncate(ballast, 0));
}

/**
 * Creates a complete ballast or none; does nothing if too little is free for one, or one exists. A
 * file of its name without allocated space, as copying a store leaves it, is replaced.
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
  // A leftover of an interrupted boot.
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
