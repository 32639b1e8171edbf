// Names that are ignored: near misses of ours, and options of SystemRescue that are not supported
// yet. The command line and the YAML files are shared with the kernel, systemd and others, so a
// foreign name is not mentioned, and a near miss has to be near.

import { formatQuoted } from "../text/quoted.ts";
import { nearest } from "../text/suggest.ts";
import { describeProblem, type Entry, type Problem, type Source } from "./option-source.ts";
import {
  isOptionName,
  optionNames,
  unsupportedNames,
  unsupportedOptions,
} from "./options-table.ts";

// From this length on a name may differ in its first letter too; "nocache" is a parameter of the
// kernel.
const longName = 8;

// Comparing a name takes a millisecond, and files may contain thousands.
const mostNames = 500;
const mostMisspelt = 20;

/**
 * Checks the names of all sources; each name is reported once per source, and an unsupported one
 * only once. Of files, which others write, a bounded number of names is compared and reported.
 */
export function checkNames(sources: readonly Source[]): Problem[] {
  const named = sources.flatMap(listNames);
  const inFiles = named.filter(isInFile);
  const left = new Set(inFiles.slice(mostNames));
  const found = named.filter((one) => !left.has(one)).flatMap(checkMisspelt);
  const shown = new Set(found.filter(isInFile).slice(0, mostMisspelt));
  const reported = found.filter((one) => !isInFile(one) || shown.has(one));
  const more = found.length - reported.length + left.size;
  const problems = reported.map(({ problem }) => problem);
  if (more > 0)
    problems.push({
      message: `Cannot list all misspelt options in files: ${more} more names were left out`,
    });
  return [...problems, ...checkUnsupported(sources)];
}

/** A name, at its first place in a source. */
interface NamedIn {
  readonly source: Source;
  readonly entry: Entry;
}

function listNames(source: Source): NamedIn[] {
  const first = new Map(source.entries.toReversed().map((entry) => [entry.name, entry]));
  return source.entries
    .filter((entry) => first.get(entry.name) === entry)
    .map((entry) => ({ source, entry }));
}

function isInFile({ source }: { readonly source: Source }): boolean {
  return typeof source.origin === "object";
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

function checkMisspelt(named: NamedIn): { readonly source: Source; readonly problem: Problem }[] {
  const { source, entry } = named;
  const meant = matchMisspeltName(entry.name);
  if (meant === undefined) return [];
  const message = `Cannot use ${formatQuoted(entry.name)}: unknown option, did you mean "${meant}"?`;
  return [{ source, problem: describeProblem(message, source, entry) }];
}

function checkUnsupported(sources: readonly Source[]): Problem[] {
  return unsupportedOptions.flatMap(({ name, reason, addon }) => {
    const found = findLast(sources, name);
    if (found === undefined || isSwitchedOff(found.entry)) return [];
    const advice = addon ? `; ${useAddon}` : "";
    const message = `Cannot use ${formatQuoted(name)} in this initramfs: ${reason}${advice}`;
    return [
      { ...describeProblem(message, found.source, found.entry), isOfInitramfs: true as const },
    ];
  });
}

/** What helps where the distribution's own initramfs does more. */
export const useAddon = "use the add-on with the distribution's own initramfs (backstore-addon(7))";

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
