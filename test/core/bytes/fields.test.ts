import { expect, test } from "vitest";
import * as fields from "../../../src/core/bytes/fields.ts";

const bytes = Uint8Array.from([0x01, 0x82, 0x03, 0x84, 0x05, 0x86, 0x07, 0x00, 0xff]);

const numbers = [
  ["u8", fields.u8(bytes, 1), 0x82],
  ["u16le", fields.u16le(bytes, 0), 0x8201],
  ["u16be", fields.u16be(bytes, 0), 0x0182],
  ["u32le", fields.u32le(bytes, 0), 0x84038201],
  ["u32be", fields.u32be(bytes, 0), 0x01820384],
  ["u32be with the highest bit", fields.u32be(bytes, 1), 0x82038405],
  ["u64le", fields.u64le(bytes, 0), 0x7_8605_8403_8201],
  ["u64le beyond 2^53 - 1", fields.u64le(bytes, 1), undefined],
  ["u64be beyond 2^53 - 1", fields.u64be(bytes, 0), undefined],
  ["u32le outside the bytes", fields.u32le(bytes, 8), 0xff],
] as const;
for (const [name, found, expected] of numbers) {
  test(`${name}() reads ${expected}`, () => expect(found).toBe(expected));
}

test("u64be() reads up to 2^53 - 1", () => {
  const largest = Uint8Array.from([0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
  expect(fields.u64be(largest, 0)).toBe(Number.MAX_SAFE_INTEGER);
});

test("sizeOf() gives no size that is not exact", () => {
  expect(fields.sizeOf(3, 4096)).toBe(12288);
  expect(fields.sizeOf(2 ** 45, 4096)).toBeUndefined();
  expect(fields.sizeOf(undefined, 4096)).toBeUndefined();
});

test("isPowerOfTwo() knows the powers from their neighbours", () => {
  for (const power of [1, 2, 512, 2 ** 31, 2 ** 40, 2 ** 52]) {
    expect(fields.isPowerOfTwo(power)).toBe(true);
  }
  for (const other of [0, 3, -2, 0.3, 511, 2 ** 31 + 1, 2 ** 52 - 1]) {
    expect(fields.isPowerOfTwo(other)).toBe(false);
  }
});

test("uuidText() gives none for zeros", () => {
  expect(fields.uuidText(new Uint8Array(16), 0)).toBeUndefined();
});

test("formatSerial() keeps leading zeros", () => {
  expect(fields.formatSerial(0xab)).toBe("0000-00AB");
});
