// What early boot knows of the kernel modules in its initramfs, and the order in which they are
// loaded. The index is one JSON file, because parsing JSON is native code in the engine and parsing
// anything else is not.

import { normalName } from "./module-files.ts";

/** The index of the modules in an initramfs, as it is stored there. */
export interface ModuleIndex {
  /** The release (uname -r) of the kernel that the modules belong to. */
  readonly release: string;
  readonly modules: { readonly [name: string]: ModuleNeeds };
  /** The names of wanted modules that are built into the kernel. */
  readonly builtin: readonly string[];
  /** Modules to load before all others, because those are loaded faster then. */
  readonly first?: readonly string[];
}

/** The modules that must be in the kernel before a module, and those that belong to it. */
export interface ModuleNeeds {
  /** Modules without which it cannot be loaded; their own needs are listed with them. */
  readonly needs?: readonly string[];
  /** Soft dependencies, to be loaded before and after; it works without them. */
  readonly before?: readonly string[];
  readonly after?: readonly string[];
}

/** The directory of the initramfs that contains the index, the aliases and the modules. */
export const moduleDirectory = "/lib/backstore";

/** Returns the path of a module in the initramfs. */
export function moduleFile(name: string): string {
  return `${moduleDirectory}/modules/${name}.ko.zst`;
}

/** The path of the index in the initramfs: a ModuleIndex as JSON. */
export const moduleIndexFile = `${moduleDirectory}/modules.json`;

/** The path of the hardware aliases, as formatAliasGroups() writes them. */
export const hardwareAliasFile = `${moduleDirectory}/aliases`;

/**
 * The path of the group "names" as JSON: what the kernel requests ("fs-ext4"), read without the
 * others.
 */
export const nameAliasFile = `${moduleDirectory}/names.json`;

/** Returns whether the index has a module with that name. */
export function isIncluded(index: ModuleIndex, name: string): boolean {
  return Object.hasOwn(index.modules, normalName(name));
}

/**
 * Returns the order in which to load modules, with everything they need that is not loaded yet;
 * unknown names are left out.
 */
export function planModules(
  index: ModuleIndex,
  wanted: readonly string[],
  isLoaded: (name: string) => boolean,
): string[] {
  const order: string[] = [];
  const seen = new Set<string>();
  const visit = (name: string) => {
    // Marked before its needs are visited, so that a circle ends here.
    if (seen.has(name)) return;
    seen.add(name);
    if (!Object.hasOwn(index.modules, name) || isLoaded(name)) return;
    const { before = [], needs = [], after = [] } = index.modules[name] ?? {};
    for (const other of before) visit(other);
    for (const other of needs) visit(other);
    order.push(name);
    for (const other of after) visit(other);
  };
  for (const name of wanted) visit(normalName(name));
  return order;
}

/**
 * Returns whether a module is a driver of disks that answer at once and number their disks
 * themselves (vda, nvme0n1, mmcblk0), or a bus that such disks are attached to: the order in which
 * others find theirs (sda …) does not affect them.
 */
export function isPromptModule(module: string): boolean {
  return promptModules.includes(module);
}

const promptModules = ["virtio_pci", "virtio_blk", "nvme", "vmd", "xen_blkfront"];

/** The buses that such disks are attached to, by their names in /sys/bus. */
export const promptBuses: readonly string[] = ["pci", "virtio", "xen"];
