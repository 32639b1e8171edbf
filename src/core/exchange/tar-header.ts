// The header of one member of a tar archive: a block of 512 bytes, as POSIX defines it ("ustar")
// and GNU tar extends it (numbers in base 256 where octal digits do not suffice). Names longer than
// their field stand in records before it (pax.ts).

import { decodeName, encodeName } from "../bytes/utf.ts";

/** Headers, data and the end of an archive are made of blocks of so many bytes. */
export const blockBytes = 512;

/** The fields of a header, unexplained. */
export interface TarHeader {
  readonly name: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** The length of what follows the header. */
  readonly bytes: number;
  readonly seconds: number;
  /** One character: "0" a file, "5" a directory, "x" records for the next member … */
  readonly type: string;
  /** What a link, or a further name of a file, leads to. */
  readonly link: string;
  readonly major: number;
  readonly minor: number;
}

/** What a block holds in the place of a header. */
export type HeaderBlock =
  | { readonly kind: "header"; readonly header: TarHeader }
  | { readonly kind: "empty" }
  | { readonly kind: "damaged"; readonly reason: string };

const fields = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  bytes: [124, 12],
  seconds: [136, 12],
  sum: [148, 8],
  type: [156, 1],
  link: [157, 100],
  magic: [257, 8],
  major: [329, 8],
  minor: [337, 8],
  prefix: [345, 155],
} as const;

type Field = keyof typeof fields;

const magic = "ustar\u000000";

/** How many bytes the name of a member, and what it links to, have in a header. */
export const nameBytes = fields.name[1];

/**
 * Formats a header. A name that is too long for its field is cut, and a number becomes zero: the
 * records before the header have them.
 */
export function formatHeader(header: TarHeader): Uint8Array {
  const block = new Uint8Array(blockBytes);
  put(block, "name", header.name);
  put(block, "mode", octal(header.mode, "mode"));
  put(block, "uid", octal(header.uid, "uid"));
  put(block, "gid", octal(header.gid, "gid"));
  put(block, "bytes", octal(header.bytes, "bytes"));
  put(block, "seconds", octal(header.seconds, "seconds"));
  put(block, "type", header.type);
  put(block, "link", header.link);
  put(block, "magic", magic);
  put(block, "major", octal(header.major, "major"));
  put(block, "minor", octal(header.minor, "minor"));
  put(block, "sum", `${sumOf(block).toString(8).padStart(6, "0")}\0 `);
  return block;
}

/** Returns whether a number can be written into a field of a header. */
export function fitsHeader(
  value: number,
  field: "uid" | "gid" | "bytes" | "seconds" | "major" | "minor",
): boolean {
  return Number.isInteger(value) && value >= 0 && value < 8 ** (fields[field][1] - 1);
}

/** Reads a block in which a header is expected. */
export function readHeader(block: Uint8Array): HeaderBlock {
  const sum = sumOf(block);
  // Spaces in the place of the sum are all that counts in an empty block.
  if (sum === emptySum && block.every((byte) => byte === 0)) return { kind: "empty" };
  const found = readNumber(block, "sum");
  if (found !== sum && found !== signedSumOf(block))
    return { kind: "damaged", reason: "the checksum of a header is wrong" };
  const numbers = {
    mode: readNumber(block, "mode"),
    uid: readNumber(block, "uid"),
    gid: readNumber(block, "gid"),
    bytes: readNumber(block, "bytes"),
    seconds: readNumber(block, "seconds"),
    major: hasDevice(block) ? readNumber(block, "major") : 0,
    minor: hasDevice(block) ? readNumber(block, "minor") : 0,
  };
  const { mode, uid, gid, bytes, seconds, major, minor } = numbers;
  if (mode === undefined || uid === undefined || gid === undefined || bytes === undefined)
    return unreadable;
  if (seconds === undefined || major === undefined || minor === undefined) return unreadable;
  if (bytes < 0 || uid < 0 || gid < 0 || major < 0 || minor < 0) return unreadable;
  const header = {
    name: joinPrefix(block),
    ...{ mode: mode & 0o7777, uid, gid, bytes, seconds },
    type: String.fromCharCode(at(block, fields.type[0])),
    link: readName(block, "link"),
    ...{ major, minor },
  };
  return { kind: "header", header };
}

const unreadable = { kind: "damaged", reason: "a number in a header is none" } as const;

function put(block: Uint8Array, field: Field, text: string): void {
  const [offset, length] = fields[field];
  block.set(encodeName(text).subarray(0, length), offset);
}

function octal(value: number, field: Field): string {
  const digits = fields[field][1] - 1;
  const written = Number.isInteger(value) && value >= 0 && value < 8 ** digits ? value : 0;
  return written.toString(8).padStart(digits, "0");
}

const emptySum = fields.sum[1] * 0x20;

/** The sum over a header with spaces in its own place. */
function sumOf(block: Uint8Array): number {
  const [start, length] = fields.sum;
  let sum = emptySum;
  // Nothing takes as long in an archive of small files.
  for (let index = 0; index < start; index++) sum += block[index] ?? 0;
  for (let index = start + length; index < blockBytes; index++) sum += block[index] ?? 0;
  return sum;
}

/** The same of bytes with a sign, as old programs have it. */
function signedSumOf(block: Uint8Array): number {
  const [start, length] = fields.sum;
  const negative = block.filter(
    (byte, index) => byte >= 0x80 && (index < start || index >= start + length),
  );
  return sumOf(block) - 0x100 * negative.length;
}

/** Reads a number; undefined if it is none, or not a safe integer. */
function readNumber(block: Uint8Array, field: Field): number | undefined {
  const [offset, length] = fields[field];
  const first = at(block, offset);
  if (first === 0x80 || first === 0xff) return readBinary(block.subarray(offset, offset + length));
  return readOctal(block, offset, offset + length);
}

/** Spaces, digits, and a space or NUL if there is room; nothing at all is 0. */
function readOctal(block: Uint8Array, start: number, end: number): number | undefined {
  let value = 0;
  let index = start;
  while (index < end && block[index] === 0x20) index++;
  for (; index < end; index++) {
    const byte = at(block, index);
    if (byte === 0x20 || byte === 0) break;
    if (byte < 0x30 || byte > 0x37) return undefined;
    value = value * 8 + byte - 0x30;
  }
  return safe(value);
}

/** A number in base 256, as GNU tar writes what is too large or negative. */
function readBinary(bytes: Uint8Array): number | undefined {
  const isNegative = bytes[0] === 0xff;
  let value = 0;
  for (const byte of bytes.subarray(1)) value = value * 256 + (isNegative ? 0xff - byte : byte);
  return safe(isNegative ? -1 - value : value);
}

function safe(value: number): number | undefined {
  return Number.isSafeInteger(value) ? value : undefined;
}

/** Archives from before POSIX have no device numbers; GNU tar's own have something else behind. */
function hasDevice(block: Uint8Array): boolean {
  return String.fromCharCode(...block.subarray(257, 262)) === "ustar";
}

function joinPrefix(block: Uint8Array): string {
  const name = readName(block, "name");
  const isPosix = hasDevice(block) && at(block, fields.magic[0] + 5) === 0;
  const prefix = isPosix ? readName(block, "prefix") : "";
  return prefix === "" ? name : `${prefix}/${name}`;
}

function readName(block: Uint8Array, field: Field): string {
  const [offset, length] = fields[field];
  const bytes = block.subarray(offset, offset + length);
  const end = bytes.indexOf(0);
  return decodeName(end < 0 ? bytes : bytes.subarray(0, end));
}

function at(block: Uint8Array, index: number): number {
  return block[index] ?? 0;
}
