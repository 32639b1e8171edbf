// The checksum that the image of a base should have: archiso media carry it beside the image, in
// the form of sha512sum(1).

import type { Layout } from "./layout.ts";

/** The SHA-512 of an image according to its medium, or why none is known, in a sentence's part. */
export type ImageSum = { readonly sha512: string } | { readonly missing: string };

/** Returns the path of the file with the checksum; undefined if a layout has none. */
export function sumPath({ name, image }: Layout): string | undefined {
  return name === "archiso" ? image.replace(/\.[^./]*$/, ".sha512") : undefined;
}

/** Parses such a file; undefined if it does not name the image. */
export function parseSum(text: string, { image }: Layout): string | undefined {
  const name = image.slice(image.lastIndexOf("/") + 1);
  for (const line of text.split("\n")) {
    const [, sum, of] = /^([0-9a-fA-F]{128}) [ *](.+)$/.exec(line) ?? [];
    if (of === name) return sum?.toLowerCase();
  }
  return undefined;
}
