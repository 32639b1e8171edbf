// What early boot knows of the kernel modules in its initramfs, and the order in which they are put into the kernel.
// The index is one JSON file, because parsing JSON is native code in the engine and anything else is not.

import { normalName } from "./module-files.ts";

/** Is the index of the modules in an initramfs, as it is kept there. */
export interface ModuleIndex {
  /** uname's release of the kernel that the modules belong to. */
  readonly release: string;
  readonly modules: { readonly [name: string]: ModuleNeeds };
  /** Names of modules that were wanted and are part of the kernel itself. */
  readonly builtin: readonly string[];
}

/** Says what must be in the kernel before a module, and what else belongs to it. */
export interface ModuleNeeds {
  /** Modules without which it cannot be loaded; what they need in turn is said at them. */
  readonly needs?: readonly string[];
  /** Soft dependencies, to be loaded before and after; it works without them. */
  readonly before?: readonly string[];
  readonly after?: readonly string[];
}

/** Directory of the initramfs that holds the index, the aliases and the modules. */
export const moduleDirectory = "/lib/backstore";

/** Gives the path of a module in the initramfs. */
export function moduleFile(name: string): string {
  return `${moduleDirectory}/modules/${name}.ko.zst`;
}

/** Is the path of the index in the initramfs: a ModuleIndex as JSON. */
export const moduleIndexFile = `${moduleDirectory}/modules.json`;

/** Is the path of the aliases that hardware has, as formatAliasGroups() writes them. */
export const hardwareAliasFile = `${moduleDirectory}/aliases`;

/** Is the path of the group "names" as JSON: what the kernel asks for ("fs-ext4"), read without the others. */
export const nameAliasFile = `${moduleDirectory}/names.json`;

/** Tells whether the index has a module of that name. */
export function isIncluded(index: ModuleIndex, name: string): boolean {
  return Object.hasOwn(index.modules, normalName(name));
}

/** Plans in which order modules are loaded, with all they need and what is not loaded yet; unknown names are left out. */
export function planModules(
  index: ModuleIndex,
  wanted: readonly string[],
  isLoaded: (name: string) => boolean,
): string[] {
  const order: string[] = [];
  const seen = new Set<string>();
  const visit = (name: string) => {
    // Marked before what it needs is visited: a circle ends here.
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
