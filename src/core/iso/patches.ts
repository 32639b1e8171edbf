// An image in which some blocks have other contents: as it was, or as it will be.

import type { Source } from "../bytes/source.ts";
import { blockBytes } from "./volume.ts";

/** Contents for blocks of an image, from one on. */
export interface Patch {
  readonly block: number;
  readonly bytes: Uint8Array;
}

/** Returns an image of `bytes` bytes with patches over it; later ones cover earlier ones. */
export function patchSource(source: Source, patches: readonly Patch[], bytes: number): Source {
  return {
    bytes,
    at(offset, length) {
      const end = offset + length;
      if (!Number.isSafeInteger(offset) || offset < 0 || length < 0 || !(end <= bytes))
        return undefined;
      const over = patches.filter(
        ({ block, bytes: some }) =>
          block * blockBytes < end && block * blockBytes + some.length > offset,
      );
      const below = source.at(offset, Math.max(0, Math.min(length, source.bytes - offset)));
      if (over.length === 0 && below?.length === length) return below;
      const found = new Uint8Array(length);
      if (below !== undefined) found.set(below);
      for (const { block, bytes: some } of over) {
        const at = block * blockBytes - offset;
        const from = Math.max(0, -at);
        found.set(some.subarray(from, Math.min(some.length, length - at)), Math.max(0, at));
      }
      return found;
    },
  };
}
