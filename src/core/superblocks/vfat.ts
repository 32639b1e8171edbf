// FAT12, FAT16 and FAT32. They have no common magic number: a boot sector is recognised by the
// relations between its fields, as in blkid, so that a partition table is not mistaken for one. The
// label is an entry of the root directory; the copy in the boot sector has been ignored since
// Windows stopped reading it.
// Fields: "Microsoft FAT Specification"; the dirty bits as the kernel's fat driver and fsck.fat
// keep them.

import {
  formatSerial,
  hasText,
  isPowerOfTwo,
  trimLabel,
  u8,
  u16le,
  u32le,
} from "../bytes/fields.ts";
import type { Source } from "../bytes/source.ts";
import { decodeUtf8 } from "../bytes/utf.ts";
import { chainOf, type Extent, entriesOf } from "./fat-directory.ts";
import type { Superblock, Unclean } from "./superblock.ts";

/** Where the parts of a FAT file system are. */
export interface FatGeometry {
  readonly kind: 12 | 16 | 32;
  readonly sectorBytes: number;
  readonly clusterBytes: number;
  readonly clusters: number;
  /** How often the table is there. */
  readonly tables: number;
  readonly tableOffset: number;
  readonly tableBytes: number;
  /** Where the root directory of FAT12 and FAT16 is; empty on FAT32. */
  readonly root: Extent;
  /** Where cluster 2, the first, is. */
  readonly dataOffset: number;
  readonly bytes: number;
}

/** Identifies FAT of any width ("vfat"). */
export function identifyVfat(source: Source): Superblock | undefined {
  const boot = source.at(0, 512);
  const geometry = boot === undefined ? undefined : readFatGeometry(boot);
  if (boot === undefined || geometry === undefined) return undefined;
  const isWide = geometry.kind === 32;
  if (isWide && !hasSoundInformation(source, boot)) return undefined;
  const serial = u32le(boot, isWide ? 67 : 39);
  return {
    type: "vfat",
    label: readLabel(source, boot, geometry),
    uuid: serial === 0 ? undefined : formatSerial(serial),
    bytes: geometry.bytes,
    unclean: uncleanOf(source, boot, geometry),
  };
}

/** Returns whether the first 512 bytes are the boot sector of a FAT file system. */
export function isFatBootSector(boot: Uint8Array): boolean {
  return readFatGeometry(boot) !== undefined;
}

/** Reads where the parts of a FAT file system are; undefined if it is none. */
export function readFatGeometry(boot: Uint8Array): FatGeometry | undefined {
  if (!hasFatMark(boot)) return undefined;
  const sectorBytes = u16le(boot, 11);
  const clusterSectors = u8(boot, 13);
  const reserved = u16le(boot, 14);
  const tables = u8(boot, 16);
  const media = u8(boot, 21);
  const sectors = u16le(boot, 19) || u32le(boot, 32);
  const isSound =
    tables > 0 &&
    reserved > 0 &&
    (media >= 0xf8 || media === 0xf0) &&
    isPowerOfTwo(clusterSectors) &&
    isPowerOfTwo(sectorBytes) &&
    sectorBytes >= 512 &&
    sectorBytes <= 4096;
  if (!isSound) return undefined;
  const tableSectors = u16le(boot, 22) || u32le(boot, 36);
  const rootBytes = u16le(boot, 17) * 32;
  const rootSector = reserved + tableSectors * tables;
  const dataSector = rootSector + Math.ceil(rootBytes / sectorBytes);
  const clusters = Math.floor((sectors - dataSector) / clusterSectors);
  const kind = u16le(boot, 22) === 0 ? 32 : clusters > 0xff4 ? 16 : 12;
  if (tableSectors === 0 || clusters < 0 || clusters > mostClusters[kind]) return undefined;
  return {
    ...{ kind, sectorBytes, clusters, tables },
    clusterBytes: clusterSectors * sectorBytes,
    tableOffset: reserved * sectorBytes,
    tableBytes: tableSectors * sectorBytes,
    root: { offset: rootSector * sectorBytes, bytes: rootBytes },
    dataOffset: dataSector * sectorBytes,
    bytes: sectors * sectorBytes,
  };
}

