// The files of an ISO 9660 image, as Linux names them: by Rock Ridge, else by Joliet, else in small
// letters. Layouts: ECMA-119, section 9; SUSP (IEEE P1281), section 5; RRIP (IEEE P1282), section
// 4.

import { decodeByteText } from "../bytes/byte-text.ts";
import { hasText, u8, u16le, u32le } from "../bytes/fields.ts";
import type { Source } from "../bytes/source.ts";
import { decodeUtf8, decodeUtf16 } from "../bytes/utf.ts";
import { blockBytes, findDescriptor, type Volume } from "./volume.ts";

/** A part of a file that lies in one piece. */
export interface Extent {
  readonly block: number;
  readonly bytes: number;
}

/** A file of an image. */
export interface IsoFile {
  /** Its path, without a leading slash. */
  readonly path: string;
  readonly kind: "file" | "directory" | "other";
  readonly extents: readonly Extent[];
}

/** The names of a tree: "plain" are those of neither Rock Ridge nor Joliet. */
export type Names = "rock-ridge" | "joliet" | "plain";

/** The tree of an image, and what names it has. */
export interface IsoTree {
  readonly names: Names;
  readonly files: readonly IsoFile[];
}

const mostFiles = 200_000;
const mostDirectoryBytes = 32 * 1024 * 1024;
const deepest = 64;
const longestName = 1024;
const directoryFlag = 2;
const moreFlag = 0x80;

/**
 * Reads the tree of a volume under the names that Linux shows; undefined if it is damaged, or has
 * more files than a medium has.
 */
export function readIsoTree(source: Source, volume: Volume): IsoTree | undefined {
  const primary = findDescriptor(volume, "primary");
  if (primary === undefined) return undefined;
  const skip = findRockRidge(source, volume, primary);
  if (skip !== undefined) return readTree(source, volume, { names: "rock-ridge", skip }, primary);
  return readJolietTree(source, volume) ?? readTree(source, volume, { names: "plain" }, primary);
}

/** Reads the tree of Joliet; undefined if there is none, or it is damaged. */
export function readJolietTree(source: Source, volume: Volume): IsoTree | undefined {
  const joliet = findDescriptor(volume, "joliet");
  return joliet && readTree(source, volume, { names: "joliet" }, joliet);
}

interface Naming {
  readonly names: Names;
  /** The bytes before Rock Ridge's fields in each record (SUSP's "SP"). */
  readonly skip?: number;
}

/** Returns how many bytes precede the fields of Rock Ridge; undefined if there are none. */
function findRockRidge(
  source: Source,
  { base }: Volume,
  descriptor: Uint8Array,
): number | undefined {
  const root = readRecord(descriptor, 156, base);
  const bytes = root && source.at(root.block * blockBytes, blockBytes);
  const self = bytes && readRecord(bytes, 0, base);
  const area = bytes && self && systemUse(bytes, self);
  if (area === undefined || !hasText(area, 0, "SP\u0007\u0001\u00be\u00ef")) return undefined;
  return u8(area, 6);
}

interface DirectoryRecord extends Extent {
  readonly at: number;
  readonly length: number;
  readonly flags: number;
  readonly nameBytes: number;
}

function readRecord(bytes: Uint8Array, at: number, base: number): DirectoryRecord | undefined {
  const length = u8(bytes, at);
  const nameBytes = u8(bytes, at + 32);
  if (length < 34 || at + length > bytes.length || 33 + nameBytes > length) return undefined;
  return {
    ...{ at, length, nameBytes, flags: u8(bytes, at + 25) },
    block: base + u32le(bytes, at + 2) + u8(bytes, at + 1),
    bytes: u32le(bytes, at + 10),
  };
}

function systemUse(bytes: Uint8Array, { at, length, nameBytes }: DirectoryRecord): Uint8Array {
  const name = 33 + nameBytes;
  return bytes.subarray(at + name + (name % 2), at + length);
}

interface Reading {
  readonly source: Source;
  readonly base: number;
  readonly naming: Naming;
  readonly files: IsoFile[];
  readonly visited: Set<number>;
  readBytes: number;
}

function readTree(
  source: Source,
  { base }: Volume,
  naming: Naming,
  descriptor: Uint8Array,
): IsoTree | undefined {
  const root = readRecord(descriptor, 156, base);
  if (root === undefined) return undefined;
  const reading: Reading = {
    ...{ source, base, naming, files: [], visited: new Set() },
    readBytes: 0,
  };
  if (!readDirectory(reading, { path: "", extent: root, depth: 0 })) return undefined;
  return { names: naming.names, files: reading.files };
}

interface Directory {
  readonly path: string;
  readonly extent: Extent;
  readonly depth: number;
}

