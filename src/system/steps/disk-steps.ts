// How the steps that write to a disk as a whole are performed.

import { decodeByteText, encodeByteText } from "../../core/bytes/byte-text.ts";
import type { DiskCopy, DiskPart, DiskStepArguments } from "../../core/steps/disk-steps.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { roundDown, roundUp } from "../../core/text/size.ts";
import { errnoOf, type System } from "../port/system.ts";
import type { Undo } from "../port/undo.ts";
import { requireUnchanged } from "./device-steps.ts";
import type { Progress } from "./file-steps.ts";
import { nothing, oneWay, type Performers } from "./performers.ts";

/** Returns the functions that perform these steps; what was written over as a whole is gone. */
export function performDisk(
  system: System,
  { progress, reading }: { readonly progress: Progress; readonly reading: Progress },
): Performers<DiskStepArguments> {
  return {
    "check-disk": oneWay(system, requireUnchanged),
    "clear-disk": oneWay(system, clearDisk),
    "copy-to-disk": oneWay(system, (_, step) => copyToDisk(system, step, progress)),
    "check-on-disk": oneWay(system, (_, step) => checkOnDisk(system, step, reading)),
    "change-disk": (step) => changeDisk(system, step),
  };
}

/** As sticks like it, and seldom enough for the progress. */
const pieceBytes = 4 * 2 ** 20;
/** The largest sector that a disk has. */
const sectorBytes = 4096;

function clearDisk(system: System, { path, parts }: DiskStepArguments["clear-disk"]): void {
  for (const { offset, bytes } of parts) {
    for (let done = 0; done < bytes; done += pieceBytes)
      system.writeDirect(path, offset + done, new Uint8Array(Math.min(pieceBytes, bytes - done)));
  }
  system.sync(path);
}

function copyToDisk(system: System, copy: DiskCopy, progress: Progress): void {
  forEachPiece(copy, progress, (piece) => system.copyDirect(piece));
  system.sync(copy.path);
}

function checkOnDisk(system: System, copy: DiskCopy, progress: Progress): void {
  forEachPiece(copy, progress, (piece) => {
    if (!system.isSameDirect(piece)) throw readsBackDifferently(copy.path, piece);
  });
}

function forEachPiece(
  { path, offset, from, at, bytes }: DiskCopy,
  progress: Progress,
  use: (piece: Parameters<System["copyDirect"]>[0]) => void,
): void {
  for (let done = 0; done < bytes; done += pieceBytes) {
    progress(done, bytes);
    const length = Math.min(pieceBytes, bytes - done);
    use({ from, at: at + done, bytes: length, device: path, offset: offset + done });
  }
  progress(bytes, bytes);
}

/** Sticks that claim more than they have write over their own beginning. */
function readsBackDifferently(path: string, { offset, bytes }: DiskPart): Failure {
  return new Failure(
    "tool",
    `Cannot write ${formatPath(path)}: it reads back differently between ${offset} and ${offset + bytes}`,
    "use another one: this one is damaged, or smaller than it says",
  );
}

function changeDisk(system: System, step: DiskStepArguments["change-disk"]): Undo {
  const { path, offset, from, to, what } = step;
  const undo = () => void changeDisk(system, { ...step, from: to, to: from });
  const start = roundDown(offset, sectorBytes);
  const end = roundUp(offset + to.length, sectorBytes);
  const read = () => system.readDirect(path, start, end - start);
  const whole = read();
  const at = offset - start;
  const found = decodeByteText(whole.subarray(at, at + from.length));
  if (found === to) return nothing;
  if (found !== from)
    throw new Failure(
      "in-use",
      `Cannot change ${what} on ${formatPath(path)}: somebody else has changed it meanwhile`,
    );
  whole.set(encodeByteText(to), at);
  writeChanged(system, { path, offset: start, bytes: whole }, { from: at, to: at + to.length });
  system.sync(path);
  const written = decodeByteText(read().subarray(at, at + to.length));
  if (written !== to) throw readsBackDifferently(path, { offset, bytes: to.length });
  return undo;
}

/** Writes only the sectors that the change is in. */
function writeChanged(
  system: System,
  { path, offset, bytes }: { path: string; offset: number; bytes: Uint8Array },
  change: { from: number; to: number },
): void {
  for (const unit of [512, sectorBytes]) {
    const start = roundDown(change.from, unit);
    const end = roundUp(change.to, unit);
    try {
      system.writeDirect(path, offset + start, bytes.subarray(start, end));
      return;
    } catch (error) {
      // A disk with larger sectors refuses smaller ones.
      if (unit === sectorBytes || errnoOf(error) !== "EINVAL") throw error;
    }
  }
}
