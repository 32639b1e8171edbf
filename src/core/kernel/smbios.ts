// The firmware's table of a PC, and of every virtual machine like one, as the kernel shows it in
// /sys/firmware/dmi/tables/DMI. Layout: DMTF's DSP0134, sections 6.1 and 7.12.

import { u8 } from "../bytes/fields.ts";
import { decodeUtf8 } from "../bytes/utf.ts";

/** Where the kernel shows the table. */
export const smbiosPath = "/sys/firmware/dmi/tables/DMI";

/** More than any machine has; that of SMBIOS 2 cannot be larger. */
export const mostSmbiosBytes = 65_536;

const headerBytes = 4;
const oemStrings = 11;
const endOfTable = 127;

/** Reads the "OEM strings", which virtual machines are given from outside. */
export function readOemStrings(table: Uint8Array): string[] {
  const found: string[] = [];
  for (let at = 0; at + headerBytes <= table.length; ) {
    const [type, length] = [u8(table, at), u8(table, at + 1)];
    if (type === endOfTable || length < headerBytes) break;
    const { strings, next } = readStrings(table, at + length);
    if (type === oemStrings) found.push(...strings);
    at = next;
  }
  return found;
}

/** Reads the strings behind a structure: each ends with a NUL, and all of them with one more. */
function readStrings(table: Uint8Array, start: number): { strings: string[]; next: number } {
  const strings: string[] = [];
  for (let at = start; ; ) {
    const end = table.indexOf(0, at);
    if (end < 0) return { strings: [], next: table.length };
    if (end === at) return { strings, next: at === start ? start + 2 : end + 1 };
    strings.push(decodeUtf8(table.subarray(at, end)));
    at = end + 1;
  }
}
