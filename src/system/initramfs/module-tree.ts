// A kernel's modules where they lie: a lib/modules/RELEASE in a root tree, or a squashfs image that has one. Both look
// alike here: texts of depmod and files on demand. Nothing is written but in a working directory.

import type { ModuleTexts } from "../../core/initramfs/module-selection.ts";
import { isRelease } from "../../core/modules/module-files.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatQuoted } from "../../core/text/quoted.ts";
import { listIfPresent, readIfPresent } from "../port/files.ts";
import type { System } from "../port/system.ts";
import { runTool } from "../port/tool.ts";
import { openModuleImage } from "./module-image.ts";

/** Gives a kernel's modules. */
export interface ModuleTree {
  readonly release: string;
  /** A directory with what there is of depmod's files. */
  readonly directory: string;
  /** Makes files of the modules' directory readable, and gives the path that they are relative to. */
  readonly fetchModules: (paths: readonly string[]) => string;
  /** Gives where files of lib/firmware are; those that are not there are left out. */
  readonly fetchFirmware: (paths: readonly string[]) => ReadonlyMap<string, string>;
}

/** Opens "DIR", "FILE" or "FILE:RELEASE"; `work` is an empty directory that may be filled. */
export function openModuleTree(system: System, path: string, work: string): ModuleTree {
  const status = system.status(path);
  if (status?.kind === "directory") return openDirectory(system, path);
  if (status?.kind === "file")
    return openModuleImage(system, { file: path, release: undefined, work });
  const colon = path.lastIndexOf(":");
  const file = path.slice(0, Math.max(colon, 0));
  if (status === undefined && colon > 0 && system.status(file)?.kind === "file") {
    return openModuleImage(system, { file, release: path.slice(colon + 1), work });
  }
  const found = status === undefined ? "there is no such file" : "it is no directory and no image";
  throw new Failure(
    "not-found",
    `Cannot read kernel modules from ${formatQuoted(path)}: ${found}`,
    "name a directory lib/modules/RELEASE, or a squashfs image that has one",
  );
}

/** Gives where files of a firmware directory are; those that are not there are left out. */
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

/** Reads depmod's files, made by depmod in the working directory where they are missing. */
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

function openDirectory(system: System, path: string): ModuleTree {
  const directory = system.resolve(path);
  const release = directory.slice(directory.lastIndexOf("/") + 1);
  const names = system.list(directory);
  if (!isRelease(release)) throw describeOther(path, names.filter(isRelease));
  if (!names.some((name) => name === "kernel" || name === "modules.dep")) {
    throw new Failure(
      "not-found",
      `Cannot read kernel modules from ${formatQuoted(path)}: there are none`,
      "name a directory lib/modules/RELEASE that has modules",
    );
  }
  return {
    release,
    directory,
    fetchModules: () => directory,
    // lib/modules/RELEASE and lib/firmware lie in one lib.
    fetchFirmware: (paths) =>
      findFirmware(system, directory.replace(/[^/]*\/[^/]*$/, "firmware"), paths),
  };
}

function describeOther(path: string, releases: readonly string[]): Failure {
  const [first] = releases;
  if (first === undefined) {
    return new Failure(
      "not-found",
      `Cannot read kernel modules from ${formatQuoted(path)}: its name is not a kernel's release, such as "6.1.0-18-amd64"`,
      "name a directory lib/modules/RELEASE, or a squashfs image that has one",
    );
  }
  const list = releases.map((release) => `"${release}"`).join(", ");
  return new Failure(
    "usage",
    `Cannot read kernel modules from ${formatQuoted(path)}: it holds those of ${list}`,
    `name one: --modules ${path.replace(/\/$/, "")}/${first}`,
  );
}

/** Runs depmod on a directory that only points to the modules, because the real one may be read-only. */
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
    action: `list what the kernel modules of ${tree.release} need`,
    argv: ["depmod", "-b", base, tree.release],
  });
  return directory;
}
