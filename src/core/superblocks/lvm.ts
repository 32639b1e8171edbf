// A physical volume of LVM 2. Its label is in one of the first four sectors and protected by a
// checksum.
// Fields: struct label_header and struct pv_header of LVM 2, whose checksum has a start value of
// its own.

import { updateCrc32 } from "../bytes/crc32.ts";
import { hasText, u32le, u64le } from "../bytes/fields.ts";
import type { Source } from "../bytes/source.ts";
import { decodeUtf8 } from "../bytes/utf.ts";
import type { Superblock } from "./superblock.ts";

const checkStart = 0xf597a6cf;
const sectorBytes = 512;

/** Identifies a physical volume of LVM 2 ("LVM2_member"). */
export function identifyLvm(source: Source): Superblock | undefined {
  for (let sector = 0; sector < 4; sector++) {
    const block = source.at(sector * sectorBytes, sectorBytes);
    if (block === undefined) return undefined;
    if (!hasText(block, 0, "LABELONE") || !hasText(block, 24, "LVM2 001")) continue;
    const identity = u32le(block, 20);
    const isSound =
      u64le(block, 8) === sector &&
      identity <= sectorBytes - 40 &&
      updateCrc32(checkStart, block.subarray(20)) === u32le(block, 16);
    if (!isSound) continue;
    return {
      type: "LVM2_member",
      label: undefined,
      uuid: uuidOf(decodeUtf8(block.subarray(identity, identity + 32))),
      bytes: u64le(block, identity + 32),
      unclean: [],
    };
  }
  return undefined;
}

function uuidOf(text: string): string {
  const parts = [
    [0, 6],
    [6, 10],
    [10, 14],
    [14, 18],
    [18, 22],
    [22, 26],
    [26, 32],
  ] as const;
  return parts.map(([from, to]) => text.slice(from, to)).join("-");
}
