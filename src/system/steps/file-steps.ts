// How a file is created, allocated, checked, copied and renamed into place. A sparse file would
// lose everything when its host fills up, while every write seems to succeed; so the promised space
// is allocated, and the allocation is verified.

import { encodeUtf8 } from "../../core/bytes/utf.ts";
import { type FileStepArguments, shortenSum } from "../../core/steps/file-steps.ts";
import { formatMountedRecord } from "../../core/stores/store-record.ts";
import { Failure } from "../../core/text/failure.ts";
import { directoryOf } from "../../core/text/path.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { formatSize } from "../../core/text/size.ts";
import { ifPossible } from "../port/errors.ts";
import { makeDirectories, writeWhole } from "../port/files.ts";
import { errnoOf, type System } from "../port/system.ts";
import { type Undo, undoing, undoQuietly } from "../port/undo.ts";
import { inspectOverlayMount } from "../stores/inspect-overlay-mount.ts";
import { measureRoom } from "../stores/measure-room.ts";
import { makeDirectoryLike } from "./make-directory-like.ts";
import { nothing, oneWay, type Performers } from "./performers.ts";

/** A listener for the progress of a long step, in bytes. */
export type Progress = (doneBytes: number, allBytes: number) => void;

/** Returns the functions that perform these steps. */
export function performFile(system: System, progress: Progress): Performers<FileStepArguments> {
  return {
    "make-directory": oneWay(system, makeDirectory),
    "make-directory-like": oneWay(system, makeDirectoryLike),
    "make-link": (step) => makeLink(system, step),
    "write-file": oneWay(system, writeFile),
    "overwrite-file": oneWay(system, overwriteFile),
    "append-file": (step) => appendFile(system, step),
    "write-record": oneWay(system, writeRecord),
    "create-file": ({ path, mode }) => {
      createFile(system, path, mode);
      return () => system.removeFile(path);
    },
    reserve: (step) => reserveRoom(system, step),
    allocate: (step) => allocateFile(system, step, progress),
    unshare: (step) => unshare(system, step, progress),
    "check-allocated": oneWay(system, checkAllocated),
    "copy-file": (step) => copyFile(system, step, progress),
    "check-sum": (step) => checkSum(system, step, progress),
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

function overwriteFile(system: System, { path, text }: FileStepArguments["overwrite-file"]): void {
  const bytes = encodeUtf8(text);
  const file = system.openFile(path);
  try {
    if (system.status(file.path)?.bytes !== bytes.length) {
      throw new Failure(
        "in-use",
        `Cannot change ${formatPath(path)}: somebody else has changed it meanwhile`,
      );
    }
    system.writeBytes(file.path, 0, bytes);
    system.sync(file.path);
  } finally {
    file.close();
  }
}

function appendFile(system: System, { path, text }: FileStepArguments["append-file"]): Undo {
  const before = system.status(path)?.bytes ?? 0;
  const undo = () => system.truncate(path, before);
  undoing(undo, () => system.appendFile(path, text));
  return undo;
}

/** If the mount cannot be told, the next boot walks through the changes once more. */
function writeRecord(
  system: System,
  { path, text, work, store, type }: FileStepArguments["write-record"],
): void {
  const overlayMount = ifPossible(() => inspectOverlayMount(system, work));
  const room = measureRoom(system, { path: store, type, directory: directoryOf(path) });
  const { totalBytes, usedBytes } = room ?? {};
  const mounted = { overlayMount, uptimeMs: system.uptimeMs(), totalBytes, usedBytes };
  writeWhole(system, path, formatMountedRecord(text, mounted));
}

/** Creates an empty file where nothing exists. */
export function createFile(system: System, path: string, mode = 0o600): void {
  system.createFile(path, mode);
  try {
    // Space allocated for a copy-on-write file is not the space that is written to.
    system.disableCopyOnWrite(path);
  } catch (error) {
    system.removeFile(path);
    throw error;
  }
}

/** Reserves space for a file; undoing it frees what is beyond its end. */
function reserveRoom(system: System, { path, from, bytes }: FileStepArguments["reserve"]): Undo {
  const undo = () => system.truncate(path, system.status(path)?.bytes ?? 0);
  try {
    system.reserve(path, from, bytes - from);
  } catch (error) {
    if (errnoOf(error) === "EOPNOTSUPP") return () => {};
    // Otherwise the space found before it ran out would stay reserved.
    undoQuietly(undo);
    throw error;
  }
  return undo;
}

/** Allocates a range of a file piece by piece; undoing it restores the length of the file. */
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
  /** The previous length of the file: its contents are kept. */
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

/** What was written anew has the same contents, so nothing has to be undone. */
function unshare(
  system: System,
  { path, bytes }: FileStepArguments["unshare"],
  progress: Progress,
): Undo {
  for (let at = 0; at < bytes; at += unsharedBytes) {
    progress(at, bytes);
    const length = Math.min(unsharedBytes, bytes - at);
    try {
      system.unshare(path, at, length);
    } catch (error) {
      if (errnoOf(error) !== "EOPNOTSUPP") throw error;
      writePiece(system, { path, at, length, before: bytes });
    }
  }
  progress(bytes, bytes);
  system.sync(path);
  return nothing;
}

const unsharedBytes = 8 * 2 ** 20;

/** Fills the holes of a file; throws a Failure if some remain. */
function checkAllocated(
  system: System,
  { path, bytes }: FileStepArguments["check-allocated"],
): void {
  if (isAllocated(system, { path, bytes })) return;
  // mke2fs punches holes for zeros if the host supports that and has no other fast way (tmpfs,
  // ntfs3).
  fillHoles(system, { path, bytes });
  if (isAllocated(system, { path, bytes })) return;
  const allocated = ownedBytes(system, path);
  throw new Failure(
    "tool",
    `Cannot allocate ${formatPath(path)}: its host allocated only ${formatSize(allocated)} of ${formatSize(bytes)}`,
    "a host that compresses files, shares their blocks or stores zeros as holes cannot hold a store; choose another file system",
  );
}

function isAllocated(
  system: System,
  { path, bytes }: FileStepArguments["check-allocated"],
): boolean {
  return ownedBytes(system, path) >= bytes;
}

function ownedBytes(system: System, path: string): number {
  const allocated = system.status(path)?.allocatedBytes ?? 0;
  return allocated - system.ownership(path).sharedBytes;
}

/** A host that cannot allocate (ext3) may still punch the holes that mke2fs asks for. */
function fillHoles(system: System, { path, bytes }: FileStepArguments["check-allocated"]): void {
  allocatePiece(system, { path, at: 0, length: bytes, before: bytes });
}

/** Renames a file and syncs it; an existing file stays unless it is to be replaced. */
function renameFile(system: System, { from, to, replaces }: FileStepArguments["rename"]): Undo {
  const isTaken = system.linkStatus(to) !== undefined;
  if (isTaken && !replaces) {
    throw new Failure(
      "in-use",
      `Cannot rename ${formatPath(from)} to ${formatPath(to)}: a file of that name exists now`,
    );
  }
  system.rename(from, to);
  const undo = isTaken ? () => {} : () => system.rename(to, from);
  // On vfat the entry of a new name is complete only when the file is synced once more.
  undoing(undo, () => system.sync(to));
  return undo;
}

/** Copies a file piece by piece; removes the copy if that fails. */
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

function checkSum(
  system: System,
  { root, path, bytes, sha512 }: FileStepArguments["check-sum"],
  progress: Progress,
): Undo {
  const found = system.withFile({ root, path }, (file) =>
    file.sha512((doneBytes) => progress(Math.min(doneBytes, bytes), bytes)),
  );
  if (found === sha512) return nothing;
  throw new Failure(
    "damaged",
    `The SHA-512 of ${formatPath(`${root}/${path}`)} is ${shortenSum(found)}, and not ${shortenSum(sha512)}`,
  );
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