const mostClusters = { 12: 0xff4, 16: 0xfff4, 32: 0xffffff6 } as const;

// Without one of the names only the boot signature is left, which partition tables and other boot
// code have too.
function hasFatMark(boot: Uint8Array): boolean {
  const names = ["MSDOS", "FAT16   ", "FAT12   ", "FAT     "];
  if (names.some((name) => hasText(boot, 54, name))) return true;
  if (["MSWIN", "FAT32   "].some((name) => hasText(boot, 82, name))) return true;
  // OS/2's file systems begin with fields that look like those of FAT.
  const isOther = hasText(boot, 54, "JFS     ") || hasText(boot, 54, "HPFS    ");
  return hasText(boot, 510, "\x55\xaa") && !isOther;
}

// FAT32 has a second sector with two signatures; some tools omit them, but none writes others.
function hasSoundInformation(source: Source, boot: Uint8Array): boolean {
  const sector = u16le(boot, 48);
  if (sector === 0) return true;
  const found = source.at(sector * u16le(boot, 11), 512);
  if (found === undefined) return false;
  const first = u32le(found, 0);
  const second = u32le(found, 484);
  return (
    (first === 0x41615252 || first === 0x41645252 || first === 0) &&
    (second === 0x61417272 || second === 0)
  );
}

function readLabel(source: Source, boot: Uint8Array, geometry: FatGeometry): string | undefined {
  const extents = geometry.kind === 32 ? rootChain(source, boot, geometry) : [geometry.root];
  for (const entry of entriesOf(source, extents)) {
    const attributes = u8(entry, 11) & 0x3f;
    const isLongName = attributes === 0x0f;
    const isVolume = (attributes & 0x18) === 0x08;
    const isFree = u8(entry, 0) === 0xe5;
    const hasCluster = u16le(entry, 20) !== 0 || u16le(entry, 26) !== 0;
    if (isFree || isLongName || !isVolume || hasCluster) continue;
    const name = entry.slice(0, 11);
    // 0xe5 marks a deleted entry, so a name that begins with it is written with 0x05.
    if (name[0] === 0x05) name[0] = 0xe5;
    const label = trimLabel(decodeUtf8(name));
    return label === "NO NAME" ? undefined : label;
  }
  return undefined;
}

function rootChain(source: Source, boot: Uint8Array, geometry: FatGeometry): Iterable<Extent> {
  const entries = geometry.tableBytes / 4;
  const isCluster = (cluster: number) => cluster >= 2 && cluster < entries;
  const first = u32le(boot, 44);
  if (!isCluster(first)) return [];
  const clusters = {
    bytes: geometry.clusterBytes,
    offsetOf: (cluster: number) => geometry.dataOffset + (cluster - 2) * geometry.clusterBytes,
    next: (cluster: number) => {
      const entry = source.at(geometry.tableOffset + cluster * 4, 4);
      const next = entry === undefined ? 0 : u32le(entry, 0) & 0x0fffffff;
      return isCluster(next) ? next : undefined;
    },
  };
  return chainOf(clusters, first);
}

// Linux keeps its flag in the boot sector, Windows in the table's second entry, where a *missing*
// bit means that something is wrong; FAT12 has no room for it.
function uncleanOf(source: Source, boot: Uint8Array, geometry: FatGeometry): Unclean[] {
  const state = u8(boot, geometry.kind === 32 ? 65 : 37);
  const marks = readTableMarks(source, geometry);
  const unclean: Unclean[] = [];
  if ((state & 0x2) !== 0 || !marks.isSound) unclean.push("errors");
  if ((state & 0x1) !== 0 || !marks.isClean) unclean.push("dirty");
  return unclean;
}

function readTableMarks(source: Source, { kind, tableOffset }: FatGeometry) {
  const table = kind === 12 ? undefined : source.at(tableOffset, 8);
  if (table === undefined) return { isClean: true, isSound: true };
  const bits = kind === 32 ? u32le(table, 4) >>> 26 : u16le(table, 2) >>> 14;
  return { isClean: (bits & 0x2) !== 0, isSound: (bits & 0x1) !== 0 };
}
