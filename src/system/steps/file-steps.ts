// How a file is made, allocated, checked, copied and put in its place. A sparse file would lose everything when its host
// fills up, while every write says that it went well; so what is promised is allocated, and it is looked whether it is.

import type { FileStepArguments } from "../../core/steps/file-steps.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { formatSize } from "../../core/text/size.ts";
import { makeDirectories, writeWhole } from "../port/files.ts";
import { errnoOf, type System } from "../port/system.ts";
import { type Undo, undoing, undoQuietly } from "../port/undo.ts";
import { makeDirectoryLike } from "./make-directory-like.ts";
import { nothing, oneWay, type Performers } from "./performers.ts";

/** Is told how far a long step has come, in bytes. */
export type Progress = (doneBytes: number, allBytes: number) => void;

/** Gives the function that does each kind of step. */
export function performFile(system: System, progress: Progress): Performers<FileStepArguments> {
  return {
    "make-directory": oneWay(system, makeDirectory),
    "make-directory-like": oneWay(system, makeDirectoryLike),
    "make-link": (step) => makeLink(system, step),
    "write-file": oneWay(system, writeFile),
    "create-file": ({ path, mode }) => {
      createFile(system, path, mode);
      return () => system.removeFile(path);
    },
    reserve: (step) => reserveRoom(system, step),
    allocate: (step) => allocateFile(system, step, progress),
    "check-allocated": oneWay(system, checkAllocated),
    "copy-file": (step) => copyFile(system, step, progress),
    truncate: (step) => truncate(system, step),
    rename: (step) => renameFile(system, step),
    "remove-file": oneWay(system, removeFile),
    "sync-file": oneWay(system, syncFile),
    "sync-file-system": oneWay(system, syncFileSystem),
  };
}

function makeDirectory(system: System, { path, mode }: FileStepArguments["make-directory"]): void {
  makeDirectories(system, path, mode ?? 0o755);
}

function makeLink(system: System, { path, to }: FileStepArguments["make-link"]): Undo {
  if (system.linkStatus(path)?.kind === "link") system.removeFile(path);
  system.makeLink(path, to);
  return () => system.removeFile(path);
}

function writeFile(system: System, { path, text }: FileStepArguments["write-file"]): void {
  writeWhole(system, path, text);
}

/** Makes an empty file where nothing is. */
export function createFile(system: System, path: string, mode = 0o600): void {
  system.createFile(path, mode);
  try {
    // Room that is allocated for a file that is copied on write is not the room that is written to.
    system.disableCopyOnWrite(path);
  } catch (error) {
    system.removeFile(path);
    throw error;
  }
}

/** Sets room aside for a file; undoing gives back what lies beyond its end. */
function reserveRoom(system: System, { path, from, bytes }: FileStepArguments["reserve"]): Undo {
  const undo = () => system.truncate(path, system.status(path)?.bytes ?? 0);
  try {
    system.reserve(path, from, bytes - from);
  } catch (error) {
    if (errnoOf(error) === "EOPNOTSUPP") return () => {};
    // What was found until the room ran out stays set aside otherwise.
    undoQuietly(undo);
    throw error;
  }
  return undo;
}

/** Allocates a stretch of a file piece by piece; undoing gives the file the length that it had. */
export function allocateFile(
  system: System,
  { path, from, bytes, pieceBytes }: FileStepArguments["allocate"],
  progress: Progress,
): Undo {
  const before = system.status(path)?.bytes ?? 0;
  const undo = () => system.truncate(path, before);
  try {
    for (let at = from; at < bytes; at += pieceBytes) {
      progress(at - from, bytes - from);
      allocatePiece(system, { path, at, length: Math.min(pieceBytes, bytes - at), before });
    }
  } catch (error) {
    if (before < bytes) undo();
    throw error;
  }
  progress(bytes - from, bytes - from);
  return before < bytes ? undo : () => {};
}

