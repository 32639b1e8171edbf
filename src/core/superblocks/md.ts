// A member of a Linux software RAID (md). Metadata 0.90 and 1.0 are at the end of the device, so
// that its start looks like a file system of its own, which must not be written to; 1.1 is at the
// start, 1.2 at 4 KiB.
// Fields: the kernel's md_p.h.

import { labelText, sizeOf, u32be, u32le, u64le, uuidText } from "../bytes/fields.ts";
import type { Source } from "../bytes/source.ts";
import { readPartitions } from "./partitions.ts";
import type { Superblock } from "./superblock.ts";

const magic = 0xa92b4efc;
const sectorBytes = 512;
const reservedBytes = 64 * 1024;

/** Identifies a member of a software RAID ("linux_raid_member") of any metadata version. */
export function identifyMd(source: Source): Superblock | undefined {
  return identifyOld(source) ?? identifyNew(source);
}

// Version 0.90 is 4 KiB long, in the byte order of the machine that created it, at the last 64 KiB
// boundary with 64 KiB after it.
function identifyOld(source: Source): Superblock | undefined {
  const at = source.bytes - (source.bytes % reservedBytes) - reservedBytes;
  const block = source.at(at, 4096);
  if (block === undefined) return undefined;
  const u32 = u32le(block, 0) === magic ? u32le : u32be;
  if (u32(block, 0) !== magic || u32(block, 4) !== 0) return undefined;
  const memberBytes = sizeOf(u32(block, 32), 1024) ?? 0;
  if (source.bytes < memberBytes + reservedBytes) return undefined;
  if (liesInPartition(source, at)) return undefined;
  const words = [20, 52, 56, 60].map((field) => u32(block, field).toString(16).padStart(8, "0"));
  const digits = words.join("");
  const uuid = Uint8Array.from({ length: 16 }, (_, i) =>
    Number.parseInt(digits.slice(i * 2, i * 2 + 2), 16),
  );
  return member({ label: undefined, uuid: uuidText(uuid, 0), bytes: memberBytes });
}

// A partition that reaches to the end of its disk has its superblock where the whole disk would
// have one.
function liesInPartition(source: Source, at: number): boolean {
  return readPartitions(source).some(
    ({ offset, bytes }) => at >= offset && at + 4096 <= offset + bytes,
  );
}

// Version 1 records the number of its own sector.
function identifyNew(source: Source): Superblock | undefined {
  const sectors = Math.floor(source.bytes / sectorBytes);
  const last = sectors - 16 - ((sectors - 16) % 8);
  for (const sector of [last, 0, 8]) {
    const block = source.at(sector * sectorBytes, sectorBytes);
    if (block === undefined || u32le(block, 0) !== magic || u32le(block, 4) !== 1) continue;
    if (u64le(block, 144) !== sector) continue;
    const memberUuid = uuidText(block, 168);
    return {
      ...member({
        label: labelText(block, 32, 32),
        uuid: uuidText(block, 16),
        bytes: sizeOf(u64le(block, 80), sectorBytes),
      }),
      ...(memberUuid === undefined ? {} : { memberUuid }),
    };
  }
  return undefined;
}

function member(found: Pick<Superblock, "label" | "uuid" | "bytes">): Superblock {
  return { type: "linux_raid_member", ...found, unclean: [] };
}
