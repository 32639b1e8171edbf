// An EFI partition that is at another place of an image: partition tables and the boot catalog
// point to it, and all identities stay. Layouts: UEFI specification, sections 5.2 and 5.3; El
// Torito, section 2; "Inside Macintosh: Devices", chapter 3.

import { crc32 } from "../bytes/crc32.ts";
import { hasText, u16be, u16le, u32be, u32le, u64le } from "../bytes/fields.ts";
import type { Source } from "../bytes/source.ts";
import { protective, readMbrEntries } from "../superblocks/mbr.ts";
import type { IsoFacts } from "./iso-facts.ts";
import type { Patch } from "./patches.ts";
import { setMbrEntry } from "./system-area.ts";
import { blockBytes } from "./volume.ts";

/** Where a partition was, and where it is. */
export interface Move {
  /** In blocks. */
  readonly from: number;
  readonly to: number;
  readonly blocks: number;
  /** The end of the image. */
  readonly end: number;
}

/** The blocks at the end of an image that the backup of a GPT takes at most. */
export const backupBlocks = 16;

const sectorBytes = 512;
const sectorsOfBlock = blockBytes / sectorBytes;
const headBlocks = 16;
const efiType = 0xef;

/**
 * Returns what makes an image have its EFI partition at another place; undefined if a GPT in force
 * is damaged.
 */
export function moveEfi(image: Source, facts: IsoFacts, move: Move): Patch[] | undefined {
  const found = image.at(0, headBlocks * blockBytes);
  if (found === undefined) return undefined;
  const head = found.slice();
  const table = moveInGpt(head, move);
  if (table === "damaged") return undefined;
  moveInMbr(head, move);
  moveInApm(head, move);
  const catalog = moveInCatalog(image, facts, move);
  return [...table, { block: 0, bytes: head }, ...catalog];
}

/** Stands for a disk of any length. */
const wholeDisk = 0xffffffff;

function moveInMbr(head: Uint8Array, { from, to, blocks, end }: Move): void {
  const place = { start: to * sectorsOfBlock, sectors: blocks * sectorsOfBlock };
  for (const { number, type, start, sectors } of readMbrEntries(head)) {
    if (type === efiType && start === from * sectorsOfBlock)
      setMbrEntry(head, { number, ...place });
    // The whole image is behind the first sector.
    if (type === protective && start === 1 && sectors < wholeDisk)
      setMbrEntry(head, { number, start, sectors: end * sectorsOfBlock - start });
  }
}

/** A GPT without an entry in the MBR is there for some firmwares only. */
function moveInGpt(head: Uint8Array, { from, to, blocks, end }: Move): Patch[] | "damaged" {
  const isInForce = readMbrEntries(head).some(({ type }) => type === protective);
  const otherwise = isInForce ? "damaged" : [];
  if (!hasText(head, sectorBytes, "EFI PART")) return otherwise;
  const header = head.subarray(sectorBytes, 2 * sectorBytes);
  const [headerBytes, count, entryBytes] = [12, 80, 84].map((at) => u32le(header, at));
  const start = u64le(header, 72);
  if (headerBytes !== 92 || entryBytes !== 128 || count === undefined || start === undefined)
    return otherwise;
  const [at, length] = [start * sectorBytes, count * entryBytes];
  const entrySectors = Math.ceil(length / sectorBytes);
  const isInside = at >= 2 * sectorBytes && at + length <= head.length;
  if (!isInside || entrySectors >= backupBlocks * sectorsOfBlock) return otherwise;
  const entries = head.subarray(at, at + length);
  if (headerSum(header) !== u32le(header, 16) || crc32(entries) !== u32le(header, 88))
    return otherwise;
  const view = new DataView(head.buffer, head.byteOffset);
  for (let entry = at; entry < at + length; entry += entryBytes)
    if (u64le(head, entry + 32) === from * sectorsOfBlock && u32le(head, entry) !== 0) {
      setU64(view, entry + 32, to * sectorsOfBlock);
      setU64(view, entry + 40, (to + blocks) * sectorsOfBlock - 1);
    }
  const last = end * sectorsOfBlock - 1;
  const places = new DataView(header.buffer, header.byteOffset);
  setU64(places, 32, last);
  setU64(places, 48, last - entrySectors - 1);
  places.setUint32(88, crc32(entries), true);
  places.setUint32(16, headerSum(header), true);
  return [makeBackup(header, entries, last)];
}

function makeBackup(header: Uint8Array, entries: Uint8Array, last: number): Patch {
  const bytes = new Uint8Array(backupBlocks * blockBytes);
  const copy = bytes.subarray(bytes.length - sectorBytes);
  copy.set(header);
  const entrySectors = Math.ceil(entries.length / sectorBytes);
  bytes.set(entries, bytes.length - (entrySectors + 1) * sectorBytes);
  const places = new DataView(copy.buffer, copy.byteOffset);
  setU64(places, 24, last);
  setU64(places, 32, 1);
  setU64(places, 72, last - entrySectors);
  places.setUint32(16, headerSum(copy), true);
  return { block: (last + 1) / sectorsOfBlock - backupBlocks, bytes };
}

/** The sum itself counts as zero. */
function headerSum(header: Uint8Array): number {
  return crc32(header.slice(0, 92).fill(0, 16, 20));
}

function setU64(view: DataView, at: number, value: number): void {
  view.setUint32(at, value, true);
  view.setUint32(at + 4, Math.floor(value / 2 ** 32), true);
}

/** The partition map of Apple counts in blocks of its own. */
function moveInApm(head: Uint8Array, { from, to, blocks }: Move): void {
  const unit = u16be(head, 2);
  if (!hasText(head, 0, "ER") || unit < sectorBytes || blockBytes % unit !== 0) return;
  const view = new DataView(head.buffer, head.byteOffset);
  const factor = blockBytes / unit;
  for (let at = unit; at < head.length && hasText(head, at, "PM"); at += unit) {
    if (u32be(head, at + 8) !== from * factor) continue;
    view.setUint32(at + 8, to * factor);
    for (const length of [12, 84]) view.setUint32(at + length, blocks * factor);
  }
}

const mostCounted = 0xffff;

/** An entry counts sectors; where they are too many it counts none, and reaches to the end. */
function moveInCatalog(image: Source, { boot }: IsoFacts, { from, to, blocks }: Move): Patch[] {
  const entries = boot.filter(({ firmware, block }) => firmware === "uefi" && block === from);
  const [first] = entries;
  if (first === undefined) return [];
  const block = Math.floor(first.entry / blockBytes);
  const bytes = image.at(block * blockBytes, blockBytes)?.slice();
  if (bytes === undefined) return [];
  const view = new DataView(bytes.buffer);
  for (const { entry } of entries) {
    const at = entry - block * blockBytes;
    view.setUint32(at + 8, to, true);
    const sectors = blocks * sectorsOfBlock;
    if (u16le(bytes, at + 6) > 1) view.setUint16(at + 6, sectors > mostCounted ? 0 : sectors, true);
  }
  return [{ block, bytes }];
}
