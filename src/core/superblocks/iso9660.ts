// ISO 9660, the file system of discs and of the images that are written to sticks unchanged. The
// primary volume descriptor has the label in up to 32 plain capitals; Joliet's supplementary one
// has at most 16 characters of any script. The identity is the time of writing.
// Descriptors: ECMA-119, section 8.

import { hasText, sizeOf, trimLabel, u8, u16le, u32le } from "../bytes/fields.ts";
import type { Source } from "../bytes/source.ts";
import { decodeUtf8, decodeUtf16 } from "../bytes/utf.ts";
import type { Superblock } from "./superblock.ts";

const sectorBytes = 2048;
const firstSector = 16;
const mostDescriptors = 16;
const kind = { primary: 1, supplementary: 2, end: 255 } as const;

/** Identifies ISO 9660, with Joliet's label if it has one. */
export function identifyIso9660(source: Source): Superblock | undefined {
  const { primary, joliet } = readDescriptors(source);
  if (primary === undefined) return undefined;
  return {
    type: "iso9660",
    label: labelOf(primary, joliet),
    // The time of the last change; if it was never set, that of creation.
    uuid: dateText(primary, 830) ?? dateText(primary, 813),
    bytes: sizeOf(u32le(primary, 80), u16le(primary, 128)),
    unclean: [],
  };
}

function readDescriptors(source: Source) {
  let primary: Uint8Array | undefined;
  let joliet: Uint8Array | undefined;
  for (let index = 0; index < mostDescriptors; index++) {
    const block = source.at((firstSector + index) * sectorBytes, sectorBytes);
    if (block === undefined || !hasText(block, 1, "CD001") || u8(block, 0) === kind.end) break;
    if (u8(block, 0) === kind.primary) primary ??= block;
    if (u8(block, 0) === kind.supplementary && isJoliet(block)) joliet ??= block;
  }
  return { primary, joliet };
}

function isJoliet(block: Uint8Array): boolean {
  return ["%/@", "%/C", "%/E"].some((sequence) => hasText(block, 88, sequence));
}

function labelOf(primary: Uint8Array, joliet: Uint8Array | undefined): string | undefined {
  const plain = primary.subarray(40, 72);
  if (joliet === undefined) return trimLabel(decodeUtf8(plain));
  const wide = decodeUtf16(joliet.subarray(40, 72), "be");
  return trimLabel(mergeLabels(decodeUtf8(plain), wide) ?? wide);
}

// Joliet cuts a label after 16 characters; the plain one has "_" for characters it cannot
// represent, and capitals for the rest. If both are the same label, the best of each character and
// the tail of the plain one restore it. Undefined if they are not.
function mergeLabels(plain: string, wide: string): string | undefined {
  const characters = [...wide];
  const merged: string[] = [];
  for (const [index, character] of characters.entries()) {
    const other = plain[index] ?? " ";
    if (other === "_") merged.push(character);
    else if (character === "_") merged.push(other);
    else if (character.toUpperCase() === other.toUpperCase()) merged.push(character);
    else return undefined;
  }
  return merged.join("") + plain.slice(characters.length);
}

function dateText(block: Uint8Array, at: number): string | undefined {
  const digits = decodeUtf8(block.subarray(at, at + 16));
  if (!/^[0-9]{16}$/.test(digits) || (/^0+$/.test(digits) && u8(block, at + 16) === 0)) {
    return undefined;
  }
  const parts = [
    [0, 4],
    [4, 6],
    [6, 8],
    [8, 10],
    [10, 12],
    [12, 14],
    [14, 16],
  ] as const;
  return parts.map(([from, to]) => digits.slice(from, to)).join("-");
}