interface Piece {
  readonly path: string;
  readonly at: number;
  readonly length: number;
  /** How long the file was: what lies before holds something, and is kept. */
  readonly before: number;
}

function allocatePiece(system: System, piece: Piece): void {
  try {
    system.allocate(piece.path, piece.at, piece.length);
  } catch (error) {
    if (errnoOf(error) !== "EOPNOTSUPP") throw error;
    writePiece(system, piece);
  }
}

const writtenBytes = 2 ** 20;

function writePiece(system: System, { path, at, length, before }: Piece): void {
  for (let done = 0; done < length; done += writtenBytes) {
    const offset = at + done;
    const data = new Uint8Array(Math.min(writtenBytes, length - done));
    if (offset < before) data.set(system.readBytes(path, offset, data.length));
    system.writeBytes(path, offset, data);
  }
}

/** Fills the holes of a file; throws a Failure where some stay. */
function checkAllocated(
  system: System,
  { path, bytes }: FileStepArguments["check-allocated"],
): void {
  if (isAllocated(system, { path, bytes })) return;
  // mke2fs punches holes for zeros where the host can do that and has no other quick way (tmpfs, ntfs3).
  fillHoles(system, { path, bytes });
  if (isAllocated(system, { path, bytes })) return;
  const allocated = system.status(path)?.allocatedBytes ?? 0;
  throw new Failure(
    "tool",
    `Cannot make sure that ${formatPath(path)} has room: its host allocated ${formatSize(allocated)} of ${formatSize(bytes)}`,
    "a host that compresses, or keeps zeros as holes, cannot hold a store; choose another file system",
  );
}

function isAllocated(
  system: System,
  { path, bytes }: FileStepArguments["check-allocated"],
): boolean {
  return (system.status(path)?.allocatedBytes ?? 0) >= bytes;
}

function fillHoles(system: System, { path, bytes }: FileStepArguments["check-allocated"]): void {
  try {
    system.allocate(path, 0, bytes);
  } catch (error) {
    if (errnoOf(error) !== "EOPNOTSUPP") throw error;
  }
}

/** Renames a file and syncs it; what has the name already stays unless it is to be replaced. */
function renameFile(system: System, { from, to, replaces }: FileStepArguments["rename"]): Undo {
  const isTaken = system.linkStatus(to) !== undefined;
  if (isTaken && !replaces) {
    throw new Failure(
      "in-use",
      `Cannot rename ${formatPath(from)} to ${formatPath(to)}: there is a file of that name now`,
    );
  }
  system.rename(from, to);
  const undo = isTaken ? () => {} : () => system.rename(to, from);
  // On vfat a new name leads to nothing until the file is synced once more.
  undoing(undo, () => system.sync(to));
  return undo;
}

/** Copies a file piece by piece; of a copy that fails nothing is left. */
function copyFile(
  system: System,
  { from, to, bytes, mode }: FileStepArguments["copy-file"],
  progress: Progress,
): Undo {
  const undo = () => system.removeFile(to);
  system.createFile(to, mode ?? 0o644);
  try {
    for (let at = 0; ; ) {
      progress(Math.min(at, bytes), bytes);
      const piece = system.readBytes(from, at, writtenBytes);
      if (piece.length === 0) return undo;
      system.writeBytes(to, at, piece);
      at += piece.length;
    }
  } catch (error) {
    undo();
    throw error;
  }
}

function truncate(system: System, { path, bytes }: FileStepArguments["truncate"]): Undo {
  const before = system.status(path)?.bytes ?? bytes;
  system.truncate(path, bytes);
  return before < bytes ? () => system.truncate(path, before) : nothing;
}

function removeFile(system: System, { path }: FileStepArguments["remove-file"]): void {
  system.removeFile(path);
}

function syncFile(system: System, { path }: FileStepArguments["sync-file"]): void {
  system.sync(path);
}

function syncFileSystem(system: System, { path }: FileStepArguments["sync-file-system"]): void {
  system.syncFileSystem(path);
}
