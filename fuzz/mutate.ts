// Makes a new input from kept ones: bits and boundary values in fields, words of the format, pieces
// moved, doubled and cut, long and deeply nested ones. Every format goes through the same changes,
// texts as the bytes of their UTF-8.

import type { Random } from "./random.ts";

/** The longest input. */
export const mostBytes = 2 ** 20;

/** What inputs are made of. */
export interface Material {
  readonly random: Random;
  /** Inputs that are known; not empty. */
  readonly kept: readonly Kept[];
  /** What has a meaning in the format: signatures, keywords, separators. */
  readonly words: readonly Uint8Array[];
}

/** An input that is kept. */
export interface Kept {
  readonly bytes: Uint8Array;
  /** Where something other than zero is, so that changes meet fields and not the holes between. */
  readonly places: Uint32Array;
}

/** Prepares an input for being changed. */
export function keep(bytes: Uint8Array): Kept {
  const places: number[] = [];
  for (let at = 0; at < bytes.length && places.length < 4096; at++)
    if (bytes[at] !== 0) places.push(at);
  return { bytes, places: Uint32Array.from(places) };
}

type Change = (bytes: Uint8Array, places: Places) => Uint8Array;

interface Places extends Material {
  /** Chooses a place in the input, near one of its fields. */
  readonly place: () => number;
}

/** Makes an input from one of the kept ones, by one to eight changes. */
export function mutate(material: Material): Uint8Array {
  const { random, kept } = material;
  const { bytes, places } = random.pick(kept);
  const place = () => {
    if (bytes.length === 0) return 0;
    if (places.length === 0 || random.oneIn(5)) return random.below(bytes.length);
    return Math.min(bytes.length - 1, (places[random.below(places.length)] ?? 0) + random.below(8));
  };
  let made: Uint8Array = bytes.slice();
  // A long input takes a thousand times as long as a short one.
  const isLong = random.oneIn(4000);
  for (let changes = 1 + random.below(random.pick([1, 2, 8])); changes > 0; changes--)
    made = random.pick(made.length > 4096 ? changesInPlace : allChanges)(made, {
      ...material,
      place,
    });
  if (isLong) made = random.pick(longChanges)(made, { ...material, place });
  return made.length > mostBytes ? made.slice(0, mostBytes) : made;
}

function flipBit(bytes: Uint8Array, { random, place }: Places): Uint8Array {
  const at = place();
  bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
  return bytes;
}

function setByte(bytes: Uint8Array, { random, place }: Places): Uint8Array {
  bytes[place()] = random.pick([random.below(256), ...interesting]);
  return bytes;
}

// NUL, line ends, quotes, brackets and separators, the parts of malformed UTF-8.
const interesting = [
  ...[0, 1, 9, 10, 13, 27, 32, 34, 35, 38, 39, 42, 44, 45, 46, 47, 48, 57, 58, 61, 63, 91, 92],
  ...[93, 123, 125, 127, 128, 160, 192, 194, 226, 237, 240, 255],
];

const numbers = [0n, 1n, 2n, 7n, 8n, 31n, 32n, 127n, 128n, 255n, 256n, 511n, 512n, 1023n, 1024n];
const powers = [15n, 16n, 31n, 32n, 40n, 52n, 53n, 62n, 63n, 64n];
const boundaries = [...numbers, ...powers.flatMap((bits) => [2n ** bits - 1n, 2n ** bits])];

function setNumber(bytes: Uint8Array, { random, place }: Places): Uint8Array {
  const width = random.pick([1, 2, 4, 8]);
  const at = place() & (random.oneIn(2) ? ~(width - 1) : ~0);
  if (at + width > bytes.length) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isLittle = !random.oneIn(4);
  const value = random.oneIn(3)
    ? readNumber(view, { at, width, isLittle }) + BigInt(random.below(33) - 16)
    : random.pick(boundaries);
  const whole = BigInt.asUintN(64, value);
  for (let index = 0; index < width; index++) {
    const shift = BigInt(8 * (isLittle ? index : width - 1 - index));
    view.setUint8(at + index, Number((whole >> shift) & 0xffn));
  }
  return bytes;
}

function readNumber(
  view: DataView,
  { at, width, isLittle }: { at: number; width: number; isLittle: boolean },
): bigint {
  let value = 0n;
  for (let index = 0; index < width; index++) {
    const shift = BigInt(8 * (isLittle ? index : width - 1 - index));
    value |= BigInt(view.getUint8(at + index)) << shift;
  }
  return value;
}

