// Partition tables: MBR with its chain of logical partitions, and GPT. What counts as a partition,
// its number and its identity follow the Linux kernel, so that "disk.img#2" is what the kernel
// would call /dev/sda2.
// Layouts: UEFI specification, sections 5.2 and 5.3; the kernel's rules are in
// block/partitions/msdos.c and efi.c.

import { crc32 } from "../bytes/crc32.ts";
import { hasText, hexText, trimLabel, u8, u16le, u32le, u64le } from "../bytes/fields.ts";
import { openSource, type ReadBytes, type Source } from "../bytes/source.ts";
import { decodeUtf16 } from "../bytes/utf.ts";
import { isExfatBootSector } from "./exfat.ts";
import { type MbrEntry, mbrEntry, protective, readMbrEntries } from "./mbr.ts";
import { isNtfsBootSector } from "./ntfs.ts";
import { isFatBootSector } from "./vfat.ts";

/**
 * A part of a disk that can hold a file system, so not an extended partition, which holds others.
 */
export interface Partition {
  /** From 1; logical partitions from 5. */
  readonly number: number;
  readonly offset: number;
  readonly bytes: number;
  /**
   * "1a2b3c4d-02" in an MBR (undefined if the disk has no identity), a lower-case GUID in a GPT.
   */
  readonly partUuid: string | undefined;
  /** The name in a GPT. */
  readonly partLabel: string | undefined;
  /** "0x83" in an MBR, a lower-case GUID in a GPT. */
  readonly typeId: string;
}

const extended = [0x05, 0x0f, 0x85];
const mostLogical = 128;
const mostTableBytes = 1024 * 1024;

interface Disk {
  readonly source: Source;
  readonly sectorBytes: number;
}

/** The most partitions that the kernel makes devices of (DISK_MAX_PARTS). */
export const mostPartitions = 255;

/** A partition table as the kernel takes it. */
export interface PartitionTable {
  readonly partitions: readonly Partition[];
  /** Why the kernel takes nothing of a GPT that is there; undefined if nothing is wrong. */
  readonly fault: TableFault | undefined;
}

/**
 * A GPT that the kernel refuses: its first header or entries are damaged, or it is that of a larger
 * disk. The kernel uses the backup at the end of the disk only if it is told to ("gpt").
 */
export interface TableFault {
  readonly why: "damaged" | "too-long";
  /** What the backup says; undefined if that is no better. */
  readonly backup: readonly Partition[] | undefined;
}

const none: PartitionTable = { partitions: [], fault: undefined };

/** Reads the partitions that the kernel shows of a disk or image; empty if it has none. */
export function readPartitions(source: Source, sectorBytes = 512): readonly Partition[] {
  return readTableOf({ source, sectorBytes }).partitions;
}

/** Reads the partition table of a disk or image. Throws only what `read` throws. */
export function readTable(read: ReadBytes, bytes: number, sectorBytes = 512): PartitionTable {
  return readTableOf({ source: openSource(read, bytes), sectorBytes });
}

function readTableOf(disk: Disk): PartitionTable {
  const { source } = disk;
  const sector = source.at(0, 512);
  if (sector === undefined || !isTable(sector)) return none;
  const entries = readMbrEntries(sector);
  const guards = entries.filter(({ type }) => type === protective);
  if (guards.length === 0)
    return { partitions: cut(readMbr(disk, sector, entries), source.bytes), fault: undefined };
  // The kernel looks for a GPT only behind a guard that begins where its header is.
  return guards.some(({ start }) => start === 1) ? readGpt(disk) : none;
}

function cut(partitions: readonly Partition[], bytes: number): readonly Partition[] {
  return partitions
    .filter(({ offset, bytes: size }) => offset < bytes && size > 0)
    .map((partition) => ({
      ...partition,
      bytes: Math.min(partition.bytes, bytes - partition.offset),
    }));
}

/**
 * Returns the sizes of sectors that the table of an image file may count in, the likeliest first: a
 * GPT has its header in the second sector, an MBR does not tell.
 */
export function listSectorSizes(read: ReadBytes, bytes: number): readonly number[] {
  const source = openSource(read, bytes);
  const hasHeader = (size: number) =>
    [size, bytes - size].some((at) => hasText(source.at(at, 8) ?? nothing, 0, "EFI PART"));
  const [one = 512, other = 4096] = sectorSizes;
  if (hasHeader(one)) return [one];
  return hasHeader(other) ? [other] : sectorSizes;
}

const sectorSizes = [512, 4096];
const nothing = new Uint8Array(8);

// The boot sectors of FAT, exFAT and NTFS end with the same signature as a partition table.
function isTable(sector: Uint8Array): boolean {
  const hasMark = hasText(sector, 510, "\x55\xaa");
  if (!hasMark || isFatBootSector(sector)) return false;
  if (isExfatBootSector(sector) || isNtfsBootSector(sector)) return false;
  return [1, 2, 3, 4].every((number) => (u8(mbrEntry(sector, number), 0) & 0x7f) === 0);
}

function isExtended({ type }: MbrEntry): boolean {
  return extended.includes(type);
}

