// An ISO image that something was installed on by a session: what its record says it was before.

import { isSameBytes } from "../bytes/same.ts";
import { decodeUtf8 } from "../bytes/utf.ts";
import { type ReadImage, readExtents, readImage } from "../iso/check-session.ts";
import type { IsoFacts } from "../iso/iso-facts.ts";
import { type Patch, patchSource } from "../iso/patches.ts";
import { blockBytes, descriptorBytes, type Volume } from "../iso/volume.ts";
import {
  type InstallRecord,
  type IsoRecord,
  keptBlocksFile,
  ownDirectory,
  parseInstallRecord,
  recordFile,
  slots,
} from "./install-record.ts";

/** A run of blocks. */
export type Blocks = IsoRecord["kept"][number];

/** Returns which blocks of an image are kept: all that a session changes, or may change. */
export function findKeptBlocks(
  { source, facts }: Pick<ReadImage, "source" | "facts">,
  patches: readonly Patch[],
): Blocks[] {
  const always = findOwnBlocks(facts);
  const isKnown = (block: number) =>
    always.some((one) => block >= one.block && block < one.block + one.blocks);
  const others = new Set(
    patches.flatMap(({ block, bytes }) =>
      Array.from({ length: Math.ceil(bytes.length / blockBytes) }, (_, index) => block + index),
    ),
  );
  const runs: Blocks[] = [...always];
  for (const block of [...others].filter((one) => !isKnown(one)).sort((a, b) => a - b)) {
    const isZero = source.at(block * blockBytes, blockBytes)?.every((byte) => byte === 0) ?? false;
    const last = runs.at(-1);
    if (last && last.block + last.blocks === block && (last.areZero ?? false) === isZero)
      last.blocks++;
    else runs.push({ block, blocks: 1, ...(isZero ? { areZero: true } : {}) });
  }
  return runs;
}

/** Returns the contents of the blocks that are kept. */
export function readKeptBlocks({ source }: Pick<ReadImage, "source">, kept: readonly Blocks[]) {
  return Uint8Array.from(
    kept.flatMap(({ block, blocks, areZero }) =>
      areZero ? [] : [...(source.at(block * blockBytes, blocks * blockBytes) ?? [])],
    ),
  );
}

/** Those with the descriptors, and what precedes them: boot record and partition tables. */
function findOwnBlocks({ volume, view }: IsoFacts): Blocks[] {
  const end = volume.block + volume.descriptors.length;
  const all: Blocks = { block: 0, blocks: end };
  if (view === undefined) return [all];
  const other = view.block + view.descriptors.length;
  return view.block <= end
    ? [{ block: 0, blocks: Math.max(end, other) }]
    : [all, { block: view.block, blocks: view.descriptors.length }];
}

/** What was installed on an image. */
export interface InstalledImage {
  readonly record: InstallRecord & { readonly iso: IsoRecord };
  /** The kept blocks. */
  readonly kept: readonly Patch[];
  /** The image as it was. */
  readonly original: ReadImage;
}

/**
 * Reads what was installed on an image: undefined if nothing was, "damaged" if it cannot be undone.
 */
export function readInstalledImage(image: ReadImage): InstalledImage | "damaged" | undefined {
  const { files } = image.tree;
  if (!files.some(({ path }) => path.startsWith(`${ownDirectory}/`))) return undefined;
  const read = (name: string) => {
    const file = files.find(({ path, kind }) => path === name && kind === "file");
    return file && readExtents(image.source, file.extents);
  };
  for (const slot of slots) {
    const bytes = read(recordFile(slot));
    const record = bytes && parseInstallRecord(decodeUtf8(bytes));
    const contents = read(keptBlocksFile);
    if (record?.iso === undefined || contents === undefined) continue;
    const { iso } = record;
    const kept = splitBlocks(iso, contents);
    const original =
      kept && iso.bytes <= image.source.bytes
        ? readImage(patchSource(image.source, kept, iso.bytes))
        : undefined;
    if (kept !== undefined && original !== undefined && isKeptOf(original.facts, kept))
      return { record: { ...record, iso }, kept, original };
  }
  return "damaged";
}

function splitBlocks({ kept, bytes }: IsoRecord, contents: Uint8Array): Patch[] | undefined {
  const patches: Patch[] = [];
  let at = 0;
  for (const { block, blocks, areZero } of kept) {
    const length = blocks * blockBytes;
    if (block * blockBytes + length > Math.ceil(bytes / blockBytes) * blockBytes) return undefined;
    if (areZero) {
      patches.push({ block, bytes: new Uint8Array(length) });
      continue;
    }
    if (at + length > contents.length) return undefined;
    patches.push({ block, bytes: contents.slice(at, at + length) });
    at += length;
  }
  return at === contents.length ? patches : undefined;
}

/** What a session changes has to be among what is kept, and to be what is found with it. */
function isKeptOf({ volume, view }: IsoFacts, kept: readonly Patch[]): boolean {
  return [volume, view].every((one) => one === undefined || hasVolume(kept, one));
}

function hasVolume(kept: readonly Patch[], volume: Volume): boolean {
  const bytes = descriptorBytes(volume);
  return kept.some(({ block, bytes: some }) => {
    const at = (volume.block - block) * blockBytes;
    return at >= 0 && isSameBytes(some.subarray(at, at + bytes.length), bytes);
  });
}