function readDirectory(reading: Reading, { path, extent, depth }: Directory): boolean {
  if (depth > deepest || reading.visited.has(extent.block)) return false;
  reading.visited.add(extent.block);
  reading.readBytes += extent.bytes;
  if (reading.readBytes > mostDirectoryBytes) return false;
  const bytes = reading.source.at(extent.block * blockBytes, extent.bytes);
  if (bytes === undefined) return false;
  let parts: Extent[] = [];
  for (let at = 0, index = 0; at < bytes.length; ) {
    // A record never crosses a block; zeros fill the rest.
    if (u8(bytes, at) === 0) {
      at = (Math.floor(at / blockBytes) + 1) * blockBytes;
      continue;
    }
    const record = readRecord(bytes, at, reading.base);
    if (record === undefined) return false;
    at += record.length;
    // The directory itself and the one above.
    if (index++ < 2) continue;
    parts.push({ block: record.block, bytes: record.bytes });
    if ((record.flags & moreFlag) !== 0) continue;
    const extents = parts;
    parts = [];
    const named = nameOf(reading, bytes, record);
    if (named === undefined) return false;
    if (named.isMoved) continue;
    const inner = path === "" ? named.name : `${path}/${named.name}`;
    const isDirectory = (record.flags & directoryFlag) !== 0;
    const kind = isDirectory ? "directory" : named.isOther ? "other" : "file";
    reading.files.push({ path: inner, kind, extents });
    if (reading.files.length > mostFiles) return false;
    const next = { path: inner, extent: record, depth: depth + 1 };
    if (isDirectory && !readDirectory(reading, next)) return false;
  }
  return true;
}

interface Named {
  readonly name: string;
  /** Whether it is neither a file nor a directory: a link, a device. */
  readonly isOther: boolean;
  /** Whether it only stands for a directory that is elsewhere, or is one that belongs elsewhere. */
  readonly isMoved: boolean;
}

function nameOf(
  { source, base, naming }: Reading,
  bytes: Uint8Array,
  record: DirectoryRecord,
): Named | undefined {
  const raw = bytes.subarray(record.at + 33, record.at + 33 + record.nameBytes);
  if (naming.names === "joliet") return checkName(withoutVersion(decodeUtf16(raw, "be")));
  const plain = withoutVersion(decodeByteText(raw)).toLowerCase();
  if (naming.names === "plain") return checkName(plain);
  const fields = readFields({ source, base }, systemUse(bytes, record).subarray(naming.skip ?? 0));
  if (fields === undefined) return undefined;
  const name = fields.name === "" ? plain : fields.name;
  const found = checkName(name);
  return found && { ...found, isOther: fields.isOther, isMoved: fields.isMoved };
}

function withoutVersion(name: string): string {
  return name.replace(/;\d+$/, "").replace(/\.$/, "");
}

/** A medium of somebody else must not lead out of itself. */
function checkName(name: string): Named | undefined {
  if (name === "" || name === "." || name === ".." || name.length > longestName) return undefined;
  if (name.includes("/") || name.includes("\0")) return undefined;
  return { name, isOther: false, isMoved: false };
}

interface Fields {
  readonly name: string;
  readonly isOther: boolean;
  readonly isMoved: boolean;
}

const mostContinuations = 16;
const typeBits = 0o170000;
const fileType = 0o100000;
const directoryType = 0o040000;

/** Reads the fields of Rock Ridge in a record and where they continue. */
function readFields(
  { source, base }: Pick<Reading, "source" | "base">,
  first: Uint8Array,
): Fields | undefined {
  const name: number[] = [];
  let isOther = false;
  let isMoved = false;
  let area: Uint8Array | undefined = first;
  for (let count = 0; area !== undefined; count++) {
    if (count > mostContinuations) return undefined;
    let next: Uint8Array | undefined;
    for (let at = 0; at + 4 <= area.length; ) {
      const length = u8(area, at + 2);
      if (length < 4 || at + length > area.length) break;
      const field = area.subarray(at, at + length);
      at += length;
      if (hasText(field, 0, "ST")) break;
      if (hasText(field, 0, "NM") && length >= 5) name.push(...field.subarray(5));
      if (hasText(field, 0, "SL")) isOther = true;
      if (hasText(field, 0, "CL") || hasText(field, 0, "RE")) isMoved = true;
      if (hasText(field, 0, "PX") && length >= 12) {
        const type = u16le(field, 4) & typeBits;
        isOther ||= type !== fileType && type !== directoryType;
      }
      if (hasText(field, 0, "CE") && length >= 28) {
        const [block, offset, bytes] = [4, 12, 20].map((place) => u32le(field, place));
        next = source.at((base + (block ?? 0)) * blockBytes + (offset ?? 0), bytes ?? 0);
        if (next === undefined || (bytes ?? 0) > blockBytes * 16) return undefined;
      }
    }
    area = next;
  }
  return { name: decodeUtf8(Uint8Array.from(name)), isOther, isMoved };
}
