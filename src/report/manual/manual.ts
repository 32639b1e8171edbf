// Manual pages as text for a terminal of any width. They are embedded as the Markdown that the
// pages in roff are made of too (scripts/manual-pages.ts), which has headings, paragraphs, lists,
// terms with their definitions, and commands; there are no tables and links. Pure: text in, text
// out.
import { wrapWords } from "../wrap.ts";

// As man(1) indents.
const indented = "       ";
const defined = `${indented}     `;
/** Longer lines are tiring to read. */
const mostColumns = 80;
/** A terminal begins a new line after its last column, or does not. */
const margin = 2;

/** Renders a manual page, whose first line names it: "# backstore-list(8)". */
export function renderManualPage(markdown: string, terminalColumns: number | undefined): string {
  const columns = Math.min(terminalColumns ?? mostColumns, mostColumns) - margin;
  const [title = "", ...blocks] = markdown.trimEnd().split(/\n{2,}/);
  const rendered = blocks.map((block) => renderBlock(block, columns).join("\n"));
  // A heading stands on what it is for.
  const text = blocks.map((block, index) =>
    block.startsWith("#") ? `${rendered[index]}` : `${rendered[index]}\n`,
  );
  return `${title.replace(/^# /, "")}\n\n${text.join("\n")}`;
}

function renderBlock(block: string, columns: number): string[] {
  const [, marks, heading] = /^(##+) (.+)$/.exec(block) ?? [];
  if (heading !== undefined) {
    const before = marks === "##" ? "" : "   ";
    return wrap(heading, before, before, columns);
  }
  if (block.startsWith("    "))
    return block.split("\n").map((line) => `${indented}    ${line.slice(4)}`.trimEnd());
  const [term = "", definition] = block.split("\n: ");
  if (definition !== undefined)
    return [
      ...wrap(term, indented, indented, columns),
      ...wrap(definition, defined, defined, columns),
    ];
  const items = block.split(/\n(?=- |\d+\. )/);
  return items.flatMap((item) => {
    const [bullet = ""] = /^(?:-|\d+\.) /.exec(item) ?? [];
    const text = item.slice(bullet.length);
    return wrap(text, `${indented}${bullet}`, indented + " ".repeat(bullet.length), columns);
  });
}

function wrap(text: string, first: string, rest: string, columns: number): string[] {
  return wrapWords(renderWords(text), { columns, first, rest });
}

/** Renders Markdown's words without its marks; what is between backquotes is left as it is. */
function renderWords(text: string): string {
  return text
    .replace(/\n */g, " ")
    .split("`")
    .map((part, index) => (index % 2 === 1 ? part : part.replace(/\*|<(?=http)|(?<=\w)>/g, "")))
    .join("");
}
