// Which modules match a name that the kernel gives a device ("pci:v00008086d…") or requests
// ("fs-ext4"). Trying thousands of patterns for each device would be slow; so they are stored by
// their literal beginning or end, whichever is longer, and in groups by bus and vendor: one line of
// JSON each, of which a machine parses few.

import { literalPrefix, literalSuffix, matchGlob } from "./glob.ts";
import { type ModuleAlias, normalName } from "./module-files.ts";

/** The aliases of one group as JSON: everything that is looked up is the key of an object. */
export interface AliasGroup {
  readonly modules: readonly string[];
  /** The patterns without their keys. */
  readonly rests: readonly string[];
  /** Whole aliases without any pattern: indexes into `modules`. */
  readonly exact: AliasTable;
  /** By literal beginning and by literal end: pairs of indexes into `rests` and `modules`. */
  readonly starts: AliasTable;
  readonly ends: AliasTable;
  /** The lengths of the keys of `starts` and of `ends`. */
  readonly startLengths: readonly number[];
  readonly endLengths: readonly number[];
}

/** A table from literal texts to numbers. */
type AliasTable = { readonly [literal: string]: readonly number[] };

/**
 * Returns the groups in which the modules for a name are looked up: that of the bus, then that of
 * the vendor if it has one.
 */
export function aliasGroupNames(name: string): string[] {
  const vendor = /^pci:v[0-9A-F]{8}/.exec(name)?.[0];
  const bus = /^([a-z0-9]+)\*?:/.exec(name)?.[1] ?? "names";
  return vendor === undefined ? [bus] : [vendor, bus];
}

/** A group without aliases. */
export const noAliases: AliasGroup = formGroup([]);

/** Sorts aliases into groups for look-up; the order of the input does not matter. */
export function groupAliases(aliases: readonly ModuleAlias[]): Map<string, AliasGroup> {
  const sorted = [...aliases].sort(
    (a, b) => compare(a.pattern, b.pattern) || compare(a.module, b.module),
  );
  const groups = new Map<string, ModuleAlias[]>();
  for (const alias of sorted) {
    const [name = "names"] = aliasGroupNames(alias.pattern);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [alias]);
    else group.push(alias);
  }
  return new Map([...groups].map(([name, members]) => [name, formGroup(members)]));
}

/** Formats groups as text, one line each. */
export function formatAliasGroups(groups: ReadonlyMap<string, AliasGroup>): string {
  return [...groups].map(([name, group]) => `${name} ${JSON.stringify(group)}\n`).join("");
}

/**
 * Parses the output of formatAliasGroups() into the groups' names and their JSON, which
 * parseAliasGroup() reads.
 */
export function parseAliasLines(text: string): Map<string, string> {
  const lines = text.split("\n").filter((line) => line !== "");
  return new Map(
    lines.map((line) => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)]),
  );
}

/** Parses one group. */
export function parseAliasGroup(text: string): AliasGroup {
  // The text is from our own initramfs, as formatAliasGroups() wrote it.
  return JSON.parse(text) as AliasGroup;
}

/** Returns the modules that match a name in one of its groups, each once. */
export function matchAliases(group: AliasGroup, name: string): string[] {
  const text = normalName(name);
  const found = new Set<number>(at(group.exact, text));
  for (const length of group.startLengths) {
    if (length > text.length) continue;
    collect(group, at(group.starts, text.slice(0, length)), text.slice(length), found);
  }
  for (const length of group.endLengths) {
    const cut = text.length - length;
    if (cut >= 0) collect(group, at(group.ends, text.slice(cut)), text.slice(0, cut), found);
  }
  return [...found].map((index) => group.modules[index]).filter((module) => module !== undefined);
}

function collect(group: AliasGroup, pairs: readonly number[], text: string, found: Set<number>) {
  for (let index = 0; index + 1 < pairs.length; index += 2) {
    const rest = group.rests[pairs[index] ?? -1];
    const module = pairs[index + 1];
    if (rest === undefined || module === undefined || found.has(module)) continue;
    if (matchGlob(rest, text)) found.add(module);
  }
}

function at(table: AliasTable, key: string): readonly number[] {
  // A device may call itself "constructor": only the table's own keys count.
  return Object.hasOwn(table, key) ? (table[key] ?? []) : [];
}

function formGroup(aliases: readonly ModuleAlias[]): AliasGroup {
  const modules = new Map<string, number>();
  const rests = new Map<string, number>();
  const exact = new Map<string, number[]>();
  const starts = new Map<string, number[]>();
  const ends = new Map<string, number[]>();
  for (const { pattern, module } of aliases) {
    const start = literalPrefix(pattern);
    const end = literalSuffix(pattern);
    if (start === pattern) {
      listOf(exact, pattern).push(numberOf(modules, module));
    } else if (start.length >= end.length) {
      listOf(starts, start).push(
        numberOf(rests, pattern.slice(start.length)),
        numberOf(modules, module),
      );
    } else {
      const rest = pattern.slice(0, pattern.length - end.length);
      listOf(ends, end).push(numberOf(rests, rest), numberOf(modules, module));
    }
  }
  return {
    modules: [...modules.keys()],
    rests: [...rests.keys()],
    exact: Object.fromEntries(exact),
    starts: Object.fromEntries(starts),
    ends: Object.fromEntries(ends),
    startLengths: lengths(starts),
    endLengths: lengths(ends),
  };
}

function listOf(table: Map<string, number[]>, key: string): number[] {
  const list = table.get(key) ?? [];
  table.set(key, list);
  return list;
}

function lengths(table: Map<string, number[]>): number[] {
  return [...new Set([...table.keys()].map((key) => key.length))].sort((a, b) => b - a);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Returns the number of a text in a table, which grows in the order in which texts are first seen.
 */
function numberOf(table: Map<string, number>, text: string): number {
  const known = table.get(text);
  if (known !== undefined) return known;
  table.set(text, table.size);
  return table.size - 1;
}
