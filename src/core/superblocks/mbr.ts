// The four entries of a master boot record, of which that of a GPT has one that guards it. Layout:
// UEFI specification, section 5.2.

import { hasText, u8, u32le } from "../bytes/fields.ts";

/** Where the entries begin, behind the boot code. */
export const mbrEntriesAt = 446;

const entryBytes = 16;

/** The type of the entry that says that a GPT is in force. */
export const protective = 0xee;

/** An entry of an MBR. */
export interface MbrEntry {
  /** From 1. */
  readonly number: number;
  readonly type: number;
  /** In sectors, from a start that depends on where the MBR is. */
  readonly start: number;
  readonly sectors: number;
}

/** Reads the entries of an MBR; none if there is no MBR. */
export function readMbrEntries(sector: Uint8Array): MbrEntry[] {
  if (!hasText(sector, 510, "\x55\xaa")) return [];
  return [1, 2, 3, 4].map((number) => {
    const entry = mbrEntry(sector, number);
    return { number, type: u8(entry, 4), start: u32le(entry, 8), sectors: u32le(entry, 12) };
  });
}

/** Returns the bytes of an entry, by its number; what is written there is in the MBR. */
export function mbrEntry(sector: Uint8Array, number: number): Uint8Array {
  const at = mbrEntriesAt + (number - 1) * entryBytes;
  return sector.subarray(at, at + entryBytes);
}
