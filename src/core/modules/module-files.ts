// The text files that depmod writes to lib/modules/VERSION: the dependencies and aliases of
// modules. Lines that cannot be parsed are skipped, as in modprobe.
// Facts: depmod.d(5), modules.dep(5).

/** One module of modules.dep. */
export interface ModuleFile {
  readonly name: string;
  /** Relative to lib/modules/VERSION: "kernel/fs/ext4/ext4.ko.xz". */
  readonly path: string;
  /** The names of all modules that it depends on, directly or indirectly. */
  readonly needs: readonly string[];
}

/**
 * The modules, by names or aliases, that should be loaded before and after a module; it works
 * without them.
 */
interface SoftDependency {
  readonly module: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** One line of modules.alias: the module handles every name that matches the pattern. */
export interface ModuleAlias {
  readonly pattern: string;
  readonly module: string;
}

/**
 * Returns the canonical spelling of a module's name or of an alias: "-" and "_" are the same,
 * except inside brackets.
 */
export function normalName(name: string): string {
  if (!name.includes("-")) return name;
  let normal = "";
  for (let at = 0; at < name.length; ) {
    const bracket = name.indexOf("[", at);
    const end = bracket < 0 ? -1 : name.indexOf("]", bracket);
    const next = end < 0 ? name.length : bracket;
    normal += name.slice(at, next).replaceAll("-", "_");
    at = end < 0 ? next : end + 1;
    normal += name.slice(next, at);
  }
  return normal;
}

/**
 * Returns the name of the module in a file ("kernel/fs/nls/nls_iso8859-1.ko.xz" is
 * "nls_iso8859_1").
 */
export function moduleName(path: string): string {
  const file = path.slice(path.lastIndexOf("/") + 1);
  return normalName(file.replace(/\.ko(\.\w+)?$/, ""));
}

/** Returns whether a name can be a kernel's release (uname -r), which starts with two numbers. */
export function isRelease(name: string): boolean {
  return /^\d+\.\d[\w.+~-]*$/.test(name);
}

/** Parses modules.dep. */
export function parseDependencies(text: string): ModuleFile[] {
  const files: ModuleFile[] = [];
  for (const line of text.split("\n")) {
    const colon = line.indexOf(":");
    if (colon <= 0) continue;
    const path = line.slice(0, colon).trim();
    const needs = words(line.slice(colon + 1)).map(moduleName);
    if (isSafePath(path)) files.push({ name: moduleName(path), path, needs });
  }
  return files;
}

/** Parses modules.softdep; several lines of one module add up. */
export function parseSoftDependencies(text: string): SoftDependency[] {
  const found = new Map<string, { before: string[]; after: string[] }>();
  for (const line of text.split("\n")) {
    const [keyword, module, ...rest] = words(line);
    if (keyword !== "softdep" || module === undefined) continue;
    const name = normalName(module);
    const entry = found.get(name) ?? { before: [], after: [] };
    found.set(name, entry);
    let list: string[] | undefined;
    for (const word of rest) {
      if (word === "pre:") list = entry.before;
      else if (word === "post:") list = entry.after;
      else list?.push(normalName(word));
    }
  }
  return [...found].map(([module, { before, after }]) => ({ module, before, after }));
}

// The longest names from the kernel (dmi:…) have some hundred characters.
const maximumLine = 4096;

/** Parses modules.alias. */
export function parseAliases(text: string): ModuleAlias[] {
  const aliases: ModuleAlias[] = [];
  for (const line of text.split("\n")) {
    if (!line.startsWith("alias ") || line.length > maximumLine) continue;
    // A pattern may contain spaces (dmi:…); the module is the last word.
    const last = line.trimEnd().lastIndexOf(" ");
    if (last <= 5) continue;
    const pattern = normalName(line.slice(6, last).trim());
    aliases.push({ pattern, module: normalName(line.slice(last + 1).trim()) });
  }
  return aliases;
}

/** Parses modules.builtin into the names of the modules that are part of the kernel. */
export function parseBuiltin(text: string): string[] {
  return words(text).map(moduleName);
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

// The paths become files that are read and packed, so one that leaves the directory is refused.
function isSafePath(path: string): boolean {
  return !path.startsWith("/") && !path.split("/").includes("..");
}
