// Where a file with holes has data, in the four ways that GNU tar has written over time: in the
// header ("S"), in records (0.0 one for each number, 0.1 one with all), and before the data (1.0).
// Facts: the manual of GNU tar, "Storing Sparse Files".

import { u8 } from "../bytes/fields.ts";
import type { Range } from "../bytes/ranges.ts";
import { decodeName } from "../bytes/utf.ts";
import type { PaxRecord } from "./pax.ts";
import { blockBytes } from "./tar-header.ts";

/** What a map says. */
export interface SparseMap {
  /** The length of the file with its holes. */
  readonly bytes: number;
  readonly data: readonly Range[];
  /** How many bytes of the member's own are the map. */
  readonly mapBytes: number;
  /** The file's name, if the member has another. */
  readonly name?: string;
}

/** A file in more pieces is not read: its map alone would be large. */
const mostParts = 1 << 18;

const oldMap = { at: 386, parts: 4, isContinued: 482, bytes: 483 };
const continuation = { parts: 21, isContinued: 504 };

/** Reads the map in a header of GNU tar's own format, and in the blocks behind it. */
export function readOldMap(header: Uint8Array, readBlock: () => Uint8Array): SparseMap | "damaged" {
  const data: Range[] = [];
  const bytes = oldNumber(header, oldMap.bytes);
  let isWhole = readParts(header, oldMap, data);
  for (let more = u8(header, oldMap.isContinued) !== 0; more && isWhole; ) {
    const block = readBlock();
    isWhole = readParts(block, { at: 0, ...continuation }, data);
    more = u8(block, continuation.isContinued) !== 0;
  }
  if (bytes === undefined || !isWhole) return "damaged";
  return checkMap({ bytes, data, mapBytes: 0 }) ?? "damaged";
}

function readParts(
  block: Uint8Array,
  { at, parts }: { readonly at: number; readonly parts: number },
  data: Range[],
): boolean {
  for (let index = 0; index < parts; index++) {
    const start = at + index * 24;
    if (u8(block, start) === 0) return true;
    const [offset, bytes] = [oldNumber(block, start), oldNumber(block, start + 12)];
    if (offset === undefined || bytes === undefined || data.length === mostParts) return false;
    data.push({ offset, bytes });
  }
  return true;
}

/** Octal digits, or base 256, in twelve bytes. */
function oldNumber(block: Uint8Array, at: number): number | undefined {
  const field = block.subarray(at, at + 12);
  if (u8(field, 0) === 0x80)
    return field.subarray(1).reduce((value, byte) => value * 256 + byte, 0);
  const digits = /^ *([0-7]+)[ \0]*$/.exec(String.fromCharCode(...field))?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits, 8);
}

/**
 * Reads the map that records describe, of a member of `stored` bytes; undefined where there is
 * none.
 */
export function readSparseRecords(
  records: readonly PaxRecord[],
  stored: number,
  readBlock: () => Uint8Array,
): SparseMap | "damaged" | undefined {
  const texts = new Map(records.map(({ key, value }) => [key, decodeName(value)]));
  const size = texts.get("GNU.sparse.realsize") ?? texts.get("GNU.sparse.size");
  if (size === undefined) return undefined;
  const name = texts.get("GNU.sparse.name");
  const [bytes] = parseNumbers(size) ?? [];
  const found = texts.has("GNU.sparse.major")
    ? readMapBefore(stored, readBlock)
    : { numbers: numbersOf(records), mapBytes: 0 };
  if (bytes === undefined || found?.numbers === undefined) return "damaged";
  const { numbers, mapBytes } = found;
  if (numbers.length % 2 !== 0 || numbers.length > 2 * mostParts) return "damaged";
  const data: Range[] = [];
  for (let at = 0; at < numbers.length; at += 2)
    data.push({ offset: numbers[at] ?? 0, bytes: numbers[at + 1] ?? 0 });
  return checkMap({ bytes, data, mapBytes, ...(name !== undefined && { name }) }) ?? "damaged";
}

/** 0.1 has a list, 0.0 two records for each part. */
function numbersOf(records: readonly PaxRecord[]): readonly number[] | undefined {
  const list = records.findLast(({ key }) => key === "GNU.sparse.map");
  if (list !== undefined)
    return list.value.length === 0 ? [] : parseNumbers(decodeName(list.value));
  const parts = records.filter(
    ({ key }) => key === "GNU.sparse.offset" || key === "GNU.sparse.numbytes",
  );
  const numbers = parts.flatMap(({ value }) => parseNumbers(decodeName(value)) ?? []);
  return numbers.length === parts.length ? numbers : undefined;
}

function parseNumbers(text: string): readonly number[] | undefined {
  const words = text.split(",");
  const numbers = words.map(Number);
  const isWhole = words.every((word) => /^[0-9]+$/.test(word));
  return isWhole && numbers.every(Number.isSafeInteger) ? numbers : undefined;
}

/**
 * 1.0: lines before the data, filled up to whole blocks; the first says how many parts there are.
 */
function readMapBefore(
  stored: number,
  readBlock: () => Uint8Array,
): { readonly numbers: readonly number[]; readonly mapBytes: number } | undefined {
  const numbers: number[] = [];
  let wanted = 1;
  let mapBytes = 0;
  let rest = "";
  while (numbers.length < wanted) {
    if (mapBytes >= stored) return undefined;
    const lines = (rest + decodeName(readBlock())).split("\n");
    mapBytes += blockBytes;
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (numbers.length === wanted) break;
      const value = Number(line);
      if (!/^[0-9]{1,16}$/.test(line) || !Number.isSafeInteger(value)) return undefined;
      numbers.push(value);
      if (numbers.length === 1) wanted = 1 + 2 * value;
      if (wanted > 1 + 2 * mostParts) return undefined;
    }
    if (rest.length > 16 && numbers.length < wanted) return undefined;
  }
  return { numbers: numbers.slice(1), mapBytes };
}

/** Parts are in order, within the file, and do not overlap; empty ones are left out. */
function checkMap(map: SparseMap): SparseMap | undefined {
  let end = 0;
  if (!Number.isSafeInteger(map.bytes)) return undefined;
  for (const { offset, bytes } of map.data) {
    if (offset < end || offset + bytes > map.bytes) return undefined;
    end = offset + bytes;
  }
  return { ...map, data: map.data.filter(({ bytes }) => bytes > 0) };
}
