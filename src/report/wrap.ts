// Sentences as lines of limited width.

/** How a sentence is broken. */
interface Wrapping {
  readonly columns: number;
  /** What the first line begins with. */
  readonly first?: string;
  /** What each other line begins with. */
  readonly rest?: string;
}

/** Breaks a sentence between words; a word longer than a line is broken anywhere. */
export function wrapWords(
  sentence: string,
  { columns, first = "", rest = "" }: Wrapping,
): string[] {
  const lines: string[] = [];
  let line = first;
  let isFresh = true;
  for (const word of sentence.split(" ")) {
    let left = word;
    if (!isFresh && line.length + 1 + left.length > columns) {
      lines.push(line);
      line = rest;
      isFresh = true;
    }
    while (isFresh && left.length > roomFor(line, columns)) {
      const room = roomFor(line, columns);
      lines.push(line + left.slice(0, room));
      left = left.slice(room);
      line = rest;
    }
    line += isFresh ? left : ` ${left}`;
    isFresh = false;
  }
  return [...lines, line];
}

/** A terminal may be narrower than what lines begin with. */
function roomFor({ length }: string, columns: number): number {
  return Math.max(1, columns - length);
}
