// The kernel command line, read by the kernel's own rules (next_arg and parse_args in Linux's
// lib/cmdline.c and kernel/params.c): white space separates, double quotes protect it, nothing
// escapes, and "--" ends the kernel's part. One difference: the kernel's table of white space is
// Latin-1 and includes byte 0xA0, which would split UTF-8 letters such as "à"; here only ASCII
// white space separates.

import { Failure } from "../text/failure.ts";
import { formatQuoted } from "../text/quoted.ts";

/** One word of the command line; `value` is undefined if the word has no "=". */
export interface Parameter {
  readonly name: string;
  readonly value: string | undefined;
}

/**
 * A whole command line: the parameters in their order, and the words after "--", which belong to
 * init.
 */
export interface CommandLine {
  readonly parameters: readonly Parameter[];
  readonly initArguments: readonly string[];
}

interface Word extends Parameter {
  /** Where the next word starts. */
  readonly next: number;
}

/** Parses the text of /proc/cmdline; every text has a meaning, so nothing is thrown. */
export function parseCommandLine(text: string): CommandLine {
  const line = untilNul(text);
  const parameters: Parameter[] = [];
  let position = skipSpaces(line, 0);
  while (position < line.length) {
    const { name, value, next } = parseWord(line, position);
    position = next;
    if (name === "--" && value === undefined) break;
    parameters.push({ name, value });
  }
  return { parameters, initArguments: parseInitArguments(line, position) };
}

/**
 * Formats one parameter with no more quotes than it needs; throws a Failure if the kernel's rules
 * cannot express it.
 */
export function formatParameter({ name, value }: Parameter): string {
  const bare = value === undefined ? name : `${name}=${value}`;
  const spellings = [bare, `"${bare}"`];
  if (value !== undefined) spellings.splice(1, 0, `${name}="${value}"`);
  const found = spellings.find((spelling) => {
    const { parameters, initArguments } = parseCommandLine(`${spelling} end`);
    const [first, second] = parameters;
    if (parameters.length !== 2 || initArguments.length > 0) return false;
    return first?.name === name && first.value === value && second?.name === "end";
  });
  if (found !== undefined) return found;
  throw new Failure(
    "usage",
    `Cannot write ${formatQuoted(bare)} on a kernel command line: its quotes or spaces cannot be represented there`,
  );
}

function parseInitArguments(line: string, start: number): string[] {
  const found: string[] = [];
  let position = start;
  while (position < line.length) {
    const { name, value, next } = parseWord(line, position);
    position = next;
    // The kernel reads these words by the same rules, so a second "--" ends them too.
    if (name === "--" && value === undefined) break;
    found.push(value === undefined ? name : `${name}=${value}`);
  }
  return found;
}

function parseWord(line: string, position: number): Word {
  const quoted = line[position] === '"';
  const start = quoted ? position + 1 : position;
  const { end, equals } = measureWord(line, start, quoted);
  const next = skipSpaces(line, end);
  const closed = end > start && line[end - 1] === '"';
  if (equals === undefined) {
    return { name: line.slice(start, quoted && closed ? end - 1 : end), value: undefined, next };
  }
  // Only a quote that opens the value, or the whole word, is paired with one at the end and
  // removed.
  const valueQuoted = line[equals + 1] === '"' && equals + 1 < end;
  const valueStart = valueQuoted ? equals + 2 : equals + 1;
  const valueEnd = closed && (valueQuoted || quoted) ? end - 1 : end;
  return {
    name: line.slice(start, equals),
    value: line.slice(valueStart, Math.max(valueStart, valueEnd)),
    next,
  };
}

function measureWord(line: string, start: number, quoted: boolean) {
  let inQuotes = quoted;
  let equals: number | undefined;
  let end = start;
  for (; end < line.length; end++) {
    const character = line[end];
    if (!inQuotes && isSpace(character)) break;
    // A "=" that opens the word is part of the name, as in the kernel.
    if (character === "=" && equals === undefined && end > start) equals = end;
    if (character === '"') inQuotes = !inQuotes;
  }
  return { end, equals };
}

function skipSpaces(line: string, start: number): number {
  let position = start;
  while (position < line.length && isSpace(line[position])) position++;
  return position;
}

function isSpace(character: string | undefined): boolean {
  return character === " " || (character !== undefined && character >= "\t" && character <= "\r");
}

function untilNul(text: string): string {
  const nul = text.indexOf("\0");
  return nul < 0 ? text : text.slice(0, nul);
}