function readMbr(disk: Disk, sector: Uint8Array, entries: readonly MbrEntry[]): Partition[] {
  const identity = u32le(sector, 440);
  const used = entries.filter(({ sectors }) => sectors > 0);
  const primary = used.filter((entry) => !isExtended(entry));
  const logical: MbrEntry[] = [];
  for (const entry of used.filter(isExtended)) {
    logical.push(...readLogical(disk, entry, 5 + logical.length));
  }
  return [...primary, ...logical].map((entry) => ({
    number: entry.number,
    offset: entry.start * disk.sectorBytes,
    bytes: entry.sectors * disk.sectorBytes,
    partUuid: identity === 0 ? undefined : mbrUuid(identity, entry.number),
    partLabel: undefined,
    typeId: `0x${entry.type.toString(16)}`,
  }));
}

function mbrUuid(identity: number, number: number): string {
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, "0");
  return `${hex(identity, 8)}-${hex(number, 2)}`;
}

// Each logical partition has a table of its own, which also points to the next table. A damaged
// chain may form a circle.
function readLogical(disk: Disk, container: MbrEntry, firstNumber: number): MbrEntry[] {
  const found: MbrEntry[] = [];
  const visited = new Set<number>();
  const end = container.start + container.sectors;
  let table: number | undefined = container.start;
  let room = container.sectors;
  while (table !== undefined && !visited.has(table) && visited.size < mostLogical) {
    visited.add(table);
    const here: number = table;
    const sector = disk.source.at(here * disk.sectorBytes, 512);
    if (sector === undefined) break;
    const used: MbrEntry[] = readMbrEntries(sector).filter(({ sectors }) => sectors > 0);
    for (const entry of used.filter((candidate) => !isExtended(candidate))) {
      const start = here + entry.start;
      // The last two entries should be empty; some tools leave garbage there.
      const isInside = entry.start + entry.sectors <= room && start + entry.sectors <= end;
      if (entry.number > 2 && !isInside) continue;
      found.push({ ...entry, number: firstNumber + found.length, start });
    }
    const next = used.find(isExtended);
    table = next === undefined ? undefined : container.start + next.start;
    room = next?.sectors ?? 0;
  }
  return found;
}

function readGpt(disk: Disk): PartitionTable {
  const first = readGptAt(disk, 1);
  if (typeof first === "object") return { partitions: first, fault: undefined };
  const backup = readGptAt(disk, lastSectorOf(disk));
  if (first === "none" && typeof backup !== "object") return none;
  const why = first === "too-long" ? "too-long" : "damaged";
  return {
    partitions: [],
    fault: { why, backup: typeof backup === "object" ? backup : undefined },
  };
}

function lastSectorOf({ source, sectorBytes }: Disk): number {
  return Math.floor(source.bytes / sectorBytes) - 1;
}

function readGptAt(
  disk: Disk,
  headerSector: number,
): readonly Partition[] | "none" | TableFault["why"] {
  const header = disk.source.at(headerSector * disk.sectorBytes, disk.sectorBytes);
  if (header === undefined || !hasText(header, 0, "EFI PART")) return "none";
  const headerBytes = u32le(header, 12);
  if (headerBytes < 92 || headerBytes > header.length) return "damaged";
  const checked = header.slice(0, headerBytes);
  checked.fill(0, 16, 20);
  const isRight = crc32(checked) === u32le(header, 16) && u64le(header, 24) === headerSector;
  if (!isRight) return "damaged";
  const [firstUsable, lastUsable] = [u64le(header, 40), u64le(header, 48)];
  if (firstUsable === undefined || lastUsable === undefined) return "damaged";
  if (Math.max(firstUsable, lastUsable) > lastSectorOf(disk)) return "too-long";
  return lastUsable < firstUsable ? "damaged" : (readGptEntries(disk, header) ?? "damaged");
}

function readGptEntries(disk: Disk, header: Uint8Array): Partition[] | undefined {
  const start = u64le(header, 72);
  const count = u32le(header, 80);
  const size = u32le(header, 84);
  if (start === undefined || size !== 128 || count * size > mostTableBytes) return undefined;
  const table = disk.source.at(start * disk.sectorBytes, count * size);
  if (table === undefined || crc32(table) !== u32le(header, 88)) return undefined;
  const found: Partition[] = [];
  for (let index = 0; index < count; index++) {
    const entry = table.subarray(index * size, (index + 1) * size);
    const partition = readGptEntry(disk, entry, index + 1);
    if (partition !== undefined) found.push(partition);
  }
  return found;
}

function readGptEntry(disk: Disk, entry: Uint8Array, number: number): Partition | undefined {
  const first = u64le(entry, 32);
  const last = u64le(entry, 40);
  const isUsed = entry.subarray(0, 16).some((byte) => byte !== 0);
  if (!isUsed || first === undefined || last === undefined || last < first) return undefined;
  if ((last + 1) * disk.sectorBytes > disk.source.bytes) return undefined;
  return {
    number,
    offset: first * disk.sectorBytes,
    bytes: (last - first + 1) * disk.sectorBytes,
    partUuid: guidText(entry, 16),
    partLabel: trimLabel(decodeUtf16(entry.subarray(56, 128))),
    typeId: guidText(entry, 0),
  };
}

// The first three parts of a GUID are little-endian numbers, the others plain bytes.
function guidText(bytes: Uint8Array, at: number): string {
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, "0");
  const numbers = [
    hex(u32le(bytes, at), 8),
    hex(u16le(bytes, at + 4), 4),
    hex(u16le(bytes, at + 6), 4),
  ];
  return [...numbers, hexText(bytes, at + 8, 2), hexText(bytes, at + 10, 6)].join("-");
}
