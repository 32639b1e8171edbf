// Loads kernel modules from the initramfs (core/modules/module-index.ts): for the hardware that is
// present, for a file system, or by name. A module that cannot be loaded is reported, never thrown:
// booting continues without it.

import { driverOf } from "../../core/file-systems/mounting.ts";
import {
  type AliasGroup,
  aliasGroupNames,
  matchAliases,
  noAliases,
  parseAliasGroup,
  parseAliasLines,
} from "../../core/modules/module-aliases.ts";
import { moduleName, normalName } from "../../core/modules/module-files.ts";
import {
  hardwareAliasFile,
  isIncluded,
  type ModuleIndex,
  moduleFile,
  moduleIndexFile,
  nameAliasFile,
  planModules,
} from "../../core/modules/module-index.ts";
import { type ModuleSettings, parseModuleSettings } from "../../core/modules/module-settings.ts";
import { listIfPresent, readIfPresent } from "../port/files.ts";
import { errnoOf, type System } from "../port/system.ts";

/** The modules of the initramfs, and what was done with them. */
export interface ModuleLibrary {
  readonly index: ModuleIndex;
  readonly settings: ModuleSettings;
  /** Why no module can be loaded at all; undefined if they can. */
  readonly problem: string | undefined;
  readonly aliases: AliasCache;
  /** Modules that are loaded, or were refused by the kernel: none of them is tried again. */
  readonly tried: Set<string>;
  /**
   * Whether modules are loaded while drivers loaded by others still probe their devices; otherwise
   * the kernel waits for them, whatever is loaded (do_init_module in Linux's kernel/module/main.c).
   */
  isHurried: boolean;
}

/** The aliases that were read so far. */
interface AliasCache {
  /** Those of hardware by group, as text. */
  lines: ReadonlyMap<string, string> | undefined;
  readonly groups: Map<string, AliasGroup>;
  /** The modules for each name that was looked up. */
  readonly matches: Map<string, readonly string[]>;
}

/** The result of loading. */
interface LoadResult {
  /** Modules that were loaded now, in that order. */
  readonly inserted: readonly string[];
  readonly problems: readonly ModuleProblem[];
}

/** A module that the kernel refused, with the errno's name. */
export interface ModuleProblem {
  readonly module: string;
  readonly errno: string;
}

/**
 * Reads the initramfs's index of modules; needs /proc. An unusable one results in an empty library
 * with its problem.
 */
export function readModules(system: System): ModuleLibrary {
  const release = system.kernel().release;
  const text = readIfPresent(system, moduleIndexFile);
  // The file is our own, written by "backstore initramfs".
  const index = text === undefined ? undefined : (JSON.parse(text) as ModuleIndex);
  const isUsable = index?.release === release;
  return {
    index: index !== undefined && isUsable ? index : { release, modules: {}, builtin: [] },
    settings: parseModuleSettings(readIfPresent(system, "/proc/cmdline") ?? ""),
    problem: isUsable ? undefined : describeMismatch(index, release),
    aliases: {
      lines: isUsable ? undefined : new Map(),
      groups: new Map(),
      matches: new Map(),
    },
    tried: new Set(readLoaded(system)),
    isHurried: false,
  };
}

/**
 * Loads modules by name with their dependencies; names that the initramfs does not have are left
 * out.
 */
export function loadModules(
  system: System,
  library: ModuleLibrary,
  names: readonly string[],
): LoadResult {
  const inserted: string[] = [];
  const problems: ModuleProblem[] = [];
  for (const module of planModules(library.index, names, (name) => library.tried.has(name))) {
    library.tried.add(module);
    const errno = insert(system, library, module);
    if (errno === undefined) inserted.push(module);
    else if (!isNormal(errno)) problems.push({ module, errno });
  }
  return { inserted, problems };
}

/** Registers the modules that the kernel has by now, whoever loaded them. */
export function refreshModules(system: System, library: ModuleLibrary): void {
  for (const module of readLoaded(system)) library.tried.add(module);
}

/**
 * The devices that were examined already, so that a later round reads only new ones, and the buses
 * of interest.
 */
export interface HardwareRound {
  readonly seen: Set<string>;
  /** Names below /sys/bus; all that have drivers if undefined. */
  readonly buses?: readonly string[];
  readonly isWanted?: (module: string) => boolean;
}

/** Loads the modules for the devices that are present. */
export function loadForHardware(
  system: System,
  library: ModuleLibrary,
  round: HardwareRound,
): LoadResult {
  return loadModules(system, library, matchHardware(system, library, round));
}

/** Returns the modules for the devices that are present and were not examined before. */
export function matchHardware(
  system: System,
  library: ModuleLibrary,
  { seen, buses, isWanted = () => true }: HardwareRound,
): readonly string[] {
  const present = new Set<string>();
  const names = new Set<string>();
  const allBuses = listIfPresent(system, "/sys/bus");
  for (const bus of buses ?? allBuses.filter((name) => !busesWithoutDrivers.has(name))) {
    for (const device of listIfPresent(system, `/sys/bus/${bus}/devices`)) {
      const path = `/sys/bus/${bus}/devices/${device}/modalias`;
      present.add(path);
      if (seen.has(path)) continue;
      seen.add(path);
      const modalias = readIfPresent(system, path)?.trim();
      if (modalias !== undefined && modalias !== "") names.add(modalias);
    }
  }
  // After a device is removed, another one may have the same path.
  for (const path of seen) if (!present.has(path)) seen.delete(path);

  const modules = [...names].flatMap((name) => matchModules(system, library, name));
  return modules.filter((module) => isWanted(module) && !library.settings.blacklist.has(module));
}

