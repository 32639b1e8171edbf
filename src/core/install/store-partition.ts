// The partition of a store behind an image: what of a disk's partition tables changes for it, from
// the tables as they are and as sfdisk has made them in a copy, and the order of writing that. A
// table that is not whole is never the one that is looked at first: of a GPT the second one, at the
// disk's end, comes first, then the first one in a single write, and then the boot record.

import { decodeByteText } from "../bytes/byte-text.ts";
import { joinParts } from "../bytes/parts.ts";
import { sourceOf } from "../bytes/source.ts";
import type { DiskPart } from "../steps/disk-steps.ts";
import type { Step } from "../steps/step.ts";
import { mbrEntriesAt, mbrEntry, protective, readMbrEntries } from "../superblocks/mbr.ts";
import { type Partition, readPartitions } from "../superblocks/partitions.ts";

/** The beginning and the end of a disk, where its partition tables are. */
export interface Tables {
  readonly head: Uint8Array;
  readonly tail: Uint8Array;
  readonly diskBytes: number;
}

/** How much of either end of a disk can have tables. */
export const tableBytes = 2 ** 20;

const sectorBytes = 512;

/** Returns whether a GPT is in force. */
export function hasGpt({ head }: Tables): boolean {
  return guardOf(head) !== undefined;
}

/** Returns the first byte behind what a partition may have: a GPT has a second table there. */
export function endOfRoom(tables: Tables): number {
  return tables.diskBytes - (hasGpt(tables) ? 64 * 1024 : 0);
}

/**
 * Returns the tables with what sfdisk loses put back: the boot code, and of an MBR beside a GPT all
 * but the entry that guards that, such as an active one without which some firmwares boot nothing.
 */
export function keepBootRecord(before: Tables, after: Tables): Tables {
  const head = after.head.slice();
  head.set(before.head.subarray(0, mbrEntriesAt));
  if (!hasGpt(before)) return { ...after, head };
  head.set(before.head.subarray(0, sectorBytes));
  const guard = guardOf(after.head);
  for (const { number, type } of readMbrEntries(before.head))
    if (type === protective && guard !== undefined) mbrEntry(head, number).set(guard);
  return { ...after, head };
}

function guardOf(head: Uint8Array): Uint8Array | undefined {
  const found = readMbrEntries(head).find(({ type }) => type === protective);
  return found && mbrEntry(head, found.number);
}

/** The type of a partition with a Linux file system that says nothing about its use. */
const linuxFileSystem = { gpt: "0FC63DAF-8483-4772-8E79-3D69D8477DE4", mbr: "83" };

/** The attribute of a GPT entry that keeps what mounts by type from it ("no-auto"). */
const noAuto = "GUID:63";

/** Formats the entry of a store's partition as a line for sfdisk. */
export function formatEntry(
  { offset, bytes }: DiskPart,
  { label, isGpt }: { readonly label: string; readonly isGpt: boolean },
): string {
  const place = `start=${offset / sectorBytes}, size=${bytes / sectorBytes}`;
  if (!isGpt) return `${place}, type=${linuxFileSystem.mbr}`;
  return `${place}, type=${linuxFileSystem.gpt}, name="${label}", attrs="${noAuto}"`;
}

/** Returns the partition that is new, if it is the only change and is where it was asked for. */
export function findNewPartition(
  before: Tables,
  after: Tables,
  wanted: { readonly offset: number; readonly bytes: number },
): Partition | undefined {
  const [old, now] = [before, after].map(partitionsOf) as [Partition[], Partition[]];
  const rest = now.filter((one) => !old.some((other) => isSame(one, other)));
  const [added] = rest;
  const isRight =
    rest.length === 1 &&
    now.length === old.length + 1 &&
    added?.offset === wanted.offset &&
    added.bytes === wanted.bytes;
  return isRight ? added : undefined;
}

function isSame(one: Partition, other: Partition): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function partitionsOf({ head, tail, diskBytes }: Tables): readonly Partition[] {
  const parts = [
    { offset: 0, source: sourceOf(head) },
    { offset: diskBytes - tail.length, source: sourceOf(tail) },
  ];
  return readPartitions(joinParts(parts, diskBytes));
}

/** Plans the writes that make one of the other, in an order in which one table is always whole. */
export function planTables(path: string, before: Tables, after: Tables): Step[] {
  const { diskBytes } = before;
  const tailAt = diskBytes - before.tail.length;
  const second = differing(before.tail, after.tail, 0);
  const first = differing(before.head, after.head, sectorBytes);
  const record = differing(before.head.subarray(0, sectorBytes), after.head, 0);
  const step = (
    { from, to }: Range,
    [old, now]: readonly [Uint8Array, Uint8Array],
    base: number,
  ): Step => ({
    do: "change-disk",
    path,
    offset: base + from,
    from: decodeByteText(old.subarray(from, to)),
    to: decodeByteText(now.subarray(from, to)),
    what: "the partition table",
  });
  return [
    ...(second === undefined ? [] : [step(second, [before.tail, after.tail], tailAt)]),
    ...(first === undefined ? [] : [step(first, [before.head, after.head], 0)]),
    ...(record === undefined ? [] : [step(record, [before.head, after.head], 0)]),
  ];
}

interface Range {
  readonly from: number;
  readonly to: number;
}

/** Returns the sectors from the first to the last one that differ, from a place on. */
function differing(before: Uint8Array, after: Uint8Array, start: number): Range | undefined {
  let [from, to] = [-1, -1];
  for (let at = start; at < before.length; at++) {
    if (before[at] === after[at]) continue;
    const sector = at - (at % sectorBytes);
    if (from < 0) from = sector;
    to = sector + sectorBytes;
    at = to - 1;
  }
  return from < 0 ? undefined : { from, to };
}
