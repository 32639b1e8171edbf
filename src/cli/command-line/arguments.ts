// Arguments of a command, checked against its flags and operands: an unknown flag is refused with
// the nearest known one.

import { parseArgs } from "@pkgjs/parseargs";
import { Failure } from "../../core/text/failure.ts";
import { formatList, formatQuoted } from "../../core/text/quoted.ts";
import { suggest } from "../../core/text/suggest.ts";

import type { Arguments, Command, Flag } from "./command.ts";

const help: Flag = { name: "help", help: "print this help and exit" };
const version: Flag = { name: "version", help: "print the version and exit" };

/** The letters of flags, the same for every command and as util-linux has them. */
const shortNames: Readonly<Record<string, string>> = {
  "dry-run": "n",
  force: "f",
  help: "h",
  json: "J",
  quiet: "q",
  version: "V",
  yes: "y",
};

/** Returns the letter by which a flag can be given; undefined if it has none. */
export function shortOf(name: string): string | undefined {
  return shortNames[name];
}

/** Returns every flag that a command accepts, including the common ones. */
export function flagsOf(command: Command): readonly Flag[] {
  return [...command.flags, help, version];
}

/**
 * Parses the words after the command's name; throws Failure "usage" for what the command does not
 * accept.
 */
export function parseArguments(command: Command, words: readonly string[]): Arguments {
  const flags = flagsOf(command);
  const options = Object.fromEntries(flags.map((flag) => [flag.name, optionOf(flag)]));
  const { tokens } = parseArgs({
    args: words,
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const switches = new Set<string>();
  const values = new Map<string, readonly string[]>();
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") operands.push(token.value);
    if (token.kind !== "option") continue;
    const { name, rawName, value } = token;
    const flag = flags.find((one) => one.name === name && rawName !== `-${name}`);
    if (!flag) throw usage(command, unknownFlag(words[token.index] ?? rawName, rawName, flags));
    if (flag.value === undefined) {
      if (value !== undefined) throw usage(command, `"${rawName}" takes no value`);
      switches.add(name);
      continue;
    }
    if (value === undefined) throw usage(command, `"${rawName}" requires a value: ${flag.value}`);
    const before = values.get(name) ?? [];
    if (before.length > 0 && !flag.repeated)
      throw usage(command, `"${rawName}" was given more than once`);
    values.set(name, [...before, value]);
  }
  const given = { switches, values, operands };
  // With these, missing operands are no error.
  if (!switches.has(help.name) && !switches.has(version.name)) checkOperands(command, given);
  return given;
}

function checkOperands(command: Command, given: Arguments): void {
  const { operands } = command;
  const names = typeof operands === "function" ? operands(given) : operands;
  const extra = given.operands[names.length];
  if (extra !== undefined) throw usage(command, `unexpected argument ${formatQuoted(extra)}`);
  const missing = names.slice(given.operands.length).filter((name) => !name.startsWith("["));
  if (missing.length === 0) return;
  throw usage(command, `${formatList(missing)} ${missing.length === 1 ? "is" : "are"} missing`);
}

/** Returns the failure for a call that does not fit the command. */
export function usage(command: Command, found: string): Failure {
  return new Failure(
    "usage",
    `Cannot run "backstore ${command.name}": ${found}`,
    `see "backstore ${command.name} --help"`,
  );
}

function optionOf(flag: Flag): { type: "string" | "boolean"; multiple?: boolean; short?: string } {
  const short = shortOf(flag.name);
  return {
    type: flag.value === undefined ? "boolean" : "string",
    multiple: true,
    ...(short !== undefined && { short }),
  };
}

/** A long name may have been given with one hyphen, and is then a word of unknown letters. */
function unknownFlag(word: string, rawName: string, flags: readonly Flag[]): string {
  const isLetter = word.length === 2;
  const given = word.startsWith("--") ? rawName : word;
  const known = flags.flatMap(({ name }) => (isLetter ? (shortOf(name) ?? []) : name));
  const meant = suggest(given.replace(/^-+/, ""), known);
  if (meant === undefined) return `unknown option ${formatQuoted(rawName)}`;
  return `unknown option ${formatQuoted(given)}, did you mean "${isLetter ? "-" : "--"}${meant}"?`;
}
