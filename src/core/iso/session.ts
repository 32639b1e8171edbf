// A session that is appended to an ISO image: behind its end lies a tree that names old files where
// they are and new ones behind itself. Only volume descriptors of the image change, and in them
// only where the trees begin and how long the image is.

import { hasText } from "../bytes/fields.ts";
import { joinParts, type Part } from "../bytes/parts.ts";
import { type Source, sourceOf } from "../bytes/source.ts";
import { roundUp } from "../text/size.ts";
import type { IsoFacts } from "./iso-facts.ts";
import { backupBlocks, type Move, moveEfi } from "./move-efi.ts";
import { type Patch, patchSource, toPart } from "./patches.ts";
import { growFirstEntry } from "./system-area.ts";
import {
  blockBytes,
  descriptorBytes,
  firstDescriptor,
  readVolume,
  type Volume,
  withTrees,
} from "./volume.ts";

/** A change of blocks of an image. */
export interface Change extends Patch {
  readonly before: Uint8Array;
}

/** A session, and what makes an image show it. */
export interface Session {
  /** The block of the image at which it begins. */
  readonly block: number;
  readonly bytes: Uint8Array;
  /** The first descriptors of the image: its first sector commits all of it. */
  readonly descriptors: Change;
  /** Those of the first partition, which shows the session only where it reaches that far. */
  readonly view: Change | undefined;
  /** What changes in the EFI partition. */
  readonly efi: readonly Patch[];
  /** A larger EFI partition, which is behind the session. */
  readonly moved: MovedEfi | undefined;
  /** The boot record, whose first partition is made to reach over the session. */
  readonly partition: Change | undefined;
  /** The end of what belongs to it, in blocks. */
  readonly end: number;
}

/** An EFI partition that takes the place of another one. */
export interface LargerEfi {
  /** The block at which the other one begins. */
  readonly from: number;
  readonly contents: Source;
}

/** An EFI partition at its new place. */
export interface MovedEfi {
  readonly move: Move;
  readonly contents: Source;
  /** What points to it there. */
  readonly patches: readonly Patch[];
}

/** What xorriso has written: the session is somewhere in it. */
export interface SessionRequest {
  readonly written: Uint8Array;
  readonly efi: readonly Patch[];
  readonly larger?: LargerEfi | undefined;
  /** The block for which it was written. */
  readonly block: number;
}

const mostBlocksBefore = 1024;
const cylinderBlocks = 512;

/** Plans a session of an image from what xorriso has written; undefined if that is none. */
export function planSession(
  image: Source,
  facts: IsoFacts,
  { written, block, efi, larger }: SessionRequest,
): Session | undefined {
  const first = findFirstDescriptor(written);
  if (first === undefined) return undefined;
  const bytes = written.subarray((first - firstDescriptor) * blockBytes);
  const source = sourceOf(bytes);
  const sessionEnd = block + Math.ceil(bytes.length / blockBytes);
  const move = larger && placeLarger(larger, sessionEnd);
  const end = move?.end ?? sessionEnd;
  const descriptors = changeVolume(facts.volume, readVolume(source, 0), end);
  const mbr = image.at(0, blockBytes);
  if (descriptors === undefined || mbr === undefined) return undefined;
  const { view } = facts;
  const changedView = view && changeVolume(view, readVolume(source, view.base), end);
  const partition =
    facts.partition === undefined || (view !== undefined && changedView === undefined)
      ? undefined
      : growPartition(mbr, facts.partition.start, roundUp(end, cylinderBlocks));
  const grown = patchSource(image, partition === undefined ? [] : [partition], image.bytes);
  const patches = move && moveEfi(grown, facts, move);
  if (larger !== undefined && patches === undefined) return undefined;
  return {
    ...{ block, bytes, descriptors, partition, efi, end },
    moved: larger && move && patches && { move, contents: larger.contents, patches },
    // A partition that is too short for the session would show a tree that it has not.
    view: partition === undefined ? undefined : changedView,
  };
}

/** Firmwares and partition tables count in whole cylinders, and a backup of a GPT is at the end. */
function placeLarger({ from, contents }: LargerEfi, sessionEnd: number): Move {
  const to = roundUp(sessionEnd, cylinderBlocks);
  const blocks = contents.bytes / blockBytes;
  return { from, to, blocks, end: roundUp(to + blocks + backupBlocks, cylinderBlocks) };
}

function findFirstDescriptor(written: Uint8Array): number | undefined {
  for (let block = firstDescriptor; block < mostBlocksBefore; block++)
    if (hasText(written, block * blockBytes, "\u0001CD001")) return block;
  return undefined;
}

function changeVolume(
  volume: Volume,
  session: Volume | undefined,
  end: number,
): Change | undefined {
  const changed = session && withTrees(volume, session, end - volume.base);
  if (changed === undefined) return undefined;
  const [before, bytes] = [descriptorBytes(volume), descriptorBytes(changed)];
  return { block: volume.block, before, bytes };
}

function growPartition(mbr: Uint8Array, start: number, end: number): Change | undefined {
  const grown = growFirstEntry(mbr, { start, end: (end * blockBytes) / 512 });
  return grown && { block: 0, before: mbr.slice(), bytes: grown };
}

/** Returns the length of an image with a session: partition tables count in whole cylinders. */
export function blocksWithSession({ end }: Session): number {
  return roundUp(end, cylinderBlocks);
}

/** Returns an image as it is with a session. */
export function imageWithSession(image: Source, session: Session): Source {
  const bytes = Math.max(image.bytes, blocksWithSession(session) * blockBytes);
  return joinParts([{ offset: 0, source: image }, ...sessionParts(session)], bytes);
}

/** Returns what a session makes of an image; later parts cover earlier ones. */
export function sessionParts(session: Session): Part[] {
  const { block, bytes, descriptors, view, partition, efi, moved } = session;
  const others = [partition, view].filter((one) => one !== undefined);
  const patches = [{ block, bytes }, ...efi, ...others, ...(moved?.patches ?? []), descriptors];
  const larger = moved && { offset: moved.move.to * blockBytes, source: moved.contents };
  return [...(larger === undefined ? [] : [larger]), ...patches.map(toPart)];
}
