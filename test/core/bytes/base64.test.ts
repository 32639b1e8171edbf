import fc from "fast-check";
import { expect, test } from "vitest";
import { parseBase64 } from "../../../src/core/bytes/base64.ts";

test("parseBase64() reads what others write", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
      const found = parseBase64(Buffer.from(bytes).toString("base64"));
      expect(found).toEqual(new Uint8Array(bytes));
    }),
  );
});

test("parseBase64() takes nothing else", () => {
  for (const text of ["a", "ab", "abc", "a===", "====", "ab=c", "ab c", "a-_b", "abcde", "YQ==\n"])
    expect(parseBase64(text), text).toBeUndefined();
});
