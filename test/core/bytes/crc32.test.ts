import { expect, test } from "vitest";
import { crc32, updateCrc32, updateCrc32c } from "../../../src/core/bytes/crc32.ts";
import { encodeUtf8 } from "../../../src/core/bytes/utf.ts";

test("crc32() gives the check value that catalogues of such checks name", () => {
  expect(crc32(encodeUtf8("123456789"))).toBe(0xcbf43926);
  expect(crc32(new Uint8Array(0))).toBe(0);
});

test("updateCrc32() gives the same in pieces as in one", () => {
  const half = updateCrc32(0xffffffff, encodeUtf8("12345"));
  expect(updateCrc32(half, encodeUtf8("6789"))).toBe(~0xcbf43926 >>> 0);
});

test("updateCrc32c() gives the check value of Castagnoli's polynomial", () => {
  expect(~updateCrc32c(0xffffffff, encodeUtf8("123456789")) >>> 0).toBe(0xe3069283);
});
