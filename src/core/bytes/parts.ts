// Bytes that are put together of several sources, or are a part of one.

import type { Range } from "./ranges.ts";
import type { Source } from "./source.ts";

/** A source, and where it is. */
export interface Part {
  readonly offset: number;
  readonly source: Source;
}

/** Returns a source of so many bytes: later parts cover earlier ones, between them are zeros. */
export function joinParts(parts: readonly Part[], bytes: number): Source {
  return {
    bytes,
    at(offset, length) {
      const end = offset + length;
      if (!Number.isSafeInteger(offset) || offset < 0 || length < 0 || !(end <= bytes))
        return undefined;
      const found = new Uint8Array(length);
      for (const part of parts) {
        const from = Math.max(offset, part.offset);
        const to = Math.min(end, part.offset + part.source.bytes);
        if (from >= to) continue;
        const some = part.source.at(from - part.offset, to - from);
        if (some === undefined) return undefined;
        found.set(some, from - offset);
      }
      return found;
    },
  };
}

/** Returns a part of a source as a source of its own. */
export function partOf(source: Source, { offset: start, bytes }: Range): Source {
  return {
    bytes,
    at: (offset, length) =>
      offset < 0 || offset + length > bytes ? undefined : source.at(start + offset, length),
  };
}