/**
 * Loads the module for a kernel's request: a module's name or an alias ("fs-ext4"). Undefined if
 * there is none.
 */
export function loadByName(
  system: System,
  library: ModuleLibrary,
  name: string,
): LoadResult | undefined {
  const module = normalName(name);
  if (isIncluded(library.index, module)) return loadModules(system, library, [module]);
  const modules = matchModules(system, library, name);
  if (modules.length > 0) return loadModules(system, library, modules);
  const isBuiltin = library.index.builtin.includes(module);
  return isBuiltin ? { inserted: [], problems: [] } : undefined;
}

/**
 * The result of loading a file system, and the kernel's name for it; undefined if the kernel cannot
 * mount it.
 */
interface FileSystemResult extends LoadResult {
  readonly driver: string | undefined;
}

/** Makes the kernel able to mount a file system, given by blkid's name for its type. */
export function loadFileSystem(
  system: System,
  library: ModuleLibrary,
  type: string,
): FileSystemResult {
  const helpers = loadModules(system, library, fileSystemHelpers[type] ?? []);
  const drivers = [driverOf(type) ?? type, ...(otherDrivers[type] ?? [])];
  const known = readFileSystems(system);
  const ready = drivers.find((driver) => known.has(driver));
  if (ready !== undefined) return { ...helpers, driver: ready };

  const driver = drivers.find((one) => isIncluded(library.index, moduleOf(one)));
  if (driver === undefined) return { ...helpers, driver: undefined };
  const module = moduleOf(driver);
  const { inserted, problems } = loadModules(system, library, [module]);
  return {
    inserted: [...helpers.inserted, ...inserted],
    problems: [...helpers.problems, ...problems],
    driver: inserted.includes(module) ? driver : undefined,
  };
}

// Kernels without the usual driver may have an older one.
const otherDrivers: { readonly [type: string]: readonly string[] | undefined } = {
  ext2: ["ext2"],
  ext3: ["ext3"],
  ntfs: ["ntfs"],
};

function moduleOf(driver: string): string {
  return driver === "iso9660" ? "isofs" : driver;
}

// vfat requests its code page and character set by name, each time by starting modprobe. Which ones
// depends on the kernel's configuration, which it does not report; 437 with "ascii", "iso8859-1" or
// "utf8" are the only ones in use.
/** Modules that the driver of a file system needs besides, by blkid's name for its type. */
export const fileSystemHelpers: { readonly [type: string]: readonly string[] | undefined } = {
  vfat: ["nls_cp437", "nls_ascii", "nls_iso8859-1", "nls_utf8"],
};

// Buses whose devices need no driver from us; some of them have thousands.
const busesWithoutDrivers: ReadonlySet<string> = new Set([
  ..."clockevents clocksource container cpu edac event_source machinecheck memory node workqueue".split(
    " ",
  ),
]);

function insert(system: System, library: ModuleLibrary, module: string): string | undefined {
  try {
    const parameters = [
      library.settings.parameters.get(module),
      library.isHurried ? "async_probe" : undefined,
    ];
    system.insertModule(
      moduleFile(module),
      parameters.filter((text) => text !== undefined).join(" "),
    );
    return undefined;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === undefined) throw error;
    return errno;
  }
}

// It is loaded already, or the machine has no hardware for it.
function isNormal(errno: string): boolean {
  return errno === "EEXIST" || errno === "ENODEV" || errno === "ENXIO";
}

// A child process begins with what its parent has matched.
function matchModules(system: System, { aliases }: ModuleLibrary, name: string): readonly string[] {
  const known = aliases.matches.get(name) ?? readMatches(system, aliases, name);
  aliases.matches.set(name, known);
  return known;
}

function readMatches(system: System, aliases: AliasCache, name: string): readonly string[] {
  return aliasGroupNames(name).flatMap((groupName) => {
    const group = aliases.groups.get(groupName) ?? readGroup(system, aliases, groupName);
    aliases.groups.set(groupName, group);
    return matchAliases(group, name);
  });
}

function readGroup(system: System, aliases: AliasCache, name: string): AliasGroup {
  if (name === "names") {
    const text = readIfPresent(system, nameAliasFile);
    return text === undefined ? noAliases : parseAliasGroup(text);
  }
  aliases.lines ??= parseAliasLines(readIfPresent(system, hardwareAliasFile) ?? "");
  const text = aliases.lines.get(name);
  return text === undefined ? noAliases : parseAliasGroup(text);
}

/** Reads the kernel's names of the file systems that it can mount. */
export function readFileSystems(system: System): ReadonlySet<string> {
  const lines = (readIfPresent(system, "/proc/filesystems") ?? "").split("\n");
  return new Set(lines.map((line) => line.slice(line.indexOf("\t") + 1).trim()));
}

function readLoaded(system: System): string[] {
  const lines = (readIfPresent(system, "/proc/modules") ?? "").split("\n");
  return lines.filter((line) => line !== "").map((line) => moduleName(line.split(" ")[0] ?? ""));
}

function describeMismatch(index: ModuleIndex | undefined, release: string): string {
  if (index === undefined) return "the initramfs has no index of modules";
  return `the initramfs has modules of kernel "${index.release}", but "${release}" is running`;
}
