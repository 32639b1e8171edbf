// SystemRescue's YAML configuration (sysrescue.d/*.yaml): the entries of its scope `global`, each
// with its place. Values are used as the text that was written, because a label may be 2024 or
// "no". Of a file with a syntax error the options count that can be read by themselves, and a line
// that says that no store is to be used. Other scopes belong to other programs.

import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  Scalar,
  visit,
  type YAMLMap,
} from "yaml";
import { trimEnd } from "../bytes/trim.ts";
import { formatQuoted } from "../text/quoted.ts";
import { nearest } from "../text/suggest.ts";
import type { Entry, Problem } from "./option-source.ts";
import { isOptionName } from "./options-table.ts";
import { checkYamlBounds, mostTokensInAll, type TokenBudget } from "./yaml-bounds.ts";
import { findOff, type OptionPart, splitScope } from "./yaml-recovery.ts";
import { describeSyntaxError } from "./yaml-syntax.ts";

/** One file as it was read. */
export interface YamlFile {
  /** Its name in problems and origins. */
  readonly file: string;
  /** Decoded from UTF-8, with U+FFFD in place of malformed bytes. */
  readonly text: string;
}

/** The entries of a file, in its order, and what is wrong with it. */
interface YamlConfig {
  readonly entries: readonly Entry[];
  readonly problems: readonly Problem[];
}

const scope = "global";

// A broken file can have an error in each line; the first few tell a person enough.
const mostProblems = 20;

/** Parses the files of a medium, one after the other; never throws, whatever the texts. */
export function makeYamlParser(): (yamlFile: YamlFile) => YamlConfig {
  const budget: TokenBudget = { left: mostTokensInAll };
  return (yamlFile) => parseYamlConfig(yamlFile, budget);
}

function parseYamlConfig(yamlFile: YamlFile, budget: TokenBudget): YamlConfig {
  const reading = startReading(yamlFile);
  const { text, problems } = reading;
  const fault = checkYamlBounds(text, budget);
  if (fault !== undefined) {
    reading.report(`Cannot use the file: ${fault.reason}`, fault.offset);
    return { entries: [], problems };
  }
  const malformed = text.indexOf("\ufffd");
  if (malformed >= 0) reading.report("Cannot read all of the file: invalid UTF-8 here", malformed);
  const document = parseTree(reading);
  const entries =
    document === undefined ? recoverEntries(reading) : readDocument(document, reading);
  return { entries, problems };
}

interface Reading {
  readonly text: string;
  readonly problems: Problem[];
  locate(offset: number): { readonly line: number; readonly column: number };
  report(message: string, offset: number): void;
}

function startReading({ file, text }: YamlFile): Reading {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1))
    lines.addNewLine(at + 1);
  const problems: Problem[] = [];
  function locate(offset: number) {
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    return { line, column: col };
  }
  function report(message: string, offset: number) {
    const place = locate(offset);
    // A single unclosed bracket is an error on each level in it.
    const isKnown = problems.some(
      (known) => known.message === message && known.line === place.line,
    );
    if (!isKnown && problems.length < mostProblems) problems.push({ message, file, ...place });
  }
  return { text, problems, locate, report };
}

// The schema "failsafe" knows only texts, lists and maps, so that nothing becomes a number or a
// date.
const howToParse = { schema: "failsafe", prettyErrors: false, uniqueKeys: false } as const;

function parseTree({ text, report }: Reading): Document | undefined {
  try {
    const document = parseDocument(text, howToParse);
    for (const error of document.errors)
      report(`Cannot use all of the file: ${describeSyntaxError(error)}`, error.pos[0]);
    return document.errors.some((error) => error.code !== "MULTIPLE_DOCS") ? undefined : document;
  } catch (error) {
    // The parser is not ours, and a boot goes on whatever a file on a stick makes it do.
    report(`Cannot use the file: the YAML parser failed with ${formatQuoted(String(error))}`, 0);
    return undefined;
  }
}

function recoverEntries(reading: Reading): Entry[] {
  const named = splitScope(reading.text, scope).flatMap(readPart);
  reportRepeated(named, reading);
  const off = findOff(reading.text);
  return [
    ...named.flatMap((pair) => readEntry(pair, reading)),
    ...(off === undefined ? [] : [{ name: "backstore", value: "off", ...reading.locate(off) }]),
  ];
}

function readPart({ text, offset }: OptionPart): Named[] {
  try {
    const document = parseDocument(text, howToParse);
    const { contents, errors } = document;
    if (errors.length > 0 || !isMap(contents) || text.startsWith("\t")) return [];
    return readPairs(contents, resolveAliases(document))
      .filter(({ value }) => !endsInQuote(value))
      .map((pair) => ({ ...pair, offset: pair.offset + offset }));
  } catch {
    // Why the parser fails is said of the whole file.
    return [];
  }
}

