// exFAT. The label is an entry of the root directory. Fields: "exFAT file system specification",
// sections 3.1 and 7.3.

import {
  formatSerial,
  hasText,
  labelUtf16,
  sizeOf,
  u8,
  u16le,
  u32le,
  u64le,
} from "../bytes/fields.ts";
import type { Source } from "../bytes/source.ts";
import { chainOf, entriesOf } from "./fat-directory.ts";
import type { Superblock, Unclean } from "./superblock.ts";

const labelEntry = 0x83;
const mostLabelUnits = 11;

/** Identifies exFAT. */
export function identifyExfat(source: Source): Superblock | undefined {
  const boot = source.at(0, 512);
  if (boot === undefined || !isExfatBootSector(boot)) return undefined;
  const serial = u32le(boot, 100);
  return {
    type: "exfat",
    label: readLabel(source, boot),
    uuid: serial === 0 ? undefined : formatSerial(serial),
    bytes: sizeOf(u64le(boot, 72), 2 ** u8(boot, 108)),
    unclean: uncleanOf(u16le(boot, 106)),
  };
}

/** Returns whether the first 512 bytes are the boot sector of an exFAT file system. */
export function isExfatBootSector(boot: Uint8Array): boolean {
  const sectorShift = u8(boot, 108);
  const tables = u8(boot, 110);
  return (
    hasText(boot, 3, "EXFAT   ") &&
    hasText(boot, 510, "\x55\xaa") &&
    boot.subarray(11, 64).every((byte) => byte === 0) &&
    sectorShift >= 9 &&
    sectorShift <= 12 &&
    u8(boot, 109) <= 25 - sectorShift &&
    (tables === 1 || tables === 2) &&
    u32le(boot, 96) >= 2
  );
}

function readLabel(source: Source, boot: Uint8Array): string | undefined {
  const sectorBytes = 2 ** u8(boot, 108);
  const clusterBytes = sectorBytes * 2 ** u8(boot, 109);
  const tableOffset = u32le(boot, 80) * sectorBytes;
  const heapOffset = u32le(boot, 88) * sectorBytes;
  const last = u32le(boot, 92) + 1;
  const clusters = {
    bytes: clusterBytes,
    offsetOf: (cluster: number) => heapOffset + (cluster - 2) * clusterBytes,
    next: (cluster: number) => {
      const entry = source.at(tableOffset + cluster * 4, 4);
      const next = entry === undefined ? 0 : u32le(entry, 0);
      return next >= 2 && next <= last ? next : undefined;
    },
  };
  for (const entry of entriesOf(source, chainOf(clusters, u32le(boot, 96)))) {
    if (u8(entry, 0) !== labelEntry) continue;
    return labelUtf16(entry, 2, Math.min(u8(entry, 1), mostLabelUnits) * 2);
  }
  return undefined;
}

function uncleanOf(flags: number): Unclean[] {
  const unclean: Unclean[] = [];
  if ((flags & 0x4) !== 0) unclean.push("errors");
  if ((flags & 0x2) !== 0) unclean.push("dirty");
  return unclean;
}
