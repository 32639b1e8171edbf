// The files of a FAT file system, as Linux names them, and where they lie: that of an EFI partition
// in an ISO image is changed there. Fields: "Microsoft FAT Specification".

import { decodeByteText } from "../bytes/byte-text.ts";
import { u8, u16le, u32le } from "../bytes/fields.ts";
import { type Range, sumRanges } from "../bytes/ranges.ts";
import type { Source } from "../bytes/source.ts";
import { trimEnd } from "../bytes/trim.ts";
import { decodeUtf16 } from "../bytes/utf.ts";
import { type FatGeometry, readFatGeometry } from "../superblocks/vfat.ts";

/** A file or directory. */
export interface FatFile {
  /** Its path, without a leading slash. */
  readonly path: string;
  readonly isDirectory: boolean;
  readonly bytes: number;
  /** Its clusters, which may be longer than it is. */
  readonly runs: readonly Range[];
  /** Where its entry in its directory is. */
  readonly entry: number;
}

/** What is in a FAT file system. */
export interface FatTree {
  readonly files: readonly FatFile[];
  /** What precedes the first cluster: tables, and of FAT12 and FAT16 the root directory. */
  readonly head: Range;
  /** The clusters of its root where that is a chain of them, as in FAT32. */
  readonly root: readonly Range[];
  readonly clusterBytes: number;
  readonly freeBytes: number;
}

const mostFiles = 10_000;
const deepest = 16;
const mostTableBytes = 16 * 1024 * 1024;
const mostDirectoryBytes = 4 * 1024 * 1024;
const entryBytes = 32;

/** Reads the files of a FAT file system; undefined if it is none, or damaged. */
export function readFatTree(source: Source): FatTree | undefined {
  const boot = source.at(0, 512);
  const geometry = boot && readFatGeometry(boot);
  if (boot === undefined || geometry === undefined) return undefined;
  const { kind, tableOffset, tableBytes, dataOffset, bytes, clusters, clusterBytes } = geometry;
  if (tableBytes > mostTableBytes || bytes > source.bytes) return undefined;
  const table = source.at(tableOffset, tableBytes);
  if (table === undefined) return undefined;
  const volume: Volume = { source, geometry, table };
  const rootCluster = kind === 32 ? u32le(boot, 44) : undefined;
  const root = rootCluster === undefined ? [] : findRuns(volume, rootCluster);
  if (root === undefined) return undefined;
  const reading = { volume, files: [] as FatFile[] };
  const runs = rootCluster === undefined ? [geometry.root] : root;
  if (!readDirectory(reading, { path: "", runs, depth: 0 })) return undefined;
  let free = 0;
  for (let cluster = 2; cluster < clusters + 2; cluster++)
    if (nextOf(volume, cluster) === 0) free++;
  const { files } = reading;
  const head = { offset: 0, bytes: dataOffset };
  return { files, head, root, clusterBytes, freeBytes: free * clusterBytes };
}

interface Volume {
  readonly source: Source;
  readonly geometry: FatGeometry;
  readonly table: Uint8Array;
}

function nextOf({ geometry: { kind }, table }: Volume, cluster: number): number {
  if (kind === 32) return u32le(table, cluster * 4) & 0x0fffffff;
  if (kind === 16) return u16le(table, cluster * 2);
  const pair = u16le(table, Math.floor((cluster * 3) / 2));
  return cluster % 2 === 0 ? pair & 0xfff : pair >> 4;
}

/** Returns the clusters of a chain, those that follow each other as one run. */
function findRuns(volume: Volume, first: number): Range[] | undefined {
  const { kind, dataOffset, clusters, clusterBytes } = volume.geometry;
  const end = { 12: 0xff8, 16: 0xfff8, 32: 0x0ffffff8 }[kind];
  const runs: { offset: number; bytes: number }[] = [];
  let cluster = first;
  for (let count = 0; cluster < end; count++) {
    if (cluster < 2 || cluster >= clusters + 2 || count > clusters) return undefined;
    const offset = dataOffset + (cluster - 2) * clusterBytes;
    const last = runs.at(-1);
    if (last !== undefined && last.offset + last.bytes === offset) last.bytes += clusterBytes;
    else runs.push({ offset, bytes: clusterBytes });
    cluster = nextOf(volume, cluster);
  }
  return runs;
}

