// The repairs that e2fsck would make by itself, tried on a copy of the metadata of an ext2, ext3 or
// ext4 file system. They are tried because e2fsck -p continues after a damaged group descriptor and
// destroys what e2fsck -y would have restored from the backup, and stops only then
// (docs/decisions/0018); and because e2fsck -n, which changes nothing, does not replay a journal.
import { withoutProtection } from "../../core/superblocks/mount-protection.ts";
import { readSuperblock } from "../looking/read-superblock.ts";
import { errnoOf, type Finished, type System } from "../port/system.ts";
import { withTemporaryDirectory } from "../port/temporary.ts";
import { findInability } from "./judge-checker.ts";

/** The end of the tool that makes the copy, or of e2fsck on it. */
interface Rehearsal {
  readonly tool: "e2image" | "e2fsck";
  readonly ended: Finished;
}

/** Returns whether there is certainly space for the copy of a file system of this size. */
export function hasRoomToRehearse(system: System, bytes: number): boolean {
  // Metadata is a sixteenth at most: the journal and, if all inodes are in use, their tables.
  return system.room(findMemory(system)).availableBytes >= bytes / 16;
}

/** Runs e2fsck -p on a copy, which is in memory if possible. */
export function rehearseCheck(system: System, path: string): Rehearsal {
  return withTemporaryDirectory(system, `${findMemory(system)}/backstore-work-`, (directory) =>
    rehearseIn(system, {
      directory: { path: directory, inside: directory },
      path,
      run: (argv) => system.run(argv),
    }),
  );
}

/** A rehearsal: the directory for the copy, and a function that runs programs. */
interface RehearsalRequest {
  /** Its path, and the one by which programs find it. */
  readonly directory: { readonly path: string; readonly inside: string };
  readonly path: string;
  readonly run: (argv: readonly string[]) => Finished;
  /** Returns whether there is no time left to copy more. */
  readonly isOver?: () => boolean;
}

/**
 * Runs it on a copy in a directory. If e2fsck finds damage and a journal is pending, a copy of the
 * metadata may be what is wrong: e2image does not replay the journal, and leaves out directories
 * that only an inode in the journal leads to. Then a copy of everything decides, if there is space
 * and time for it.
 */
export function rehearseIn(system: System, request: RehearsalRequest): Rehearsal {
  const { directory, path, run } = request;
  const copy = `${directory.path}/copy`;
  const inside = `${directory.inside}/copy`;
  const copied = run(["e2image", "-r", path, inside]);
  if (copied.status !== 0) return { tool: "e2image", ended: copied };
  lengthenCopy(system, { store: path, copy });
  const check = () =>
    ({ tool: "e2fsck", ended: checkUnprotected(system, { path, copy, inside, run }) }) as const;
  const first = check();
  if (!foundDamage(first.ended) || !hasPendingJournal(system, path)) return first;
  return copyWhole(system, { ...request, copy }) ? check() : first;
}

/**
 * Runs e2fsck -p on a copy without multiple mount protection: it would wait for other machines, for
 * a minute and longer, and after it has replayed a journal once more.
 */
function checkUnprotected(
  system: System,
  { path, copy, inside, run }: Pick<RehearsalRequest, "path" | "run"> & CopyPlace,
): Finished {
  const state = readSuperblock(system, path, system.deviceBytes(path))?.protection?.state;
  const isTrusted = state !== undefined && state !== "unknown";
  const argv = ["e2fsck", "-f", "-p", inside];
  if (isTrusted) unprotect(system, copy);
  const ended = run(argv);
  if (!isTrusted || findInability(ended, argv)?.why !== "protected") return ended;
  unprotect(system, copy);
  return run(argv);
}

/** A copy: its path, and the one by which programs find it. */
interface CopyPlace {
  readonly copy: string;
  readonly inside: string;
}

function unprotect(system: System, copy: string): void {
  for (const { offset, bytes } of withoutProtection(system.readBytes(copy, 1024, 1024)))
    system.writeBytes(copy, offset, bytes);
}

/** 4: errors are left; with 8 or more e2fsck itself failed. */
function foundDamage({ status }: Finished): boolean {
  return status !== undefined && (status & 12) === 4;
}

/** Returns whether changes are pending in the journal of an ext3 or ext4 file system. */
export function hasPendingJournal(system: System, path: string): boolean {
  const superblock = readSuperblock(system, path, system.deviceBytes(path));
  return superblock?.unclean.includes("journal") === true;
}

/**
 * Copies a file system without its zeros; returns false if it would take more than half of the
 * space.
 */
function copyWhole(
  system: System,
  { directory, path, copy, isOver = () => false }: RehearsalRequest & { readonly copy: string },
): boolean {
  const bytes = system.deviceBytes(path);
  // It stays the file of whoever runs the programs.
  system.truncate(copy, 0);
  let left = system.room(directory.path).availableBytes / 2;
  system.truncate(copy, bytes);
  for (let offset = 0; offset < bytes; offset += pieceBytes) {
    if (isOver()) return false;
    const piece = system.readBytes(path, offset, Math.min(pieceBytes, bytes - offset));
    if (isZero(piece)) continue;
    left -= piece.length;
    if (left < 0 || !wrote(system, { copy, offset, piece })) return false;
  }
  return true;
}

const pieceBytes = 128 * 1024;

function isZero(piece: Uint8Array): boolean {
  const words = new Float64Array(piece.buffer, piece.byteOffset, piece.length >> 3);
  for (let index = 0; index < words.length; index++) if (words[index] !== 0) return false;
  return piece.subarray(words.length << 3).every((byte) => byte === 0);
}

function wrote(
  system: System,
  { copy, offset, piece }: { copy: string; offset: number; piece: Uint8Array },
): boolean {
  try {
    system.writeBytes(copy, offset, piece);
    return true;
  } catch (error) {
    if (errnoOf(error) !== "ENOSPC") throw error;
    return false;
  }
}

/**
 * Extends a copy to the length of the original: a file system that grew while in use may record
 * that only in its journal, and e2image makes the copy as long as the superblock says.
 */
export function lengthenCopy(
  system: System,
  { store, copy }: { readonly store: string; readonly copy: string },
): void {
  const bytes = system.deviceBytes(store);
  const length = system.status(copy)?.bytes;
  if (length !== undefined && length < bytes) system.truncate(copy, bytes);
}

function findMemory(system: System): string {
  return system.status("/dev/shm")?.kind === "directory" ? "/dev/shm" : "/tmp";
}
