// The known name that was probably meant by an unknown one: the nearest by insertions, deletions,
// substitutions and swaps of neighbours (optimal string alignment), within a limit that grows with
// the known name's length. Letter case costs nothing.

/**
 * Returns the known name that was probably meant; undefined if none is near enough, the first of
 * equally near ones.
 */
export function nearest(name: string, known: readonly string[]): string | undefined {
  let found: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const distance = editDistance(name, candidate, boundOf(candidate));
    if (distance !== undefined && distance < least) {
      found = candidate;
      least = distance;
    }
  }
  return found;
}

/**
 * Returns the known name that was probably meant: the nearest, or the only one that begins with
 * these three letters or more.
 */
export function suggest(name: string, known: readonly string[]): string | undefined {
  const near = nearest(name, known);
  if (near !== undefined || name.length < 3) return near;
  const begun = known.filter((one) => one.startsWith(name.toLowerCase()));
  return begun.length === 1 ? begun[0] : undefined;
}

function boundOf(known: string): number {
  if (known.length < 3) return 0;
  return known.length < 8 ? 1 : 2;
}

function editDistance(left: string, right: string, bound: number): number | undefined {
  if (Math.abs(left.length - right.length) > bound) return undefined;
  const a = left.toLowerCase();
  const b = right.toLowerCase();
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      const choices = [
        cell(last, column) + 1,
        cell(current, column - 1) + 1,
        cell(last, column - 1) + (same ? 0 : 1),
      ];
      if (a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        choices.push(cell(beforeLast, column - 2) + 1);
      }
      current.push(Math.min(...choices));
    }
    // All later rows are computed from these two and only grow: nothing can get below the limit
    // again.
    if (Math.min(...last, ...current) > bound) return undefined;
    beforeLast = last;
    last = current;
  }
  const distance = cell(last, b.length);
  return distance <= bound ? distance : undefined;
}

function cell(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
