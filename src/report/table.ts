// Rows of words with their columns aligned, for a terminal.

/** The side on which a column is aligned. */
type Alignment = "left" | "right";

/**
 * Renders rows with two spaces before each and between columns; the last column is left as it is.
 */
export function renderTable(
  rows: readonly (readonly string[])[],
  alignments: readonly Alignment[] = [],
): string[] {
  const widths = rows.reduce<number[]>(
    (widest, row) => row.map((cell, index) => Math.max(widest[index] ?? 0, cell.length)),
    [],
  );
  const pad = (cell: string, index: number) => {
    const width = widths[index] ?? 0;
    return alignments[index] === "right" ? cell.padStart(width) : cell.padEnd(width);
  };
  return rows.map((row) => `  ${row.map(pad).join("  ")}`.trimEnd());
}
