// NTFS. Label and dirty flag are attributes of $Volume, the fourth record of the master file table,
// to which the boot sector points. The last two bytes of each 512 of a record are stored elsewhere
// and have to be restored before reading.
// Fields: the linux-ntfs project's documentation of the on-disk format.

import {
  hasText,
  isPowerOfTwo,
  labelUtf16,
  sizeOf,
  u8,
  u16le,
  u32le,
  u64le,
} from "../bytes/fields.ts";
import type { Source } from "../bytes/source.ts";
import type { Superblock } from "./superblock.ts";

const volumeRecord = 3;
const strideBytes = 512;
const attribute = { volumeName: 0x60, volumeInformation: 0x70, end: 0xffffffff } as const;

interface Geometry {
  readonly sectorBytes: number;
  readonly recordBytes: number;
  readonly tableOffset: number;
}

/** Identifies NTFS; reads one record besides the boot sector. */
export function identifyNtfs(source: Source): Superblock | undefined {
  const boot = source.at(0, 512);
  const geometry = boot === undefined ? undefined : readGeometry(boot);
  if (boot === undefined || geometry === undefined) return undefined;
  const { tableOffset, recordBytes } = geometry;
  const stored = source.at(tableOffset + volumeRecord * recordBytes, recordBytes);
  const record = stored === undefined ? undefined : restoreRecord(stored);
  if (record === undefined) return undefined;
  const name = findAttribute(record, attribute.volumeName);
  const information = findAttribute(record, attribute.volumeInformation);
  const isDirty = information !== undefined && (u16le(information, 10) & 0x1) !== 0;
  return {
    type: "ntfs",
    label: name === undefined ? undefined : labelUtf16(name, 0, name.length),
    uuid: serialText(boot),
    bytes: sizeOf(u64le(boot, 40), geometry.sectorBytes),
    unclean: isDirty ? ["dirty"] : [],
  };
}

/** Returns whether the first 512 bytes are the boot sector of an NTFS file system. */
export function isNtfsBootSector(boot: Uint8Array): boolean {
  return readGeometry(boot) !== undefined;
}

function readGeometry(boot: Uint8Array): Geometry | undefined {
  if (!hasText(boot, 3, "NTFS    ")) return undefined;
  const sectorBytes = u16le(boot, 11);
  const clusterSectors = powerField(u8(boot, 13), 1);
  const clusterBytes = sectorBytes * (clusterSectors ?? 0);
  const recordBytes = powerField(u8(boot, 64), clusterBytes);
  const tableOffset = sizeOf(u64le(boot, 48), clusterBytes);
  // FAT's fields here (reserved sectors, tables, root entries, sizes) are zero.
  const isFatFree = boot.subarray(14, 21).every((byte) => byte === 0) && u32le(boot, 32) === 0;
  const isSound =
    isFatFree &&
    isPowerOfTwo(sectorBytes) &&
    sectorBytes >= 256 &&
    sectorBytes <= 4096 &&
    isPowerOfTwo(clusterBytes) &&
    (u64le(boot, 40) ?? 0) > 0;
  if (!isSound || recordBytes === undefined || tableOffset === undefined) return undefined;
  if (!isPowerOfTwo(recordBytes) || recordBytes < strideBytes || recordBytes > 65536)
    return undefined;
  return { sectorBytes, recordBytes, tableOffset };
}

// A size in one byte: a count of units, or, counted down from 256, the exponent of a power of two.
function powerField(value: number, unit: number): number | undefined {
  if (value <= 0x80) return value === 0 ? undefined : value * unit;
  const shift = 256 - value;
  return shift <= 31 ? 2 ** shift : undefined;
}

function restoreRecord(stored: Uint8Array): Uint8Array | undefined {
  const at = u16le(stored, 4);
  const count = u16le(stored, 6);
  const strides = stored.length / strideBytes;
  const isSound =
    hasText(stored, 0, "FILE") && count === strides + 1 && at + count * 2 <= stored.length;
  if (!isSound) return undefined;
  const record = stored.slice();
  for (let stride = 1; stride <= strides; stride++) {
    const end = stride * strideBytes - 2;
    // If one of them differs, the record was written only in part.
    if (u16le(stored, end) !== u16le(stored, at)) return undefined;
    record[end] = u8(stored, at + stride * 2);
    record[end + 1] = u8(stored, at + stride * 2 + 1);
  }
  return record;
}

function findAttribute(record: Uint8Array, wanted: number): Uint8Array | undefined {
  let at = u16le(record, 20);
  while (at + 24 <= record.length) {
    const type = u32le(record, at);
    const length = u32le(record, at + 4);
    if (type === attribute.end || length < 24 || at + length > record.length) return undefined;
    const from = at + u16le(record, at + 20);
    const to = from + u32le(record, at + 16);
    const isResident = u8(record, at + 8) === 0;
    if (type === wanted)
      return isResident && to <= at + length ? record.subarray(from, to) : undefined;
    at += length;
  }
  return undefined;
}

function serialText(boot: Uint8Array): string {
  const half = (at: number) => u32le(boot, at).toString(16).toUpperCase().padStart(8, "0");
  return half(76) + half(72);
}
