// Bytes to text and back: UTF-8 and UTF-16, because the engine has no TextDecoder. Malformed bytes
// become U+FFFD, in the places and the number that the Encoding standard defines, so nothing
// throws.

import { joinBytes } from "./join.ts";

const replacement = 0xfffd;

/** Decodes UTF-8; every malformed sequence becomes U+FFFD, and a byte order mark is kept. */
export function decodeUtf8(bytes: Uint8Array): string {
  return decode(bytes, (units) => units.push(replacement));
}

/**
 * Decodes a name as the port does: UTF-8, in which every byte that is malformed becomes a lone
 * surrogate, so that it is the same name again when it is given to the kernel.
 */
export function decodeName(bytes: Uint8Array): string {
  return decode(bytes, (units, malformed) => {
    for (const byte of malformed) units.push(0xdc00 | byte);
  });
}

/** Encodes a name that decodeName() or the port has decoded. */
export function encodeName(name: string): Uint8Array {
  const parts = name.split(/([\udc80-\udcff])/u);
  const chunks = parts.map((part, index) =>
    index % 2 === 1 ? Uint8Array.of(part.charCodeAt(0) & 0xff) : encodeUtf8(part),
  );
  return joinBytes(chunks);
}

function decode(
  bytes: Uint8Array,
  pushMalformed: (units: number[], malformed: Uint8Array) => void,
): string {
  const units: number[] = [];
  let at = 0;
  while (at < bytes.length) {
    const start = at;
    const first = bytes[at++] ?? 0;
    if (first < 0x80) {
      units.push(first);
      continue;
    }
    const sequence = sequenceOf(first);
    if (sequence === undefined) {
      pushMalformed(units, bytes.subarray(start, at));
      continue;
    }
    let { code, low, high } = sequence;
    let missing = sequence.more;
    while (missing > 0) {
      const next = bytes[at];
      if (next === undefined || next < low || next > high) break;
      code = (code << 6) | (next & 0x3f);
      low = 0x80;
      high = 0xbf;
      at++;
      missing--;
    }
    if (missing === 0) pushCodePoint(units, code);
    else pushMalformed(units, bytes.subarray(start, at));
  }
  return join(units);
}

// The mark of the first byte, by the number of bytes that follow it.
const leadMarks = [0, 0xc0, 0xe0, 0xf0];

/** Encodes as UTF-8; a lone surrogate becomes U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 3);
  let length = 0;
  for (const character of text) {
    const found = character.codePointAt(0) ?? 0;
    const code = isSurrogate(found) ? replacement : found;
    if (code < 0x80) {
      bytes[length++] = code;
      continue;
    }
    const more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    bytes[length++] = (leadMarks[more] ?? 0) | (code >> (6 * more));
    for (let shift = 6 * (more - 1); shift >= 0; shift -= 6) {
      bytes[length++] = 0x80 | ((code >> shift) & 0x3f);
    }
  }
  return bytes.slice(0, length);
}

/**
 * Decodes UTF-16; a lone surrogate or a single last byte becomes U+FFFD, and a byte order mark is
 * kept.
 */
export function decodeUtf16(bytes: Uint8Array, order: "le" | "be" = "le"): string {
  const units: number[] = [];
  const [low, high] = order === "le" ? [0, 1] : [1, 0];
  let waiting: number | undefined;
  for (let at = 0; at + 1 < bytes.length; at += 2) {
    const unit = (bytes[at + low] ?? 0) | ((bytes[at + high] ?? 0) << 8);
    if (waiting !== undefined) {
      const isPair = unit >= 0xdc00 && unit <= 0xdfff;
      units.push(isPair ? waiting : replacement);
      waiting = undefined;
      if (isPair) {
        units.push(unit);
        continue;
      }
    }
    if (unit >= 0xd800 && unit <= 0xdbff) waiting = unit;
    else units.push(isSurrogate(unit) ? replacement : unit);
  }
  if (waiting !== undefined || bytes.length % 2 === 1) units.push(replacement);
  return join(units);
}

// The range of the second byte excludes over-long forms, surrogates and everything beyond U+10FFFF.
function sequenceOf(first: number) {
  if (first >= 0xc2 && first <= 0xdf) {
    return { more: 1, code: first & 0x1f, low: 0x80, high: 0xbf };
  }
  if (first >= 0xe0 && first <= 0xef) {
    const low = first === 0xe0 ? 0xa0 : 0x80;
    const high = first === 0xed ? 0x9f : 0xbf;
    return { more: 2, code: first & 0x0f, low, high };
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const low = first === 0xf0 ? 0x90 : 0x80;
    const high = first === 0xf4 ? 0x8f : 0xbf;
    return { more: 3, code: first & 0x07, low, high };
  }
  return undefined;
}

function isSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdfff;
}

function pushCodePoint(units: number[], code: number): void {
  if (code < 0x10000) units.push(code);
  else units.push(0xd800 | ((code - 0x10000) >> 10), 0xdc00 | ((code - 0x10000) & 0x3ff));
}

// One call per character is slow in the engine, and one for all of them overflows its stack.
const pieceUnits = 4096;

function join(units: readonly number[]): string {
  let text = "";
  for (let at = 0; at < units.length; at += pieceUnits) {
    text += String.fromCharCode(...units.slice(at, at + pieceUnits));
  }
  return text;
}
