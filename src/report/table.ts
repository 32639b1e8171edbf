// Rows of words with their columns aligned, for a terminal; where they do not fit, one paragraph
// for each row.
import { wrapWords } from "./wrap.ts";

/** The side on which a column is aligned. */
type Alignment = "left" | "right";

/** How a table is shown. */
interface TableLayout {
  readonly alignments?: readonly Alignment[];
  /** The names of the columns; a first row shows them, or each paragraph. */
  readonly headings?: readonly string[];
  /** The width of the terminal; undefined if lines may have any length. */
  readonly columns?: number | undefined;
}

/**
 * Renders rows with two spaces before each and between columns; the last column is left as it is.
 * Rows that are wider than the terminal become paragraphs: their first cell, and a line for each of
 * the others that is not empty.
 */
export function renderTable(
  rows: readonly (readonly string[])[],
  { alignments = [], headings, columns }: TableLayout = {},
): string[] {
  const all = headings === undefined ? rows : [headings, ...rows];
  const widths = all.reduce<number[]>(
    (widest, row) => row.map((cell, index) => Math.max(widest[index] ?? 0, cell.length)),
    [],
  );
  const pad = (cell: string, index: number) => {
    const width = widths[index] ?? 0;
    return alignments[index] === "right" ? cell.padStart(width) : cell.padEnd(width);
  };
  const lines = all.map((row) => `  ${row.map(pad).join("  ")}`.trimEnd());
  if (columns === undefined || lines.every((line) => line.length <= columns)) return lines;
  return rows.flatMap((row) => renderParagraph(row, headings ?? [], columns));
}

/** Renders names and what belongs to each, which is broken between words where it is too long. */
export function renderPairs(
  pairs: readonly (readonly [name: string, value: string])[],
  columns: number | undefined,
): string[] {
  const widest = Math.max(0, ...pairs.map(([name]) => name.length));
  return pairs.flatMap(([name, value]) =>
    wrapPair(`  ${name.padEnd(widest)}  `, value, columns ?? Number.POSITIVE_INFINITY),
  );
}

/** Less than this is no place for a sentence: it gets lines of its own. */
const narrowest = 24;

/**
 * Renders what stands before a text, and the text beside it or, where it is too narrow for that or
 * for a word of it, below.
 */
export function wrapPair(before: string, text: string, columns: number): string[] {
  const room = columns - before.length;
  const longest = Math.max(...text.split(" ").map((word) => word.length));
  if (text.length <= room || (narrowest <= room && longest <= room))
    return wrapWords(text, { columns, first: before, rest: " ".repeat(before.length) });
  const name = before.trimEnd();
  const lines = wrapWords(text, { columns, first: below, rest: below });
  return name === "" ? lines : [name, ...lines];
}

const below = "      ";

function renderParagraph(
  row: readonly string[],
  headings: readonly string[],
  columns: number,
): string[] {
  const [first = "", ...others] = row;
  const named = others.flatMap((cell, index) =>
    cell === "" ? [] : [[headings[index + 1], cell] as const],
  );
  const widest = Math.max(0, ...named.map(([name = ""]) => name.length));
  return [
    ...wrapWords(first, { columns, first: "  ", rest: below }),
    ...named.flatMap(([name, cell]) =>
      wrapPair(name === undefined ? below : `${below}${name.padEnd(widest)}  `, cell, columns),
    ),
  ];
}