/** A quote that is opened in a line which cannot be read may end in this one. */
function endsInQuote(value: unknown): boolean {
  return isScalar(value) && value.type === Scalar.PLAIN && /["']$/.test(String(value.value));
}

function readDocument(document: Document, reading: Reading): Entry[] {
  const { contents } = document;
  if (contents === null || isEmptyText(contents)) return [];
  if (!isMap(contents)) {
    reading.report(
      `Cannot use the file: it has no keys such as "${scope}:"`,
      contents.range?.[0] ?? 0,
    );
    return [];
  }
  const aliases = resolveAliases(document);
  const top = readPairs(contents, aliases);
  checkTopNames(top, reading);
  reportRepeated(
    top.filter(({ name }) => name === scope),
    reading,
  );
  const global = top.findLast(({ name }) => name === scope);
  if (global === undefined || isEmptyText(global.value)) return [];
  if (!isMap(global.value)) {
    reading.report(
      `Cannot use "${scope}": it has no options such as "cow_label: data"`,
      global.offset,
    );
    return [];
  }
  const named = readPairs(global.value, aliases);
  reportRepeated(named, reading);
  return named.flatMap((pair) => readEntry(pair, reading));
}

/** One key and its value, with aliases resolved. */
interface Named {
  readonly name: string;
  readonly value: unknown;
  /** The offset of the key. */
  readonly offset: number;
}

function readPairs(map: YAMLMap, aliases: Aliases): Named[] {
  return map.items.flatMap((pair: Pair) => {
    const key = followAlias(pair.key, aliases);
    const offset = offsetOf(pair.key);
    if (!isScalar(key) || offset === undefined) return [];
    return [{ name: String(key.value), value: followAlias(pair.value, aliases), offset }];
  });
}

function readEntry({ name, value, offset }: Named, { locate, report }: Reading): Entry[] {
  if (value === undefined || isScalar(value) || value === null) {
    const text = isScalar(value) ? textOf(value) : "";
    if (isOptionName(name) && text.includes("\ufffd")) {
      report(`Cannot use ${name}: its value is not UTF-8`, offset);
      return [];
    }
    return [{ name, value: text, ...locate(offset) }];
  }
  if (name === "<<")
    report('Cannot use "<<": merging maps is not supported, write out the options', offset);
  // Lists belong to other programs; the name alone may still be a near miss of ours.
  if (!isOptionName(name)) return [{ name, value: undefined, ...locate(offset) }];
  const found = isSeq(value) ? "a list" : isMap(value) ? "a map" : "an alias that names nothing";
  report(`Cannot use ${name}: its value is ${found}, not a string`, offset);
  return [];
}

function textOf(scalar: Scalar): string {
  const text = String(scalar.value);
  if (scalar.type === Scalar.PLAIN && scalar.tag === undefined && isNull(text)) return "";
  const isBlock = scalar.type === Scalar.BLOCK_LITERAL || scalar.type === Scalar.BLOCK_FOLDED;
  // The last line of a block ends like any line; nobody means that newline.
  return isBlock ? trimEnd(text, "\n") : text;
}

function isNull(text: string): boolean {
  return /^(|~|null|Null|NULL)$/.test(text);
}

function isEmptyText(value: unknown): boolean {
  return value === null || (isScalar(value) && textOf(value) === "");
}

function checkTopNames(top: readonly Named[], { report }: Reading): void {
  for (const { name, offset } of top) {
    if (isOptionName(name))
      report(`Cannot use ${name}: it belongs under "${scope}:", indented`, offset);
    if (name === scope || nearest(name, [scope]) === undefined) continue;
    report(`Cannot use ${formatQuoted(name)}: unknown scope, did you mean "${scope}"?`, offset);
  }
}

function reportRepeated(pairs: readonly Named[], { report }: Reading): void {
  const seen = new Set<string>();
  for (const { name, offset } of pairs) {
    if (seen.has(name))
      report(`Cannot use ${formatQuoted(name)} twice: using the later one`, offset);
    seen.add(name);
  }
}

/** The node that each alias stands for. */
type Aliases = ReadonlyMap<Alias, unknown>;

function resolveAliases(document: Document): Aliases {
  const anchors = new Map<string, unknown>();
  const aliases = new Map<Alias, unknown>();
  // One walk in the order of the text, because an anchor may be redefined and aliases refer to the
  // last one before them.
  visit(document, {
    Alias: (_, alias) => {
      aliases.set(alias, anchors.get(alias.source));
    },
    Value: (_, node) => {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
  return aliases;
}

// An alias that names nothing stays an alias.
function followAlias(node: unknown, aliases: Aliases): unknown {
  return isAlias(node) ? (aliases.get(node) ?? node) : node;
}

function offsetOf(node: unknown): number | undefined {
  return isScalar(node) || isAlias(node) ? node.range?.[0] : undefined;
}