interface Reading {
  readonly volume: Volume;
  readonly files: FatFile[];
}

interface Directory {
  readonly path: string;
  readonly runs: readonly Range[];
  readonly depth: number;
}

const attribute = { volume: 0x08, directory: 0x10, longName: 0x0f } as const;

function readDirectory(reading: Reading, { path, runs, depth }: Directory): boolean {
  const { volume, files } = reading;
  if (depth > deepest) return false;
  if (sumRanges(runs) > mostDirectoryBytes) return false;
  let long: string[] = [];
  for (const run of runs) {
    const bytes = volume.source.at(run.offset, run.bytes);
    if (bytes === undefined) return false;
    for (let at = 0; at + entryBytes <= bytes.length; at += entryBytes) {
      const entry = bytes.subarray(at, at + entryBytes);
      const first = u8(entry, 0);
      if (first === 0) return true;
      const attributes = u8(entry, 11);
      if (first !== 0xe5 && (attributes & 0x3f) === attribute.longName) {
        if ((first & 0x40) !== 0) long = [];
        long.unshift(longPart(entry));
        continue;
      }
      const name = long.length > 0 ? endAtNull(long.join("")) : shortName(entry);
      long = [];
      if (first === 0xe5 || first === 0x2e || (attributes & attribute.volume) !== 0) continue;
      if (name === "" || name === ".." || name.includes("/")) return false;
      const cluster = u16le(entry, 26) | (u16le(entry, 20) << 16);
      const inner = path === "" ? name : `${path}/${name}`;
      const isDirectory = (attributes & attribute.directory) !== 0;
      const found = cluster === 0 ? [] : findRuns(volume, cluster);
      if (found === undefined) return false;
      const place = { bytes: u32le(entry, 28), runs: found, entry: run.offset + at };
      files.push({ path: inner, isDirectory, ...place });
      if (files.length > mostFiles) return false;
      const next = { path: inner, runs: found, depth: depth + 1 };
      if (isDirectory && !readDirectory(reading, next)) return false;
    }
  }
  return true;
}

function longPart(entry: Uint8Array): string {
  const units = [...entry.subarray(1, 11), ...entry.subarray(14, 26), ...entry.subarray(28, 32)];
  return decodeUtf16(Uint8Array.from(units));
}

function endAtNull(name: string): string {
  const end = name.indexOf("\0");
  return end < 0 ? name : name.slice(0, end);
}

/** Names that are short have a flag each for the letters before and behind the dot. */
function shortName(entry: Uint8Array): string {
  const part = (from: number, to: number, flag: number) => {
    const text = trimEnd(decodeByteText(entry.subarray(from, to)), " ");
    return (u8(entry, 12) & flag) === 0 ? text : text.toLowerCase();
  };
  const [name, ending] = [part(0, 8, 0x08), part(8, 11, 0x10)];
  return ending === "" ? name : `${name}.${ending}`;
}

/** Returns the contents of a file; undefined if it is longer than its clusters or `most` bytes. */
export function readFatFile(source: Source, file: FatFile, most: number): Uint8Array | undefined {
  const { bytes, runs } = file;
  if (bytes > most || bytes > sumRanges(runs)) return undefined;
  const contents = new Uint8Array(bytes);
  let at = 0;
  for (const run of runs) {
    const part = source.at(run.offset, Math.min(run.bytes, bytes - at));
    if (part === undefined) return undefined;
    contents.set(part, at);
    at += part.length;
  }
  return contents;
}
