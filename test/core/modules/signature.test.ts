import { describe, expect, test } from "vitest";
import { readSignatureDigest } from "../../../src/core/modules/signature.ts";

// A SignedData as sign-file writes it, up to its digests: 30 82 (the length), 06 09 (signedData),
// a0 82, 30 82, the version, and a set of one digest.
function sign(last: number, { length = 500, magic = "~Module signature appended~\n" } = {}) {
  const data = [
    ...[0x30, 0x82, 0x01, 0xaa, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02],
    ...[0xa0, 0x82, 0x01, 0x9b, 0x30, 0x82, 0x01, 0x97, 0x02, 0x01, 0x01, 0x31, 0x0d, 0x30, 0x0b],
    ...[0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, last],
  ];
  const module = Buffer.alloc(100, "module");
  const signature = Buffer.alloc(500);
  signature.set(data);
  const header = Buffer.from([0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(length, 8);
  return new Uint8Array(Buffer.concat([module, signature, header, Buffer.from(magic)]));
}

describe("readSignatureDigest() reads the digest behind a module", () => {
  for (const [last, digest] of [
    [1, "sha256"],
    [2, "sha384"],
    [3, "sha512"],
    [4, undefined],
  ] as const)
    test(`${digest ?? "none that is unknown"}`, () => {
      expect(readSignatureDigest(sign(last))).toBe(digest);
    });
});

test("readSignatureDigest() gives undefined for what has no signature, or a broken one", () => {
  const whole = sign(1);
  for (const bytes of [
    new Uint8Array(0),
    whole.subarray(0, whole.length - 1),
    sign(1, { magic: "~Module signature deferred~\n" }),
    sign(1, { length: 100_000 }),
    sign(1, { length: 0 }),
    new Uint8Array(Buffer.from("~Module signature appended~\n")),
  ])
    expect(readSignatureDigest(bytes)).toBeUndefined();
});
