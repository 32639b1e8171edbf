// A session that lies behind an image and is not in force: installing was interrupted when the
// first partition already covered it, or undoing was when it still did. What it kept tells what the
// boot record was.

import { hasText } from "../bytes/fields.ts";
import { isSameBytes } from "../bytes/same.ts";
import type { Source } from "../bytes/source.ts";
import type { ReadImage } from "../iso/check-session.ts";
import { readIsoTree } from "../iso/iso-tree.ts";
import { blockBytes, readVolumeAt, volumeBlocks } from "../iso/volume.ts";
import { mbrEntriesAt } from "../superblocks/mbr.ts";
import { type InstalledImage, readInstalledImage } from "./installed-image.ts";

const sectorsOfBlock = blockBytes / 512;
const pieceBlocks = 512;

/** A run of blocks, from one to before another. */
export interface BlockRange {
  readonly from: number;
  readonly to: number;
}

/** Returns where one would be below a partition that reaches beyond the image. */
export function belowPartition({ facts }: ReadImage): BlockRange[] {
  const { partition } = facts;
  if (partition === undefined) return [];
  const to = Math.floor((partition.start + partition.sectors) / sectorsOfBlock);
  return [{ from: volumeBlocks(facts.volume), to }];
}

/** Finds one whose first descriptor is in one of these runs; undefined if there is none. */
export function findUnfinished(
  image: ReadImage,
  ranges: readonly BlockRange[],
): InstalledImage | undefined {
  const { source } = image;
  for (const { from, to } of ranges) {
    const last = Math.min(to, Math.floor(source.bytes / blockBytes));
    for (let at = from; at < last; at += pieceBlocks) {
      const blocks = Math.min(pieceBlocks, last - at);
      const bytes = source.at(at * blockBytes, blocks * blockBytes) ?? new Uint8Array();
      for (let index = 0; index < blocks; index++) {
        if (!hasText(bytes, index * blockBytes, "\u0001CD001\u0001")) continue;
        const found = readSession(image, at + index);
        if (found !== undefined) return found;
      }
    }
  }
  return undefined;
}

function readSession(image: ReadImage, block: number): InstalledImage | undefined {
  const { source, facts } = image;
  const volume = readVolumeAt(source, { block, base: 0 });
  const tree = volume && readIsoTree(source, volume);
  if (volume === undefined || tree === undefined) return undefined;
  const installed = readInstalledImage({ source, facts: { ...facts, volume }, tree });
  if (installed === undefined || installed === "damaged") return undefined;
  return isOf(source, installed) ? installed : undefined;
}

/** It may be of another image that was on the stick before. */
function isOf(source: Source, { original }: InstalledImage): boolean {
  return ranges.every(({ offset, bytes }) => {
    const [here, kept] = [source, original.source].map((one) => one.at(offset, bytes));
    return here !== undefined && isSameBytes(here, kept);
  });
}

/** What no run changes: the boot record without its partitions, and the volume's name and date. */
const ranges = [
  { offset: 0, bytes: mbrEntriesAt },
  { offset: 16 * blockBytes + 40, bytes: 32 },
  { offset: 16 * blockBytes + 813, bytes: 17 },
];
