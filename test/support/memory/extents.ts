// The parts of a file that are not holes: ranges of whole blocks, in order, none touching another.

/** A range of a file, from a byte up to another. */
export interface Extent {
  readonly from: number;
  readonly to: number;
}

/** The unit in which file systems allocate. */
const blockBytes = 4096;

/** Returns the blocks that a range of bytes is in; none for an empty one. */
export function blocksOf(offset: number, length: number): Extent[] {
  if (length <= 0) return [];
  return [
    {
      from: Math.floor(offset / blockBytes) * blockBytes,
      to: Math.ceil((offset + length) / blockBytes) * blockBytes,
    },
  ];
}

/** Joins what overlaps or touches. */
export function joinExtents(extents: readonly Extent[]): Extent[] {
  const joined: { from: number; to: number }[] = [];
  for (const { from, to } of [...extents].sort((one, other) => one.from - other.from)) {
    const last = joined.at(-1);
    if (last && from <= last.to) last.to = Math.max(last.to, to);
    else joined.push({ from, to });
  }
  return joined;
}

/** Returns the parts within a range. */
export function clipExtents(extents: readonly Extent[], within: Extent): Extent[] {
  return extents
    .map(({ from, to }) => ({ from: Math.max(from, within.from), to: Math.min(to, within.to) }))
    .filter(({ from, to }) => from < to);
}

/** Moves all by a number of bytes. */
export function shiftExtents(extents: readonly Extent[], bytes: number): Extent[] {
  return extents.map(({ from, to }) => ({ from: from + bytes, to: to + bytes }));
}

/** Adds their lengths up. */
export function sumExtents(extents: readonly Extent[]): number {
  return extents.reduce((sum, { from, to }) => sum + to - from, 0);
}
