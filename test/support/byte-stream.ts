// An archive in memory, as src reads one.
import type { ByteStream } from "../../src/core/exchange/tar-blocks.ts";

/** Returns a stream of bytes. */
export function streamOf(bytes: Uint8Array): ByteStream {
  let at = 0;
  return {
    read(length) {
      const found = bytes.slice(at, at + length);
      at += found.length;
      return found;
    },
    skip(length) {
      at = Math.min(bytes.length, at + length);
    },
  };
}
