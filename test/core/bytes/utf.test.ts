import fc from "fast-check";
import { expect, test } from "vitest";
import {
  decodeName,
  decodeUtf8,
  decodeUtf16,
  encodeName,
  encodeUtf8,
} from "../../../src/core/bytes/utf.ts";

// Node's own codecs follow the Encoding standard and are the oracle.
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
const utf16le = new TextDecoder("utf-16le", { ignoreBOM: true });
const utf16be = new TextDecoder("utf-16be", { ignoreBOM: true });

const sequences: readonly (readonly number[])[] = [
  [],
  [0x41, 0x00, 0x7f],
  [0xc3, 0xa9],
  [0xe2, 0x82, 0xac],
  [0xf0, 0x9f, 0x98, 0x80],
  [0xf4, 0x8f, 0xbf, 0xbf],
  [0xf4, 0x90, 0x80, 0x80],
  [0xc0, 0x80],
  [0xc1, 0xbf],
  [0xe0, 0x80, 0x80],
  [0xed, 0xa0, 0x80],
  [0xf0, 0x80, 0x80, 0x80],
  [0xe2, 0x82],
  [0xe2, 0x82, 0x41],
  [0xf0, 0x9f, 0x98],
  [0xf0, 0x9f, 0xe2, 0x82, 0xac],
  [0x80, 0xbf, 0xff, 0xfe],
  [0xef, 0xbb, 0xbf, 0x41],
];

for (const sequence of sequences) {
  test(`decodeUtf8() reads [${sequence.map((byte) => byte.toString(16)).join(" ")}] as the standard says`, () => {
    const bytes = Uint8Array.from(sequence);
    expect(decodeUtf8(bytes)).toBe(utf8.decode(bytes));
  });
}

// Bytes near the borders of the ranges, which plain random bytes rarely hit in a row.
const edgeByte = fc.constantFrom(
  ...[0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc1, 0xc2, 0xdf, 0xe0, 0xe2, 0xed],
  ...[0xef, 0xf0, 0xf3, 0xf4, 0xf5, 0xff, 0xd8, 0xdc],
);
const anyBytes = fc
  .array(fc.oneof(edgeByte, fc.integer({ min: 0, max: 255 })), { maxLength: 40 })
  .map((bytes) => Uint8Array.from(bytes));

test("decodeUtf8() reads any bytes as the standard says", () => {
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      expect(decodeUtf8(bytes)).toBe(utf8.decode(bytes));
    }),
    { numRuns: 500 },
  );
});

test("decodeName() makes text of which the bytes can be made again", () => {
  const bytesOf = (text: string) =>
    [...text].flatMap((character) => {
      const code = character.codePointAt(0) ?? 0;
      return code >= 0xdc80 && code <= 0xdcff ? [code & 0xff] : [...encodeUtf8(character)];
    });
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      expect(bytesOf(decodeName(bytes))).toEqual([...bytes]);
    }),
    { numRuns: 500 },
  );
  expect(decodeName(Uint8Array.of(0xc3, 0xa9, 0xe2, 0x82))).toBe("é\udce2\udc82");
});

test("decodeUtf16() reads any bytes in either order as the standard says", () => {
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      expect(decodeUtf16(bytes)).toBe(utf16le.decode(bytes));
      expect(decodeUtf16(bytes, "be")).toBe(utf16be.decode(bytes));
    }),
    { numRuns: 500 },
  );
});

// Code points near the borders too; surrogates stand alone or meet by chance.
const codePoint = fc.oneof(
  fc.constantFrom(0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xd800, 0xdfff, 0xe000, 0xffff, 0x10000),
  fc.integer({ min: 0, max: 0x10ffff }),
);

test("encodeUtf8() writes any text as the standard says, lone surrogates too", () => {
  fc.assert(
    fc.property(fc.array(codePoint, { maxLength: 20 }), (codes) => {
      const text = String.fromCodePoint(...codes);
      expect(encodeUtf8(text)).toEqual(new TextEncoder().encode(text));
    }),
    { numRuns: 500 },
  );
});

test("decodeUtf8() gives back what encodeUtf8() wrote, however long", () => {
  const text = "aé€😀".repeat(20_000);
  expect(decodeUtf8(encodeUtf8(text)) === text).toBe(true);
});

const names: readonly (readonly [bytes: readonly number[], name: string])[] = [
  [[], ""],
  [[0x63, 0x61, 0x66, 0xe9], "caf\udce9"],
  [[0xc3, 0xa9], "é"],
  [[0xef, 0xbf, 0xbd], "\ufffd"],
  [[0xf0, 0x9f, 0x98, 0x80, 0x80], "😀\udc80"],
  [[0xe2, 0x82, 0x41], "\udce2\udc82A"],
  [[0xed, 0xb2, 0x80], "\udced\udcb2\udc80"],
  [[0x80, 0xff], "\udc80\udcff"],
];

for (const [sequence, name] of names) {
  test(`decodeName() keeps every byte of [${sequence.map((byte) => byte.toString(16)).join(" ")}]`, () => {
    expect(decodeName(Uint8Array.from(sequence))).toBe(name);
    expect([...encodeName(name)]).toEqual(sequence);
  });
}

test("encodeName() gives back any bytes that decodeName() has read", () => {
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      expect(encodeName(decodeName(bytes))).toEqual(bytes);
    }),
    { numRuns: 500 },
  );
});
