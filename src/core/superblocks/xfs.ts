// XFS. All numbers are big-endian. Its superblock does not show whether the log has to be replayed.
// Fields: "XFS Algorithms & Data Structures", chapter "Superblocks".

import { hasText, labelText, sizeOf, u8, u16be, u32be, u64be, uuidText } from "../bytes/fields.ts";
import type { Source } from "../bytes/source.ts";
import type { Superblock, Unclean } from "./superblock.ts";

const needsRepair = 0x10;

/** Identifies XFS by its magic and the relations between its sizes. */
export function identifyXfs(source: Source): Superblock | undefined {
  const block = source.at(0, 512);
  if (block === undefined || !hasText(block, 0, "XFSB") || !isSound(block)) return undefined;
  return {
    type: "xfs",
    label: labelText(block, 108, 12),
    uuid: uuidText(block, 32),
    bytes: sizeOf(u64be(block, 8), u32be(block, 4)),
    unclean: uncleanOf(block),
  };
}

function isSound(block: Uint8Array): boolean {
  const blockBytes = u32be(block, 4);
  const sectorBytes = u16be(block, 102);
  const inodeBytes = u16be(block, 104);
  const groups = u32be(block, 88);
  const groupBlocks = u32be(block, 84);
  const blocks = u64be(block, 8) ?? 0;
  const realtimeBytes = u32be(block, 80) * blockBytes;
  return (
    isSize(sectorBytes, u8(block, 121), 9, 15) &&
    isSize(blockBytes, u8(block, 120), 9, 16) &&
    isSize(inodeBytes, u8(block, 122), 8, 11) &&
    u8(block, 120) - u8(block, 122) === u8(block, 123) &&
    u8(block, 127) <= 100 &&
    realtimeBytes >= 4096 &&
    realtimeBytes <= 2 ** 30 &&
    groups > 0 &&
    blocks > (groups - 1) * groupBlocks &&
    blocks <= groups * groupBlocks
  );
}

function isSize(bytes: number, shift: number, least: number, most: number): boolean {
  return shift >= least && shift <= most && bytes === 2 ** shift;
}

function uncleanOf(block: Uint8Array): Unclean[] {
  const isVersion5 = (u16be(block, 100) & 0xf) === 5;
  const isMarked = isVersion5 && (u32be(block, 216) & needsRepair) !== 0;
  // The byte at 126 stays set if mkfs or growfs was interrupted; the kernel then refuses to mount.
  return isMarked || u8(block, 126) !== 0 ? ["errors"] : [];
}
