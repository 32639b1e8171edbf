// The EFI partition of an ISO image: a FAT file system that firmware of UEFI starts its boot loader
// from, inside a file of the image or behind all of them. Some have menus and kernels of their own.

import { partOf } from "../bytes/parts.ts";
import { type Range, sumRanges } from "../bytes/ranges.ts";
import { isSameBytes } from "../bytes/same.ts";
import type { Source } from "../bytes/source.ts";
import { readPartitions } from "../superblocks/partitions.ts";
import { readFatGeometry } from "../superblocks/vfat.ts";
import { type FatFile, type FatTree, readFatFile, readFatTree } from "./fat-tree.ts";
import type { IsoFacts } from "./iso-facts.ts";
import { type Patch, patchSource } from "./patches.ts";
import { blockBytes } from "./volume.ts";

/** An EFI partition. */
export interface EfiPartition {
  /** The block of the image at which it begins. */
  readonly block: number;
  readonly source: Source;
  readonly tree: FatTree;
}

const typeIds = ["0xef", "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"];

/** Reads the EFI partition that an image boots by; undefined if there is none that can be read. */
export function readEfiPartition(image: Source, facts: IsoFacts): EfiPartition | undefined {
  const torito = facts.boot.find(({ firmware }) => firmware === "uefi")?.block;
  const partition = readPartitions(image).find(
    ({ typeId, offset }) => typeIds.includes(typeId) && offset % blockBytes === 0,
  );
  const block = torito ?? (partition === undefined ? undefined : partition.offset / blockBytes);
  if (block === undefined) return undefined;
  const boot = image.at(block * blockBytes, 512);
  const bytes = (boot && readFatGeometry(boot)?.bytes) ?? 0;
  const source = partOf(image, { offset: block * blockBytes, bytes });
  const tree = readFatTree(source);
  return tree && { block, source, tree };
}

/** A text of a file in it that gets another length. */
export interface TextChange {
  readonly path: string;
  readonly from: Uint8Array;
  readonly to: Uint8Array;
}

/**
 * Plans writes that change a text where it lies, in an order in which the file is the old text,
 * with newlines behind it, or the new one: undefined if its clusters have no room for it.
 */
export function planTextWrites(
  { tree, source }: EfiPartition,
  { path, from, to }: TextChange,
): readonly Write[] | undefined {
  const file = tree.files.find((one) => one.path === path);
  if (file === undefined || to.length > sumRanges(file.runs) || to.length < from.length)
    return undefined;
  const padded = new Uint8Array(to.length).fill(0x0a);
  padded.set(from);
  const entry = source.at(file.entry, 32)?.slice();
  if (entry === undefined) return undefined;
  new DataView(entry.buffer).setUint32(28, to.length, true);
  return [
    ...contentWrites(file, padded),
    { offset: file.entry, bytes: entry },
    ...contentWrites(file, to),
  ];
}

/**
 * Returns the blocks that make changed files the old ones with newlines behind them, as long as
 * they are now.
 */
export function padTexts(now: EfiPartition, old: EfiPartition): Patch[] {
  const before = new Map(old.tree.files.map((file) => [file.path, file]));
  const writes = now.tree.files.flatMap((file) => {
    const other = before.get(file.path);
    if (other === undefined || file.isDirectory || file.bytes <= other.bytes) return [];
    const text = readFatFile(old.source, other, other.bytes);
    if (text === undefined) return [];
    const padded = new Uint8Array(file.bytes).fill(0x0a);
    padded.set(text);
    return contentWrites(file, padded);
  });
  return toPatches(now.source, writes);
}

/** What is written into an EFI partition. */
export interface EfiWrites {
  /** Texts that are changed where they lie. */
  readonly roomy: readonly TextChange[];
  /** Texts that are written anew. */
  readonly anew: readonly TextChange[];
  /** What the others need in clusters, with directories. */
  readonly neededBytes: number;
  /** Whether so much is not free. */
  readonly isFull: boolean;
}

