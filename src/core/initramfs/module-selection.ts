// Chooses the modules of a kernel for an initramfs, the wanted ones and everything they need, and
// builds the index that early boot reads. Works only on the texts of depmod's files.

import {
  type AliasGroup,
  aliasGroupNames,
  groupAliases,
  matchAliases,
} from "../modules/module-aliases.ts";
import {
  type ModuleFile,
  normalName,
  parseAliases,
  parseBuiltin,
  parseDependencies,
  parseSoftDependencies,
} from "../modules/module-files.ts";
import type { ModuleIndex, ModuleNeeds } from "../modules/module-index.ts";
import { Failure } from "../text/failure.ts";
import { essentialModules, type WantedGroup, wantedGroups } from "./wanted-modules.ts";

/** The files that depmod writes, as text; all but `dependencies` may be empty. */
export interface ModuleTexts {
  readonly release: string;
  readonly dependencies: string;
  readonly softDependencies: string;
  readonly aliases: string;
  readonly builtin: string;
}

/** The modules of a kernel that an initramfs contains. */
export interface ModuleSelection {
  readonly index: ModuleIndex;
  /** By the name of the group. */
  readonly aliases: ReadonlyMap<string, AliasGroup>;
  /** The files, sorted by name; paths are relative to lib/modules/VERSION. */
  readonly files: readonly ModuleFile[];
  /** The rows of the table with what was found for each. */
  readonly groups: readonly FoundGroup[];
}

/** The modules of one row of the table that the kernel has. */
export interface FoundGroup {
  readonly group: string;
  readonly modules: readonly string[];
  readonly builtin: readonly string[];
  readonly missing: readonly string[];
}

/**
 * Chooses modules and builds their index; throws a Failure if no live system could be booted with
 * them.
 */
export function chooseModules(texts: ModuleTexts): ModuleSelection {
  const files = new Map(parseDependencies(texts.dependencies).map((file) => [file.name, file]));
  const builtin = new Set(parseBuiltin(texts.builtin));
  checkEssentials(texts.release, files, builtin);

  const aliases = parseAliases(texts.aliases);
  const lookUp = lookUpIn(groupAliases(aliases));
  // As in modprobe, a module's own name comes before aliases ("crc32" is also the name of a part of
  // the kernel).
  const resolve = (name: string): readonly string[] => (files.has(name) ? [name] : lookUp(name));
  const softDependencies = new Map<string, ModuleNeeds>();
  for (const { module, before, after } of parseSoftDependencies(texts.softDependencies)) {
    const present = (names: readonly string[]) =>
      unique(names.flatMap(resolve)).filter((name) => files.has(name) && name !== module);
    softDependencies.set(module, { before: present(before), after: present(after) });
  }

  const groups = wantedGroups.map((group) => findGroup(group, { files, builtin, resolve }));
  const chosen = close(
    groups.flatMap((group) => group.modules),
    files,
    softDependencies,
  );
  const modules: [string, ModuleNeeds][] = chosen.map((file) => [
    file.name,
    formNeeds(file, files, softDependencies.get(file.name)),
  ]);
  const names = new Set(chosen.map((file) => file.name));
  return {
    index: {
      release: texts.release,
      modules: Object.fromEntries(modules),
      builtin: unique(groups.flatMap((group) => group.builtin)),
    },
    aliases: groupAliases(
      aliases.filter((alias) => names.has(alias.module) && isUseful(alias.pattern)),
    ),
    files: chosen,
    groups,
  };
}

// Processors announce their features; the modules that speed up a checksum or cipher are loaded
// with it, by its name.
function isUseful(pattern: string): boolean {
  return !pattern.startsWith("cpu:");
}

function checkEssentials(
  release: string,
  files: ReadonlyMap<string, unknown>,
  builtin: ReadonlySet<string>,
) {
  const missing = essentialModules.filter(
    (names) => !names.some((name) => files.has(name) || builtin.has(name)),
  );
  if (missing.length === 0) return;
  const words = missing.map((names) => names.map((name) => `"${name}"`).join(" or "));
  throw new Failure(
    "not-found",
    `Cannot make an initramfs for kernel ${release}: it has no module ${words.join(" and no ")}`,
    "choose the modules of a kernel that can run live systems",
  );
}

function lookUpIn(groups: ReadonlyMap<string, AliasGroup>) {
  return (name: string): readonly string[] => {
    const found = aliasGroupNames(name).map((group) => groups.get(group));
    return unique(found.flatMap((group) => (group === undefined ? [] : matchAliases(group, name))));
  };
}

function findGroup(
  { group, modules, requests = [] }: WantedGroup,
  {
    files,
    builtin,
    resolve,
  }: {
    readonly files: ReadonlyMap<string, ModuleFile>;
    readonly builtin: ReadonlySet<string>;
    readonly resolve: (name: string) => readonly string[];
  },
): FoundGroup {
  const directories = modules.filter((module) => module.endsWith("/"));
  const names = modules.filter((module) => !module.endsWith("/")).map(normalName);
  const inDirectories = [...files.values()].filter((file) =>
    directories.includes(directoryOf(file.path)),
  );
  return {
    group,
    modules: unique([
      ...inDirectories.map((file) => file.name),
      ...names.filter((name) => files.has(name)),
      // What is built in, or unknown to this kernel, has no module that answers to it.
      ...requests.flatMap(resolve).filter((name) => files.has(name)),
    ]),
    builtin: names.filter((name) => !files.has(name) && builtin.has(name)),
    missing: names.filter((name) => !files.has(name) && !builtin.has(name)),
  };
}

/** Returns "drivers/ata/" for "kernel/drivers/ata/ahci.ko". */
function directoryOf(path: string): string {
  return path.slice(path.indexOf("/") + 1, path.lastIndexOf("/") + 1);
}

/**
 * Adds everything that modules need, hard and soft; the result is sorted by name, so that equal
 * input produces equal output.
 */
function close(
  wanted: readonly string[],
  files: ReadonlyMap<string, ModuleFile>,
  softDependencies: ReadonlyMap<string, ModuleNeeds>,
): ModuleFile[] {
  const chosen = new Map<string, ModuleFile>();
  const waiting = [...wanted];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const file = files.get(name);
    if (file === undefined || chosen.has(name)) continue;
    chosen.set(name, file);
    const { before = [], after = [] } = softDependencies.get(name) ?? {};
    waiting.push(...file.needs, ...before, ...after);
  }
  return [...chosen.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Keeps only the needs of a module that are not also needed indirectly: the index is read at every
 * boot.
 */
function formNeeds(
  file: ModuleFile,
  files: ReadonlyMap<string, ModuleFile>,
  { before = [], after = [] }: ModuleNeeds = {},
): ModuleNeeds {
  const indirect = new Set(file.needs.flatMap((name) => files.get(name)?.needs ?? []));
  const needs = file.needs.filter((name) => files.has(name) && !indirect.has(name));
  return {
    ...(needs.length > 0 && { needs }),
    ...(before.length > 0 && { before }),
    ...(after.length > 0 && { after }),
  };
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}
