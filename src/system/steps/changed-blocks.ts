// The changes that tools of e2fsprogs made in a copy, kept beside the store
// (core/resize/kept-changes.ts) and written into it.

import { clipRanges, mergeRanges, type Range, subtractRanges } from "../../core/bytes/ranges.ts";
import { decodeUtf8 } from "../../core/bytes/utf.ts";
import { readExtLayout, readUsedRanges } from "../../core/resize/ext-layout.ts";
import { formatChanges, headBytes, parseHead, parseIndex } from "../../core/resize/kept-changes.ts";
import { readUndoRanges } from "../../core/resize/undo-file.ts";
import type { ResizeStepArguments } from "../../core/steps/resize-steps.ts";
import { namesBeside } from "../../core/stores/store-names.ts";
import { identify } from "../../core/superblocks/identify.ts";
import type { Superblock } from "../../core/superblocks/superblock.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatPath } from "../../core/text/quoted.ts";
import type { System } from "../port/system.ts";

const pieceBytes = 2 ** 20;

/** Copies the used blocks of a store from a byte on into the copy of its metadata. */
export function copyUsed(
  system: System,
  { store, copy, undo, from }: ResizeStepArguments["copy-used"],
): void {
  const read = readerOf(system, copy);
  const layout = readExtLayout(read);
  if (layout?.isPlain !== true)
    throw new Failure("damaged", `Cannot read the layout of ${formatPath(store)}`);
  const used = readUsedRanges(read, layout, from);
  if (used === undefined)
    throw new Failure("damaged", `Cannot read how ${formatPath(store)} is laid out`);
  // The check replayed the journal there: the store's own blocks are older.
  const changed = readUndo(system, undo);
  for (const range of subtractRanges(used, changed))
    copyRange(system, { from: store, to: copy, range, at: range.offset });
}

/** Keeps what was changed in the copy, and at once writes what is outside the store's old part. */
export function keepChanges(
  system: System,
  { store, copy, undos, changes, from, to }: ResizeStepArguments["keep-changes"],
): void {
  const changed = mergeRanges(undos.flatMap((undo) => readUndo(system, undo)));
  for (const range of clipRanges(changed, from, to))
    copyRange(system, { from: copy, to: store, range, at: range.offset });
  const kept = clipRanges(changed, 0, Math.min(from, to));
  const index = formatChanges(kept);
  if (system.linkStatus(changes) !== undefined) system.removeFile(changes);
  system.createFile(changes, 0o600);
  system.appendFile(changes, index);
  let at = index.length;
  for (const range of kept) {
    copyRange(system, { from: copy, to: changes, range, at });
    at += range.bytes;
  }
  system.sync(changes);
}

/** Writes kept changes into the store. */
export function applyChanges(
  system: System,
  { changes, store }: ResizeStepArguments["apply-changes"],
): void {
  const { ranges, start } = readIndex(system, changes);
  let at = start;
  for (const range of ranges) {
    copyRange(system, {
      from: changes,
      to: store,
      range: { offset: at, bytes: range.bytes },
      at: range.offset,
    });
    at += range.bytes;
  }
}

/**
 * Identifies the file system in a store of `bytes` bytes as it is once the changes kept beside it
 * are written; undefined if nothing is recognised.
 */
export function readAppliedSuperblock(
  system: System,
  store: string,
  bytes: number,
): Superblock | undefined {
  const { changes } = namesBeside(store);
  const { ranges, start } = readIndex(system, changes);
  const read = (offset: number, length: number) => {
    const found = system.readBytes(store, offset, length);
    let at = start;
    for (const range of ranges) {
      const from = Math.max(offset, range.offset);
      const to = Math.min(offset + found.length, range.offset + range.bytes);
      if (from < to) {
        const data = system.readBytes(changes, at + from - range.offset, to - from);
        found.set(data, from - offset);
      }
      at += range.bytes;
    }
    return found;
  };
  return identify(read, bytes);
}

function readIndex(system: System, changes: string): { ranges: readonly Range[]; start: number } {
  const bytes = system.status(changes)?.bytes ?? 0;
  const text = (offset: number, length: number) =>
    decodeUtf8(system.readBytes(changes, offset, length));
  const indexBytes = bytes === 0 ? undefined : parseHead(text(0, headBytes));
  if (indexBytes !== undefined && headBytes + indexBytes <= bytes) {
    const ranges = parseIndex(text(headBytes, indexBytes), bytes);
    if (ranges !== undefined) return { ranges, start: headBytes + indexBytes };
  }
  throw new Failure(
    "damaged",
    `Cannot complete the resize that ${formatPath(changes)} belongs to: the file is incomplete`,
  );
}

/** A tool that changes nothing writes no undo file. */
function readUndo(system: System, undo: string): Range[] {
  const bytes = system.status(undo)?.bytes;
  return bytes === undefined ? [] : readUndoRanges(readerOf(system, undo), bytes);
}

function readerOf(system: System, path: string) {
  return (offset: number, length: number) => system.readBytes(path, offset, length);
}

function copyRange(
  system: System,
  { from, to, range, at }: { from: string; to: string; range: Range; at: number },
): void {
  for (let done = 0; done < range.bytes; done += pieceBytes) {
    const wanted = Math.min(pieceBytes, range.bytes - done);
    const data = system.readBytes(from, range.offset + done, wanted);
    if (data.length < wanted)
      throw new Failure("damaged", `Cannot read all of ${formatPath(from)}: it ends too early`);
    system.writeBytes(to, at + done, data);
  }
}
