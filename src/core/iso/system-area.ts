// What is in the first 16 blocks of an ISO image, which belong to no file system: a boot record, a
// partition table, and in a hybrid image both of MBR and GPT.

import { hasText, u64le } from "../bytes/fields.ts";
import type { Source } from "../bytes/source.ts";
import { type MbrEntry, mbrEntry, protective, readMbrEntries } from "../superblocks/mbr.ts";

const sectorBytes = 512;

/** Sets where the partition of an entry is, which is then found by numbers of sectors only. */
export function setMbrEntry(
  sector: Uint8Array,
  { number, start, sectors }: Omit<MbrEntry, "type">,
): void {
  const entry = mbrEntry(sector, number);
  const view = new DataView(entry.buffer, entry.byteOffset);
  if (start !== view.getUint32(8, true))
    for (const address of [1, 5]) entry.set(noAddress, address);
  view.setUint32(8, start, true);
  view.setUint32(12, sectors, true);
}

/** The address of a sector by its cylinder that stands for none. */
const noAddress = [0xfe, 0xff, 0xff];

/** Returns the sector behind the last one that the partition tables speak of. */
export function tablesEnd(source: Source): number {
  const mbr = source.at(0, sectorBytes);
  const header = source.at(sectorBytes, sectorBytes);
  const entries = mbr === undefined ? [] : readMbrEntries(mbr);
  const isGuarded = entries.some(({ type }) => type === protective);
  const ends = isGuarded ? [] : entries.map(({ start, sectors }) => start + sectors);
  const backup =
    isGuarded && header && hasText(header, 0, "EFI PART") ? u64le(header, 32) : undefined;
  return Math.max(0, ...ends, backup === undefined ? 0 : backup + 1);
}

/** Where a boot record of an isohybrid has its heads and sectors. */
const geometry = { heads: 64, sectors: 32, mostCylinders: 1024 };

/**
 * Returns an MBR whose first partition, which begins at a sector, ends at another one; undefined if
 * there is no such partition, or a GPT is in force.
 */
export function growFirstEntry(
  sector: Uint8Array,
  { start, end }: { readonly start: number; readonly end: number },
): Uint8Array | undefined {
  const entries = readMbrEntries(sector);
  const [first] = entries;
  if (first === undefined || first.sectors === 0 || first.start !== start) return undefined;
  if (entries.some(({ type }) => type === protective)) return undefined;
  const grown = sector.slice();
  const entry = mbrEntry(grown, 1);
  new DataView(entry.buffer, entry.byteOffset).setUint32(12, end - start, true);
  const before = cylinderAddress(first.start + first.sectors - 1);
  // Others count differently, which firmwares of today ignore.
  if (before.every((byte, index) => byte === entry[5 + index]))
    entry.set(cylinderAddress(end - 1), 5);
  return grown;
}

/** An address of a sector by its cylinder, head and sector, as an MBR has it. */
function cylinderAddress(sector: number): number[] {
  const { heads, sectors, mostCylinders } = geometry;
  const cylinder = Math.floor(sector / (heads * sectors));
  const isBeyond = cylinder >= mostCylinders;
  const [c, h, s] = isBeyond
    ? [mostCylinders - 1, heads - 1, sectors]
    : [cylinder, Math.floor(sector / sectors) % heads, (sector % sectors) + 1];
  return [h, s | ((c >> 8) << 6), c & 0xff];
}
