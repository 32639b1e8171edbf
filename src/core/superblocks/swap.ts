// Swap space, and a system that is hibernated in it. The signature is the last ten bytes of the
// first page, whose size is that of the machine that created it.
// Fields: swap_header in the kernel's swap.h; the signatures of suspended systems as blkid knows
// them.

import { hasText, labelText, sizeOf, u32be, u32le, uuidText } from "../bytes/fields.ts";
import type { Source } from "../bytes/source.ts";
import type { Superblock } from "./superblock.ts";

const pageSizes = [4096, 8192, 16384, 32768, 65536];
const asleep = [
  "S1SUSPEND",
  "S2SUSPEND",
  "ULSUSPEND",
  "\xed\xc3\x02\xe9\x98\x56\xe5\x0c",
  "LINHIB0001",
];

/** Identifies swap space ("swap"), and swap space with a suspended system ("swsuspend"). */
export function identifySwap(source: Source): Superblock | undefined {
  for (const pageBytes of pageSizes) {
    const signature = source.at(pageBytes - 10, 10);
    if (signature === undefined) return undefined;
    const found = readSignature(source, signature, pageBytes);
    if (found !== undefined) return found;
  }
  return undefined;
}

function readSignature(
  source: Source,
  signature: Uint8Array,
  pageBytes: number,
): Superblock | undefined {
  const header = source.at(1024, 64);
  if (header === undefined) return undefined;
  if (hasText(signature, 0, "SWAP-SPACE")) return old;
  const isSwap = hasText(signature, 0, "SWAPSPACE2");
  const isAsleep = asleep.some((text) => hasText(signature, 0, text));
  if (!isSwap && !isAsleep) return undefined;
  // A machine of the other byte order may have created it.
  const u32 = u32le(header, 0) === 1 ? u32le : u32be;
  const isSound = u32(header, 0) === 1 && u32(header, 4) !== 0;
  if (isSwap && !isSound) return undefined;
  return {
    type: isSwap ? "swap" : "swsuspend",
    label: isSound ? labelText(header, 28, 16) : undefined,
    uuid: isSound ? uuidText(header, 12) : undefined,
    bytes: isSound ? sizeOf(u32(header, 4) + 1, pageBytes) : undefined,
    unclean: isSwap ? [] : ["suspended"],
  };
}

// The first version, of Linux before 2.1.117, has no header.
const old: Superblock = {
  type: "swap",
  label: undefined,
  uuid: undefined,
  bytes: undefined,
  unclean: [],
};
