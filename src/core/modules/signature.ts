// The signature behind a kernel module, of which the digest matters: the kernel computes it over
// the module whenever it is loaded.
// Facts: the kernel's include/linux/module_signature.h; RFC 5652, whose SignedData begins with the
// digests; RFC 5754, their identifiers.

import { hasText, hexText, u32be } from "../bytes/fields.ts";

/** A digest of signatures, by the kernel's name. */
export type SignatureDigest = "sha256" | "sha384" | "sha512";

/**
 * Reads the digest of an uncompressed module's signature; undefined if there is none that is known.
 */
export function readSignatureDigest(bytes: Uint8Array): SignatureDigest | undefined {
  const end = bytes.length - magic.length;
  if (end < headerBytes || !hasText(bytes, end, magic)) return undefined;
  const start = end - headerBytes - u32be(bytes, end - 4);
  if (start < 0) return undefined;
  const name = identifier.exec(hexText(bytes, start, digestsWithin))?.[1];
  return name === undefined ? undefined : digests[name];
}

const magic = "~Module signature appended~\n";
/** The length of the signature is the last of its fields. */
const headerBytes = 12;
const digestsWithin = 64;
const identifier = /06096086480165030402(0[123])/;
const digests: { readonly [last: string]: SignatureDigest } = {
  "01": "sha256",
  "02": "sha384",
  "03": "sha512",
};

/**
 * The modules with which the kernel computes a digest in a fraction of the instructions, where its
 * own is generic: loaded before all others, they pay for themselves. A processor that lacks what
 * one needs refuses it.
 */
export const fastDigests: { readonly [digest in SignatureDigest]: readonly string[] } = {
  sha256: ["sha256_ssse3"],
  sha384: ["sha512_ssse3"],
  sha512: ["sha512_ssse3"],
};
