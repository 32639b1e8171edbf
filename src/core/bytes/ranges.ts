// Ranges of bytes in a file, as lists that are sorted and do not touch or overlap.

/** A range of bytes. */
export interface Range {
  readonly offset: number;
  readonly bytes: number;
}

/** Sorts ranges, joins those that touch or overlap, and drops empty ones. */
export function mergeRanges(ranges: readonly Range[]): Range[] {
  const merged: { offset: number; bytes: number }[] = [];
  for (const { offset, bytes } of ranges.toSorted((a, b) => a.offset - b.offset)) {
    if (bytes <= 0) continue;
    const last = merged.at(-1);
    if (last === undefined || offset > endOf(last)) merged.push({ offset, bytes });
    else last.bytes = Math.max(endOf(last), offset + bytes) - last.offset;
  }
  return merged;
}

/** Returns the parts of merged ranges between `from` and `to`. */
export function clipRanges(ranges: readonly Range[], from: number, to: number): Range[] {
  return ranges.flatMap((range) => {
    const offset = Math.max(range.offset, from);
    const bytes = Math.min(endOf(range), to) - offset;
    return bytes > 0 ? [{ offset, bytes }] : [];
  });
}

/** Subtracts merged ranges from merged ranges. */
export function subtractRanges(ranges: readonly Range[], holes: readonly Range[]): Range[] {
  const left: Range[] = [];
  let next = 0;
  for (const range of ranges) {
    let offset = range.offset;
    while (next > 0 && endOf(holes[next - 1] ?? range) > offset) next--;
    for (; next < holes.length; next++) {
      const hole = holes[next];
      if (hole === undefined || hole.offset >= endOf(range)) break;
      if (hole.offset > offset) left.push({ offset, bytes: hole.offset - offset });
      offset = Math.max(offset, endOf(hole));
    }
    if (offset < endOf(range)) left.push({ offset, bytes: endOf(range) - offset });
  }
  return left;
}

/** Adds up the bytes of ranges. */
export function sumRanges(ranges: readonly Range[]): number {
  return ranges.reduce((sum, { bytes }) => sum + bytes, 0);
}

function endOf({ offset, bytes }: Range): number {
  return offset + bytes;
}
