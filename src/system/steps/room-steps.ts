// The ballast of a store on its real file system: created if there is much space, released if there
// is none.

import { describeFull, noInodes } from "../../core/session/remedies.ts";
import type { RoomStepArguments } from "../../core/steps/room-steps.ts";
import {
  chooseNewBallast,
  leastInodes,
  mayReserveInodes,
  reservedInodes,
} from "../../core/stores/ballast.ts";
import { inodesOf, usableBytes } from "../../core/stores/room.ts";
import { inodeReserve } from "../../core/stores/store-names.ts";
import { Failure } from "../../core/text/failure.ts";
import { directoryOf } from "../../core/text/path.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { ifPossible } from "../port/errors.ts";
import type { System } from "../port/system.ts";
import { undoing } from "../port/undo.ts";
import { waitUntil } from "../port/wait-until.ts";
import { listReserve, readBallast } from "../stores/measure-room.ts";
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
  ensureInodes(system, { path, type, ballast, advice });
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

/** Without an inode nothing can be created, whatever room is left. */
function ensureInodes(
  system: System,
  { path, type, ballast, advice }: Omit<RoomStepArguments["ensure-room"], "bytes">,
): void {
  const isShort = () => {
    const inodes = inodesOf(type, system.room(path));
    return inodes !== undefined && inodes.free < leastInodes;
  };
  if (!isShort()) return;
  const reserve = `${directoryOf(ballast)}/${inodeReserve}`;
  for (const name of listReserve(system, reserve)) system.removeFile(`${reserve}/${name}`);
  ifPossible(() => system.removeDirectory(reserve));
  system.syncFileSystem(path);
  if (!isShort()) return;
  throw new Failure(
    "no-room",
    `Cannot keep changes on ${formatPath(path)}: ${noInodes}; ${advice}`,
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
  makeReserve(system, directoryOf(path), type);
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

/** Empty files, of which each keeps an inode back; what exists of them already counts. */
function makeReserve(system: System, directory: string, type: string): void {
  if (!mayReserveInodes(type, system.room(directory))) return;
  const path = `${directory}/${inodeReserve}`;
  const kind = system.linkStatus(path)?.kind;
  if (kind === undefined) system.makeDirectory(path, 0o700);
  else if (kind !== "directory") return;
  const there = new Set(listReserve(system, path));
  for (let number = 1; number <= reservedInodes; number++)
    if (!there.has(String(number))) system.createFile(`${path}/${number}`, 0o600);
}
