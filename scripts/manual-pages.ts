// The manual pages as Markdown without tables and links: those in docs/man, and those that are made of other
// documents. backstore help shows them, and scripts/manual.mjs makes them roff.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { bugsUrl } from "../src/core/text/bugs.ts";
import { renderBootOptionsDocument } from "./boot-options-document.ts";

/** A manual page. */
export interface ManualPage {
  /** "backstore-list.8" */
  readonly file: string;
  readonly markdown: string;
}

/** Returns all pages of the tree at `root`, by name. */
export function readManualPages(root: string): readonly ManualPage[] {
  const top = join(root, "docs/man");
  const written = readdirSync(top)
    .filter((name) => name.endsWith(".md"))
    .map((name) => ({
      file: name.slice(0, -".md".length),
      markdown: readFileSync(join(top, name), "utf8"),
    }));
  return [...written, formBootJson(root), formOptions()]
    .map(({ file, markdown }) => ({ file, markdown: withoutLinks(withoutTables(markdown)) }))
    .sort((a, b) => (a.file < b.file ? -1 : 1));
}

function formBootJson(root: string): ManualPage {
  const document = readFileSync(join(root, "docs/boot-json.md"), "utf8")
    // What is for who changes the program.
    .replace(/^\[explain\.schema\.json\](?:.+\n)+\n/m, "")
    .replaceAll("[boot-options.md](boot-options.md)", "**backstore-options**(7)");
  return formPage("backstore-boot.json.5", document, {
    summary: "what a boot decided and why",
    synopsis: "`/run/backstore/boot.json`",
    seeAlso: "**backstore**(8), **backstore-status**(8), **backstore-explain**(8)",
  });
}

function formOptions(): ManualPage {
  const document = renderBootOptionsDocument()
    .replace(/^This page is written by.*\n\n/m, "")
    .replace(/\[backstore-addon\(7\)\]\([^)]*\)/, "**backstore-addon**(7)");
  return formPage("backstore-options.7", document, {
    summary: "options of a boot that looks for a store",
    synopsis: "the kernel command line, `sysrescue.d/*.yaml` on the medium",
    seeAlso: "**backstore**(8), **backstore-addon**(7), **backstore-explain**(8), **bootparam**(7)",
  });
}

interface PageFrame {
  readonly summary: string;
  readonly synopsis: string;
  readonly seeAlso: string;
}

/** Puts a document between the sections that every page has. */
function formPage(file: string, document: string, frame: PageFrame): ManualPage {
  const [, name = "", section = ""] = /^(.+)\.(\d)$/.exec(file) ?? [];
  const body = document.replace(/^# .*\n+/, "").replace(/^## /gm, "### ");
  const markdown = [
    `# ${name}(${section})`,
    `## NAME\n\n${name} - ${frame.summary}`,
    `## SYNOPSIS\n\n${frame.synopsis}`,
    `## DESCRIPTION\n\n${body.trim()}`,
    `## REPORTING BUGS\n\n<${bugsUrl}>`,
    `## SEE ALSO\n\n${frame.seeAlso}\n`,
  ].join("\n\n");
  return { file, markdown };
}

/** What a link leads to lies beside the document, not beside the page. */
function withoutLinks(markdown: string): string {
  return markdown.replace(/\[([^\][]*)\]\([^()\s]*\)/g, "$1");
}

/** Replaces tables by lists of terms, which can be read on a terminal of any width. */
function withoutTables(markdown: string): string {
  return markdown.replace(/(?:^\|.*\n)+/gm, formList);
}

function formList(table: string): string {
  const [headings = [], , ...rows] = table.trimEnd().split("\n").map(splitRow);
  const items: { term: string; definition: string }[] = [];
  for (const [term = "", ...cells] of rows) {
    const definition = describeRow(cells, headings.slice(1));
    const above = items.at(-1);
    // A row that begins with an empty cell belongs to the one above.
    if (term === "" && above) above.definition += ` ${definition}`;
    else items.push({ term, definition });
  }
  return items.map(({ term, definition }) => `${term}\n: ${definition}\n`).join("\n");
}

/** The cells after the first; the meaning comes first, and the others after their headings. */
function describeRow(cells: readonly string[], headings: readonly string[]): string {
  if (cells.length === 1) return cells[0] ?? "";
  const named = cells.map((text, index) => ({ text, heading: headings[index] ?? "" }));
  const ofMeaning = named.filter(({ heading }) => heading === "Meaning");
  const others = named.filter(({ heading }) => heading !== "Meaning");
  return [
    ...ofMeaning.map(({ text }) => text),
    ...others.map(({ heading, text }) => `${heading}: ${text}${text.endsWith(".") ? "" : "."}`),
  ].join(" ");
}

function splitRow(row: string): string[] {
  return row
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll("\\|", "|"));
}
