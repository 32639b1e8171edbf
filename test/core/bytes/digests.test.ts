import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { md5 } from "../../../src/core/bytes/md5.ts";
import { sha256 } from "../../../src/core/bytes/sha256.ts";

// Around the lengths at which another block is needed.
const lengths = [0, 1, 54, 55, 56, 57, 63, 64, 65, 119, 120, 1000];

describe("digests", () => {
  for (const [name, digest] of [
    ["md5", md5],
    ["sha256", sha256],
  ] as const)
    test(`${name}() gives what OpenSSL gives, for ${lengths.join(", ")} bytes`, () => {
      for (const length of lengths) {
        const bytes = Uint8Array.from({ length }, (_, at) => (at * 37) & 0xff);
        expect(digest(bytes)).toBe(createHash(name).update(bytes).digest("hex"));
      }
    });
});
