// What has to be written to put a stick back as it was, from the blocks that were kept of it.

import { isSameBytes } from "../bytes/same.ts";
import type { ReadImage } from "../iso/check-session.ts";
import { type EfiPartition, padTexts, readEfiPartition } from "../iso/efi-partition.ts";
import { readIso } from "../iso/iso-facts.ts";
import { type Patch, patchSource } from "../iso/patches.ts";
import type { Change } from "../iso/session.ts";
import { blockBytes, firstDescriptor, type Volume } from "../iso/volume.ts";
import { mbrEntry } from "../superblocks/mbr.ts";

/** What is put back on a stick, as changes of what is there. */
export interface Undoing {
  readonly descriptors: readonly Change[];
  /** What is written to the EFI partition, in order. */
  readonly efi: readonly Patch[];
  readonly tables: readonly Change[];
}

/**
 * Finds what differs. Where there are stores, which the tables that were kept do not name, only the
 * first partition of an MBR is put back: it is all that installing itself changes.
 */
export function findUndoing(image: ReadImage, kept: readonly Patch[], hasStores: boolean): Undoing {
  const { source, facts } = image;
  const changes = kept.flatMap(splitBlocks).flatMap(({ block, bytes }): Change[] => {
    const before = source.at(block * blockBytes, bytes.length)?.slice();
    if (before === undefined) return [];
    const wanted = block < firstDescriptor && hasStores ? withEntry(before, bytes, block) : bytes;
    return isSameBytes(before, wanted) ? [] : [{ block, before, bytes: wanted }];
  });
  const isDescriptor = ({ block }: Change) =>
    isIn(facts.volume, block) || (facts.view !== undefined && isIn(facts.view, block));
  const tables = changes.filter(({ block }) => block < firstDescriptor);
  const others = changes.filter((change) => !tables.includes(change) && !isDescriptor(change));
  return {
    descriptors: changes.filter(isDescriptor),
    efi: orderEfi(image, kept, others),
    tables,
  };
}

function splitBlocks({ block, bytes }: Patch): Patch[] {
  return Array.from({ length: Math.ceil(bytes.length / blockBytes) }, (_, index) => ({
    block: block + index,
    bytes: bytes.slice(index * blockBytes, (index + 1) * blockBytes),
  }));
}

function isIn({ block: first, descriptors }: Volume, block: number): boolean {
  return block >= first && block < first + descriptors.length;
}

function withEntry(current: Uint8Array, kept: Uint8Array, block: number): Uint8Array {
  const table = current.slice();
  if (block === 0) mbrEntry(table, 1).set(mbrEntry(kept, 1));
  return table;
}

/**
 * Menus are the old ones with newlines behind them before their length changes; then come the
 * directories, the tables of clusters, and at last what nothing leads to any more. A partition that
 * took the place of one that was full gets the old menus too: tables that name stores stay, and so
 * lead to it.
 */
function orderEfi(
  { source, facts }: ReadImage,
  kept: readonly Patch[],
  changes: readonly Patch[],
): Patch[] {
  const undone = patchSource(source, kept, source.bytes);
  const oldFacts = readIso(undone);
  const now = readEfiPartition(source, facts);
  const old = oldFacts && readEfiPartition(undone, oldFacts);
  if (now === undefined || old === undefined) return [...changes];
  const rank = (change: Patch) => rankOf(now, change.block - now.block);
  const sorted = changes.toSorted((one, other) => rank(one) - rank(other));
  const texts = padTexts(now, old).map((patch) => ({ ...patch, block: now.block + patch.block }));
  return [...texts, ...sorted];
}

function rankOf({ tree }: EfiPartition, block: number): number {
  const [from, to] = [block * blockBytes, (block + 1) * blockBytes];
  const directories = tree.files.filter(({ isDirectory }) => isDirectory);
  const isAt = ({ offset, bytes }: { offset: number; bytes: number }) =>
    offset < to && offset + bytes > from;
  if ([...tree.root, ...directories.flatMap(({ runs }) => runs)].some(isAt)) return 0;
  return isAt(tree.head) ? 1 : 2;
}
