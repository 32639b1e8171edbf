// When a store will be full at the pace of its last boots.

import type { PastBoot } from "../stores/past-boots.ts";

/** What was used at a moment, in milliseconds since 1970. */
export interface UsedAt {
  readonly atMs: number;
  readonly usedBytes: number;
}

/** How fast a store fills. */
export interface Pace {
  readonly bytesPerDay: number;
  /** The first of the moments that it comes from. */
  readonly sinceMs: number;
  /** When nothing is left; undefined if it does not fill, or not in ten years. */
  readonly fullAtMs: number | undefined;
}

const dayMs = 86_400_000;

/** Less than a day predicts nothing. */
const leastSpanMs = dayMs;
const mostAheadMs = 3650 * dayMs;

/**
 * Lists what was used at the beginnings and ends of boots, up to now. The clocks of machines may be
 * wrong: what does not come after the moment before it, or comes after now, is left out.
 */
export function listUsed(boots: readonly PastBoot[], now: UsedAt): readonly UsedAt[] {
  const moments = boots.flatMap(({ started, usedBytes, ended, endUsedBytes }) => [
    ...momentOf(started, usedBytes),
    ...momentOf(ended, endUsedBytes),
  ]);
  const kept: UsedAt[] = [];
  for (const moment of moments)
    if (moment.atMs < now.atMs && moment.atMs > (kept.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY))
      kept.push(moment);
  return [...kept, now];
}

function momentOf(time: string | undefined, usedBytes: number | undefined): UsedAt[] {
  if (time === undefined || usedBytes === undefined) return [];
  const atMs = Date.parse(time);
  return Number.isNaN(atMs) ? [] : [{ atMs, usedBytes }];
}

/** Measures the pace by the line that fits all moments best; undefined if they are too few. */
export function measurePace(used: readonly UsedAt[], totalBytes: number): Pace | undefined {
  const [first] = used;
  const last = used.at(-1);
  if (first === undefined || last === undefined || last.atMs - first.atMs < leastSpanMs)
    return undefined;
  const perMs = slopeOf(used);
  const leftMs = Math.max(0, totalBytes - last.usedBytes) / perMs;
  const isSeen = perMs > 0 && leftMs < mostAheadMs;
  return {
    bytesPerDay: Math.round(perMs * dayMs),
    sinceMs: first.atMs,
    fullAtMs: isSeen ? Math.round(last.atMs + leftMs) : undefined,
  };
}

/** Returns the slope of least squares. */
function slopeOf(used: readonly UsedAt[]): number {
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value / values.length, 0);
  const atMs = mean(used.map((one) => one.atMs));
  const usedBytes = mean(used.map((one) => one.usedBytes));
  let [product, square] = [0, 0];
  for (const one of used) {
    product += (one.atMs - atMs) * (one.usedBytes - usedBytes);
    square += (one.atMs - atMs) ** 2;
  }
  return product / square;
}
