// Opens a kernel's modules in place: a lib/modules/RELEASE in a root tree, or a squashfs image that
// has one.

import { isRelease } from "../../core/modules/module-files.ts";
import { Failure } from "../../core/text/failure.ts";
import { directoryOf, joinPath } from "../../core/text/path.ts";
import { formatQuoted } from "../../core/text/quoted.ts";
import type { System } from "../port/system.ts";
import { openModuleImage } from "./module-image.ts";
import { findFirmware, type ModuleTree } from "./module-tree.ts";

/** Opens "DIR", "FILE" or "FILE:RELEASE"; `work` is an empty directory for temporary files. */
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
  const found =
    status === undefined ? "no such file or directory" : "it is neither a directory nor an image";
  throw new Failure(
    "not-found",
    `Cannot read kernel modules from ${formatQuoted(path)}: ${found}`,
    "name a directory lib/modules/RELEASE, or a squashfs image that contains one",
  );
}

function openDirectory(system: System, path: string): ModuleTree {
  const directory = system.resolve(path);
  const release = directory.slice(directory.lastIndexOf("/") + 1);
  const names = system.list(directory);
  if (!isRelease(release)) throw describeOther(path, names.filter(isRelease));
  if (!names.some((name) => name === "kernel" || name === "modules.dep")) {
    throw new Failure(
      "not-found",
      `Cannot read kernel modules from ${formatQuoted(path)}: it contains none`,
      "name a directory lib/modules/RELEASE that has modules",
    );
  }
  return {
    release,
    directory,
    fetchModules: () => directory,
    // lib/modules/RELEASE and lib/firmware are in one lib.
    fetchFirmware: (paths) =>
      findFirmware(system, joinPath(directoryOf(directoryOf(directory)), "firmware"), paths),
  };
}

function describeOther(path: string, releases: readonly string[]): Failure {
  const [first] = releases;
  if (first === undefined) {
    return new Failure(
      "not-found",
      `Cannot read kernel modules from ${formatQuoted(path)}: its name is not a kernel release such as "6.1.0-18-amd64"`,
      "name a directory lib/modules/RELEASE, or a squashfs image that contains one",
    );
  }
  const list = releases.map((release) => `"${release}"`).join(", ");
  return new Failure(
    "usage",
    `Cannot read kernel modules from ${formatQuoted(path)}: it contains those of ${list}`,
    `name one: --modules ${path.replace(/\/$/, "")}/${first}`,
  );
}
