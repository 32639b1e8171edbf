// bcache: a cache device, or the slow device behind one. The data inside must only be used through
// bcache.
// Fields: struct cache_sb in the kernel's bcache_ondisk.h.

import { hasText, labelText, u64le, uuidText } from "../bytes/fields.ts";
import type { Source } from "../bytes/source.ts";
import type { Superblock } from "./superblock.ts";

const position = 4096;
const magic = "\xc6\x85\x73\xf6\x4e\x1a\x45\xca\x82\x65\xf5\x7f\x48\xba\x6d\x81";

/** Identifies bcache. */
export function identifyBcache(source: Source): Superblock | undefined {
  const block = source.at(position, 512);
  if (block === undefined || !hasText(block, 24, magic)) return undefined;
  // It names its own sector; bcachefs has the same magic and does not.
  if (u64le(block, 8) !== position / 512) return undefined;
  return {
    type: "bcache",
    label: labelText(block, 72, 32),
    uuid: uuidText(block, 40),
    bytes: undefined,
    unclean: [],
  };
}
