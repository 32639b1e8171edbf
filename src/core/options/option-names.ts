// Names that are ignored: near misses of ours, and options of SystemRescue that are not supported
// yet. The command line and the YAML files are shared with the kernel, systemd and others, so a
// foreign name is not mentioned, and a near miss has to be near.

import { formatQuoted } from "../text/quoted.ts";
import { nearest } from "../text/suggest.ts";
import { describeProblem, type Entry, type Problem, type Source } from "./option-source.ts";
import { isOptionName, optionNames, unsupportedNames } from "./options-table.ts";

// From this length on a name may differ in its first letter too; "nocache" is a parameter of the
// kernel.
const longName = 8;

/**
 * Checks the names of all sources; each name is reported once per source, and an unsupported one
 * only once.
 */
export function checkNames(sources: readonly Source[]): Problem[] {
  return [...sources.flatMap(checkMisspelt), ...checkUnsupported(sources)];
}

/**
 * Returns the option that a name was probably meant for; undefined for our own names and for
 * foreign ones.
 */
export function matchMisspeltName(name: string): string | undefined {
  if (isOptionName(name) || unsupportedNames.includes(name)) return undefined;
  const meant = nearest(name, optionNames);
  if (meant === undefined) return undefined;
  return name.length >= longName || name[0]?.toLowerCase() === meant[0] ? meant : undefined;
}

function checkMisspelt(source: Source): Problem[] {
  const seen = new Set<string>();
  const problems: Problem[] = [];
  for (const entry of source.entries) {
    if (seen.has(entry.name)) continue;
    seen.add(entry.name);
    const meant = matchMisspeltName(entry.name);
    if (meant === undefined) continue;
    const message = `Cannot use ${formatQuoted(entry.name)}: unknown option, did you mean "${meant}"?`;
    problems.push(describeProblem(message, source, entry));
  }
  return problems;
}

function checkUnsupported(sources: readonly Source[]): Problem[] {
  return unsupportedNames.flatMap((name) => {
    const found = findLast(sources, name);
    if (found === undefined || isSwitchedOff(found.entry)) return [];
    const message = `Cannot use ${formatQuoted(name)}: backstore does not support this option of SystemRescue yet`;
    return [describeProblem(message, found.source, found.entry)];
  });
}

function findLast(
  sources: readonly Source[],
  name: string,
): { source: Source; entry: Entry } | undefined {
  for (const source of sources.toReversed()) {
    const entry = source.entries.findLast((candidate) => candidate.name === name);
    if (entry !== undefined) return { source, entry };
  }
  return undefined;
}

function isSwitchedOff({ value }: Entry): boolean {
  return value !== undefined && /^(|n|no|false|0|off)$/i.test(value);
}