function overwriteWord(bytes: Uint8Array, { random, words, place }: Places): Uint8Array {
  if (words.length === 0) return bytes;
  const word = random.pick(words);
  const at = place();
  if (at + word.length <= bytes.length) bytes.set(word, at);
  return bytes;
}

function insertWord(bytes: Uint8Array, { random, words, place }: Places): Uint8Array {
  if (words.length === 0) return bytes;
  return replace(bytes, { at: place(), length: 0, by: random.pick(words) });
}

function copyWithin(bytes: Uint8Array, { random, place }: Places): Uint8Array {
  const from = place();
  return bytes.copyWithin(place(), from, from + 1 + random.below(64));
}

function remove(bytes: Uint8Array, { random, place }: Places): Uint8Array {
  return replace(bytes, { at: place(), length: 1 + random.below(16), by: new Uint8Array() });
}

function double(bytes: Uint8Array, { random, place }: Places): Uint8Array {
  const at = place();
  return replace(bytes, { at, length: 0, by: bytes.slice(at, at + 1 + random.below(64)) });
}

function truncate(bytes: Uint8Array, { random, place }: Places): Uint8Array {
  return bytes.slice(0, random.oneIn(2) ? place() : random.below(bytes.length + 1));
}

function splice(bytes: Uint8Array, { random, kept, place }: Places): Uint8Array {
  const other = random.pick(kept).bytes;
  const from = random.below(other.length + 1);
  const by = other.slice(from, from + 1 + random.below(Math.min(other.length, 4096) + 1));
  return replace(bytes, { at: place(), length: random.oneIn(2) ? by.length : 0, by });
}

function setDigits(bytes: Uint8Array, { random, place }: Places): Uint8Array {
  const sign = random.oneIn(8) ? "-" : "";
  const by = ascii(`${sign}${random.pick(boundaries)}${random.oneIn(8) ? ".5e9" : ""}`);
  let at = place();
  while (at > 0 && isDigit(bytes[at - 1])) at--;
  let length = 0;
  while (isDigit(bytes[at + length])) length++;
  return length === 0 ? bytes : replace(bytes, { at, length, by });
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 48 && byte <= 57;
}

/** A piece of the input, or a word of the format, again and again. */
function repeatPiece(bytes: Uint8Array, { random, words, place }: Places): Uint8Array {
  const at = place();
  const piece =
    words.length > 0 && random.oneIn(2)
      ? random.pick(words)
      : bytes.slice(at, at + 1 + random.below(random.pick([1, 4, 64])));
  if (piece.length === 0) return bytes;
  const length = random.pick([1000, 10_000, 100_000, mostBytes - bytes.length]);
  const by = new Uint8Array(Math.max(0, length - (length % piece.length)));
  for (let to = 0; to < by.length; to += piece.length) by.set(piece, to);
  return replace(bytes, { at, length: 0, by });
}

const brackets = ["[]", "{}", '[{"a":]}', '{"a":}', "()", '""', "''", "- ", "? ", "a: "].map(ascii);

/** The input, or nothing, deep in brackets. */
function nest(bytes: Uint8Array, { random, place }: Places): Uint8Array {
  const pair = random.pick(brackets);
  const half = Math.ceil(pair.length / 2);
  const depth = random.pick([20, 40, 1000, 10_000, 100_000]);
  const repeated = (part: Uint8Array) => {
    const all = new Uint8Array(part.length * depth);
    for (let to = 0; to < all.length; to += part.length) all.set(part, to);
    return all;
  };
  const by = concat([repeated(pair.slice(0, half)), repeated(pair.slice(half))]);
  return replace(bytes, { at: place(), length: random.below(8), by });
}

const changesInPlace: readonly Change[] = [flipBit, setByte, setNumber, overwriteWord, copyWithin];
const longChanges: readonly Change[] = [repeatPiece, nest];
const allChanges: readonly Change[] = [
  ...changesInPlace,
  ...[insertWord, remove, double, truncate, splice, setDigits],
];

function replace(
  bytes: Uint8Array,
  { at, length, by }: { at: number; length: number; by: Uint8Array },
): Uint8Array {
  return concat([bytes.subarray(0, at), by, bytes.subarray(at + length)]);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
