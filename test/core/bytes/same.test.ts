import fc from "fast-check";
import { expect, test } from "vitest";
import { isSameBytes } from "../../../src/core/bytes/same.ts";

test("isSameBytes() compares bytes at any place of their buffers", () => {
  const place = fc.nat(9);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), place, place, (bytes, from, to) => {
      const [one, other] = [from, to].map((at) => {
        const around = new Uint8Array(at + bytes.length + 5).fill(0xaa);
        around.set(bytes, at);
        return around.subarray(at, at + bytes.length);
      });
      expect(isSameBytes(one, other)).toBe(true);
      for (let at = 0; at < bytes.length; at++) {
        const changed = other?.slice() ?? bytes;
        changed[at] = ~(changed[at] ?? 0);
        expect(isSameBytes(one, changed)).toBe(false);
        other?.set([changed[at] ?? 0], at);
        expect(isSameBytes(one, other)).toBe(false);
        other?.set(bytes.subarray(at, at + 1), at);
      }
    }),
  );
});

test("isSameBytes() tells bytes from fewer, from more and from none", () => {
  const bytes = Uint8Array.from([1, 2, 3, 4, 5]);
  expect(isSameBytes(bytes, bytes.subarray(0, 4))).toBe(false);
  expect(isSameBytes(bytes.subarray(0, 4), bytes)).toBe(false);
  expect(isSameBytes(bytes, undefined)).toBe(false);
  expect(isSameBytes(undefined, bytes)).toBe(false);
  expect(isSameBytes(undefined, undefined)).toBe(true);
  expect(isSameBytes(new Uint8Array(), new Uint8Array())).toBe(true);
});
