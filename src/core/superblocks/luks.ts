// LUKS 1 and 2: an encrypted container, whose contents are unknown without a key. LUKS 2 has a
// second header, which remains if the first was overwritten.
// Fields: "LUKS On-Disk Format Specification" 1.2.3, "LUKS2 On-Disk Format Specification" 1.1.4.

import { hasText, labelText, u16be, u64be } from "../bytes/fields.ts";
import type { Source } from "../bytes/source.ts";
import type { Superblock } from "./superblock.ts";

// Only those possible places that the first read covers anyway; the first of them is the usual one.
const secondHeaders = [0x4000, 0x8000, 0x10000];

/** Identifies LUKS 1 (which has no label) and LUKS 2. */
export function identifyLuks(source: Source): Superblock | undefined {
  const first = readHeader(source, 0, "LUKS\xba\xbe");
  if (first !== undefined) return first;
  for (const offset of secondHeaders) {
    const second = readHeader(source, offset, "SKUL\xba\xbe");
    if (second !== undefined) return second;
  }
  return undefined;
}

function readHeader(source: Source, offset: number, magic: string): Superblock | undefined {
  const header = source.at(offset, 512);
  if (header === undefined || !hasText(header, 0, magic)) return undefined;
  const version = u16be(header, 6);
  const isFirstVersion = version === 1 && offset === 0;
  const isSecondVersion = version === 2 && u64be(header, 256) === offset;
  if (!isFirstVersion && !isSecondVersion) return undefined;
  return {
    type: "crypto_LUKS",
    label: isSecondVersion ? labelText(header, 24, 48) : undefined,
    uuid: labelText(header, 168, 40),
    bytes: undefined,
    unclean: [],
  };
}
