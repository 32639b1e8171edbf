// The moments at which the power fails, and which of a guest's writes a disk may contain then.
// Everything that was flushed is there. Of what was written since, the disk's cache has written an
// arbitrary part to the medium, and the block in progress is complete or missing: today's disks
// write blocks of 4096 bytes as one, and file systems rely on that.

import type { LogEntry } from "./write-log.ts";

/** One moment at which the power fails, by what is on the medium then. */
export interface CutPoint {
  /** How many entries of the log are complete, counted from the first. */
  readonly whole: number;
  /** Which entries after those are there as well, in the order in which they were requested. */
  readonly kept: readonly number[];
  /** How many bytes the last of the kept ones has; all by default. */
  readonly tornBytes?: number;
}

const blockBytes = 4096;

/** The number of points to choose, and how the disk behaves. */
export interface Choice {
  readonly least: number;
  readonly seed: number;
  /** Whether the disk's cache writes to the medium in the order of requests. */
  readonly keepsOrder?: boolean;
}

/**
 * Chooses at least `least` points, if there are so many: the start, each moment at which a flush is
 * done, each moment between two writes if those are few, and between flushes points whose unflushed
 * writes are lost by chance.
 */
export function chooseCutPoints(
  entries: readonly LogEntry[],
  { least, seed, keepsOrder = false }: Choice,
): CutPoint[] {
  const epochs = readEpochs(entries);
  const points = new Map<string, CutPoint>();
  const add = (point: CutPoint) =>
    points.set(`${point.whole} ${point.kept} ${point.tornBytes ?? ""}`, point);
  add({ whole: 0, kept: [] });
  for (const { end } of epochs) add({ whole: end, kept: [] });
  const busy = epochs.filter(({ writes }) => writes.length > 0);
  const random = startRandom(seed);
  // If there are few writes, chance finds the same points again.
  for (let tries = 0; points.size < least && tries < 20 * least; tries++) {
    const epoch = busy[tries < busy.length ? tries : Math.floor(random() * busy.length)];
    if (epoch !== undefined) add(loseSome(epoch, { entries, random, keepsOrder }));
  }
  return [...points.values()].sort(
    (one, other) => one.whole - other.whole || one.kept.length - other.kept.length,
  );
}

/** Describes a point in words. */
export function describeCutPoint({ whole, kept, tornBytes }: CutPoint): string {
  const torn = tornBytes === undefined ? "" : `, of the last ${tornBytes} bytes`;
  return kept.length === 0
    ? `after entry ${whole}`
    : `after entry ${whole}, with ${kept.join(", ")}${torn}`;
}

/** The writes between two flushes. */
interface Epoch {
  /** The number of the first entry, and of the one after its flush. */
  readonly start: number;
  readonly end: number;
  readonly writes: readonly number[];
}

function readEpochs(entries: readonly LogEntry[]): Epoch[] {
  const epochs: Epoch[] = [];
  let start = 0;
  let writes: number[] = [];
  for (const [index, { isFlush, bytes }] of entries.entries()) {
    if (isFlush) {
      epochs.push({ start, end: index + 1, writes });
      start = index + 1;
      writes = [];
    }
    if (bytes > 0) writes.push(index);
  }
  return [...epochs, { start, end: entries.length, writes }];
}

// In one of three the cache wrote in order; in the others each write has a chance of its own.
function loseSome(
  { start, writes }: Epoch,
  {
    entries,
    random,
    keepsOrder,
  }: { entries: readonly LogEntry[]; random: () => number; keepsOrder: boolean },
): CutPoint {
  const asked = 1 + Math.floor(random() * writes.length);
  const share = random();
  const kept =
    keepsOrder || random() < 1 / 3
      ? writes.slice(0, asked)
      : writes.slice(0, asked).filter(() => random() < share);
  const last = kept.at(-1);
  const bytes = last === undefined ? 0 : (entries[last]?.bytes ?? 0);
  if (bytes <= blockBytes || random() < 1 / 2) return { whole: start, kept };
  const blocks = 1 + Math.floor(random() * (bytes / blockBytes - 1));
  return { whole: start, kept, tornBytes: blocks * blockBytes };
}

/**
 * Returns pseudo-random numbers from 0 to 1 that are the same for the same seed (a xorshift of 32
 * bits).
 */
function startRandom(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
