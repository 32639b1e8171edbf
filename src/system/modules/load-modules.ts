// Puts kernel modules into the kernel from what the initramfs holds (core/modules/module-index.ts): for the hardware that is there,
// for a file system, or by name. A module that cannot be loaded is told, never thrown: booting goes on without it.

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

/** Holds the modules of the initramfs, and what was done with them. */
export interface ModuleLibrary {
  readonly index: ModuleIndex;
  readonly settings: ModuleSettings;
  /** Why no module can be loaded at all; undefined when they can. */
  readonly problem: string | undefined;
  readonly aliases: AliasCache;
  /** Modules that are in the kernel, or were refused by it: none of them is tried again. */
  readonly tried: Set<string>;
  /**
   * Whether loading goes on while drivers that others loaded still look for their devices; the kernel waits for them
   * otherwise, whatever is loaded (do_init_module in Linux's kernel/module/main.c).
   */
  isHurried: boolean;
}

/** Holds what was read of the aliases until now. */
interface AliasCache {
  /** Those of hardware by group, as text. */
  lines: ReadonlyMap<string, string> | undefined;
  readonly groups: Map<string, AliasGroup>;
}

/** Tells what loading did. */
interface LoadResult {
  /** Modules that are new in the kernel, in that order. */
  readonly inserted: readonly string[];
  readonly problems: readonly ModuleProblem[];
}

/** Says that the kernel refused a module, by the errno's name. */
export interface ModuleProblem {
  readonly module: string;
  readonly errno: string;
}

/** Reads the initramfs's index of modules; needs /proc. An unusable one is an empty library with its problem. */
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
    aliases: { lines: isUsable ? undefined : new Map(), groups: new Map() },
    tried: new Set(readLoaded(system)),
    isHurried: false,
  };
}

/** Loads modules by name with all they need; names that the initramfs does not have are left out. */
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

/** Takes notice of the modules that are in the kernel by now, whoever loaded them. */
export function refreshModules(system: System, library: ModuleLibrary): void {
  for (const module of readLoaded(system)) library.tried.add(module);
}

/** Says which devices were looked at, so that a later round reads only new ones, and what is of interest. */
export interface HardwareRound {
  readonly seen: Set<string>;
  /** Names below /sys/bus; all that have drivers if left out. */
  readonly buses?: readonly string[];
  readonly isWanted?: (module: string) => boolean;
}

/** Loads what answers to the devices that are there. */
export function loadForHardware(
  system: System,
  library: ModuleLibrary,
  round: HardwareRound,
): LoadResult {
  return loadModules(system, library, matchHardware(system, library, round));
}

/** Tells which modules answer to the devices that are there and were not looked at before. */
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
  // What was pulled out may come back as something else under the same path.
  for (const path of seen) if (!present.has(path)) seen.delete(path);

  const modules = [...names].flatMap((name) => matchModules(system, library, name));
  return modules.filter((module) => isWanted(module) && !library.settings.blacklist.has(module));
}

/** Loads what serves a kernel's request: a module's name or an alias ("fs-ext4"). Undefined when nothing answers to it. */
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

/** Tells what loading a file system did, and the kernel's name for it; undefined when the kernel cannot mount it. */
interface FileSystemResult extends LoadResult {
  readonly driver: string | undefined;
}

/** Makes the kernel able to mount a file system, given by blkid's word for its type. */
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

// vfat asks for its code page and character set by name, each time by starting modprobe. Which ones is the kernel's
// configuration, which it does not tell; 437 with "ascii", "iso8859-1" or "utf8" are all that is seen.
const fileSystemHelpers: { readonly [type: string]: readonly string[] | undefined } = {
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

// It is there already, or the machine has nothing that it could serve.
function isNormal(errno: string): boolean {
  return errno === "EEXIST" || errno === "ENODEV" || errno === "ENXIO";
}

function matchModules(system: System, { aliases }: ModuleLibrary, name: string): string[] {
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

function readFileSystems(system: System): ReadonlySet<string> {
  const lines = (readIfPresent(system, "/proc/filesystems") ?? "").split("\n");
  return new Set(lines.map((line) => line.slice(line.indexOf("\t") + 1).trim()));
}

function readLoaded(system: System): string[] {
  const lines = (readIfPresent(system, "/proc/modules") ?? "").split("\n");
  return lines.filter((line) => line !== "").map((line) => moduleName(line.split(" ")[0] ?? ""));
}

function describeMismatch(index: ModuleIndex | undefined, release: string): string {
  if (index === undefined) return "the initramfs has no index of modules";
  return `the initramfs has modules of the kernel "${index.release}", and "${release}" is running`;
}
