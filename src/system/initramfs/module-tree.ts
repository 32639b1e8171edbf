// A kernel's modules in a directory or an image: both have the same interface here, depmod's files
// as texts, and other files on demand. Nothing is written except in a working directory.

import type { ModuleTexts } from "../../core/initramfs/module-selection.ts";
import { listIfPresent, readIfPresent } from "../port/files.ts";
import type { System } from "../port/system.ts";
import { runTool } from "../port/tool.ts";

/** A source of a kernel's modules. */
export interface ModuleTree {
  readonly release: string;
  /** A directory with those of depmod's files that exist. */
  readonly directory: string;
  /**
   * Makes files of the modules' directory readable, and returns the path that they are relative to.
   */
  readonly fetchModules: (paths: readonly string[]) => string;
  /** Returns where files of lib/firmware are; missing ones are left out. */
  readonly fetchFirmware: (paths: readonly string[]) => ReadonlyMap<string, string>;
  /**
   * Returns where programs of the system are that the modules belong to, by their names; undefined
   * if that is not known.
   */
  readonly fetchPrograms?: (names: readonly string[]) => ReadonlyMap<string, string>;
}

/** Returns where files of a firmware directory are; missing ones are left out. */
export function findFirmware(
  system: System,
  directory: string,
  paths: readonly string[],
): ReadonlyMap<string, string> {
  const found = paths
    .map((path): [string, string] => [path, `${directory}/${path}`])
    .filter(([, file]) => system.status(file)?.kind === "file");
  return new Map(found);
}

/** Reads depmod's files; runs depmod in the working directory if they are missing. */
export function readModuleTexts(system: System, tree: ModuleTree, work: string): ModuleTexts {
  const isComplete = ["dep", "alias", "softdep"].every(
    (name) => system.status(`${tree.directory}/modules.${name}`) !== undefined,
  );
  const directory = isComplete ? tree.directory : runDepmod(system, tree, work);
  const read = (name: string) => readIfPresent(system, `${directory}/modules.${name}`) ?? "";
  return {
    release: tree.release,
    dependencies: read("dep"),
    softDependencies: read("softdep"),
    aliases: read("alias"),
    builtin: read("builtin"),
  };
}

/**
 * Runs depmod on a directory that only points to the modules, because the real one may be
 * read-only.
 */
function runDepmod(system: System, tree: ModuleTree, work: string): string {
  const source = tree.fetchModules(["."]);
  const base = `${work}/depmod`;
  const directory = `${base}/lib/modules/${tree.release}`;
  // Some builds of depmod look in usr/lib.
  for (const path of [base, `${base}/lib`, `${base}/lib/modules`, directory, `${base}/usr`]) {
    system.makeDirectory(path);
  }
  system.makeLink(`${base}/usr/lib`, "../lib");
  const written = /^modules\.(dep|alias|softdep|symbols|devname|builtin\.alias)(\.bin)?$|\.bin$/;
  for (const name of listIfPresent(system, source)) {
    if (name === "build" || name === "source" || written.test(name)) continue;
    system.makeLink(`${directory}/${name}`, `${source}/${name}`);
  }
  runTool(system, {
    action: `list the dependencies of the kernel modules of ${tree.release}`,
    argv: ["depmod", "-b", base, tree.release],
  });
  return directory;
}
