// What a table of media says of each of them: the README.md of a directory of media has a row for
// each, whose last column lists changes as FILE:LINE `before` → `after`, separated by "<br>", with
// "⏎" for a new line, "…" for what was before, and "no edit" for what is left as it is.

/** A change that a table names. */
export interface ExpectedChange {
  readonly file: string;
  readonly line: number;
  readonly before: string;
  /** Undefined where it has to be left as it is. */
  readonly after: string | undefined;
}

/** Parses the rows of a table, by the name of the medium. */
export function parseExpectations(table: string): Map<string, ExpectedChange[]> {
  const found = new Map<string, ExpectedChange[]>();
  for (const line of table.split("\n")) {
    const [, name, ...cells] = line.split("|").map((cell) => cell.trim());
    const last = cells.findLast((cell) => cell !== "") ?? "";
    const changes = last.split("<br>").flatMap(parseChange);
    if (name !== undefined && changes.length > 0) found.set(name, changes);
  }
  return found;
}

function parseChange(text: string): ExpectedChange[] {
  const match = /^(\S+):(\d+) `([^`]*)` → (?:`([^`]*)`|no edit)/.exec(text);
  if (match === null) return [];
  const [, file = "", line = "", before = "", after] = match;
  const filled = after?.replaceAll(" ⏎ ", "\n");
  return [{ file, line: Number(line), before, after: filled && fill(filled, before) }];
}

/** "INITRD …,/x" continues what was before. */
function fill(after: string, before: string): string {
  const at = after.indexOf("…");
  return at < 0 || before.includes("…") ? after : before + after.slice(at + 1);
}