/** Plans what is written, with new files of these lengths. */
export function planEfiWrites(
  partition: EfiPartition,
  texts: readonly TextChange[],
  newFiles: readonly number[],
): EfiWrites {
  const { clusterBytes, freeBytes } = partition.tree;
  const needed = (lengths: readonly number[]) => {
    const clusters = lengths.reduce((sum, bytes) => sum + Math.ceil(bytes / clusterBytes), 0);
    // A directory, and one that becomes longer.
    return lengths.length === 0 ? 0 : (clusters + 2) * clusterBytes;
  };
  const roomy = texts.filter((text) => planTextWrites(partition, text) !== undefined);
  const anew = texts.filter((text) => !roomy.includes(text));
  const neededBytes = needed([...newFiles, ...anew.map(({ to }) => to.length)]);
  if (neededBytes <= freeBytes) return { roomy, anew, neededBytes, isFull: false };
  const all = needed([...newFiles, ...texts.map(({ to }) => to.length)]);
  return { roomy: [], anew: texts, neededBytes: all, isFull: true };
}

/** Bytes for a place of the file system. */
export interface Write {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

function contentWrites({ runs }: FatFile, contents: Uint8Array): Write[] {
  const writes: Write[] = [];
  let at = 0;
  for (const { offset, bytes } of runs) {
    const part = contents.subarray(at, at + bytes);
    if (part.length > 0) writes.push({ offset, bytes: part });
    at += part.length;
  }
  return writes;
}

/** Returns the blocks that writes change, in their order; a block may come more than once. */
export function toPatches(source: Source, writes: readonly Write[]): Patch[] {
  const patches: Patch[] = [];
  for (const { offset, bytes } of writes) {
    const first = Math.floor(offset / blockBytes);
    const end = Math.ceil((offset + bytes.length) / blockBytes);
    const before = patchSource(source, patches, source.bytes);
    const from = first * blockBytes;
    const some = before.at(from, Math.min(end * blockBytes, source.bytes) - from)?.slice();
    if (some === undefined) continue;
    some.set(bytes, offset - from);
    patches.push({ block: first, bytes: some });
  }
  return patches;
}

/**
 * Finds the blocks in which a changed copy differs, as far as adding a file changes any: its
 * contents first, then the tables and the directories that lead to it.
 */
export function findAdded(
  { source }: EfiPartition,
  after: { readonly source: Source; readonly tree: FatTree },
  path: string,
): Patch[] {
  const { files, head, root } = after.tree;
  const added = files.find((file) => file.path === path)?.runs ?? [];
  const directories = files.filter(({ isDirectory }) => isDirectory).flatMap(({ runs }) => runs);
  const runs = [...added, ...directories, ...root, head];
  return runs.flatMap((run) => differing(source, after.source, run));
}

function differing(before: Source, after: Source, { offset, bytes }: Range): Patch[] {
  const patches: Patch[] = [];
  const end = Math.ceil((offset + bytes) / blockBytes);
  for (let block = Math.floor(offset / blockBytes); block < end; block++) {
    const length = Math.min(blockBytes, before.bytes - block * blockBytes);
    const [old, now] = [before, after].map((one) => one.at(block * blockBytes, length));
    if (old === undefined || now === undefined) continue;
    if (!isSameBytes(old, now)) patches.push({ block, bytes: now.slice() });
  }
  return patches;
}

/** Returns whether a changed EFI partition has all files of the old one, and the new contents. */
export function checkEfi(
  before: EfiPartition,
  after: Source,
  changed: ReadonlyMap<string, Uint8Array>,
): boolean {
  const tree = readFatTree(after);
  if (tree === undefined) return false;
  const now = new Map(tree.files.map((file) => [file.path, file]));
  const isKept = before.tree.files.every((file) => {
    const found = now.get(file.path);
    if (found === undefined || found.isDirectory !== file.isDirectory) return false;
    return changed.has(file.path) || file.isDirectory || isSameFile(file, found);
  });
  const isChanged = [...changed].every(([path, bytes]) => {
    const found = now.get(path);
    return isSameBytes(found && readFatFile(after, found, bytes.length), bytes);
  });
  return isKept && isChanged;
}

function isSameFile(one: FatFile, other: FatFile): boolean {
  return one.bytes === other.bytes && JSON.stringify(one.runs) === JSON.stringify(other.runs);
}
