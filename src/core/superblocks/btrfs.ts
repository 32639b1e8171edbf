// btrfs. The first of its superblocks is at 64 KiB. Each member of a file system on several devices
// has the same uuid and label, and an identity of its own.
// Fields: btrfs "On-disk format", section "Superblock".

import { hasText, isPowerOfTwo, labelText, u32le, u64le, uuidText } from "../bytes/fields.ts";
import type { Source } from "../bytes/source.ts";
import type { Superblock } from "./superblock.ts";

const position = 64 * 1024;

/** Identifies btrfs; `bytes` is the sum over all its devices. */
export function identifyBtrfs(source: Source): Superblock | undefined {
  const block = source.at(position, 4096);
  if (block === undefined || !hasText(block, 0x40, "_BHRfS_M")) return undefined;
  const sectorBytes = u32le(block, 0x90);
  const nodeBytes = u32le(block, 0x94);
  const isSound =
    u64le(block, 0x30) === position &&
    isPowerOfTwo(sectorBytes) &&
    isPowerOfTwo(nodeBytes) &&
    sectorBytes >= 512 &&
    nodeBytes >= sectorBytes &&
    nodeBytes <= 65536;
  if (!isSound) return undefined;
  const memberUuid = uuidText(block, 0x10b);
  const members = u64le(block, 0x88) ?? 1;
  // The device item, which the superblock holds a copy of, begins at 0xc9.
  const memberBytes = u64le(block, 0xd1) ?? 0;
  return {
    type: "btrfs",
    label: labelText(block, 0x12b, 256),
    uuid: uuidText(block, 0x20),
    bytes: u64le(block, 0x70),
    unclean: u64le(block, 0x60) === 0 ? [] : ["journal"],
    ...(memberUuid === undefined ? {} : { memberUuid }),
    ...(members > 1 ? { members } : {}),
    ...(memberBytes > 0 ? { memberBytes } : {}),
  };
}
