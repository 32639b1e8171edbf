// A kernel's modules inside a squashfs image, unpacked by unsquashfs, and only those requested. An
// image may come from anywhere: a file is read only if it is really inside the unpacked directory.

import { isRelease } from "../../core/modules/module-files.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatQuoted } from "../../core/text/quoted.ts";
import type { System } from "../port/system.ts";
import { runTool } from "../port/tool.ts";
import type { ModuleTree } from "./module-tree.ts";

interface ImageRequest {
  readonly file: string;
  /** The kernel's release; undefined if the image must have only one. */
  readonly release: string | undefined;
  readonly work: string;
}

/**
 * Opens an image; throws a Failure if it is not one, or has no kernel or several to choose from.
 */
export function openModuleImage(system: System, request: ImageRequest): ModuleTree {
  const { file, work } = request;
  const image = formatQuoted(file);
  checkSignature(system, file);
  const listing = runTool(system, {
    action: `list the files of ${image}`,
    argv: ["unsquashfs", "-l", "-d", "root", file, "lib/modules", "usr/lib/modules"],
  });
  const { lib, release } = chooseKernel(request, parseListing(listing));
  const root = `${work}/image`;
  const unpack = (paths: readonly string[], action: string) => {
    const argv = ["unsquashfs", "-q", "-n", "-f", "-no-xattrs", "-d", root, file, ...paths];
    runTool(system, { action, argv });
  };
  const fetch = (directories: readonly string[], paths: readonly string[], action: string) => {
    const found = new Map<string, string>();
    for (const directory of directories) {
      const inside = paths.map((path) => `${directory}/${path}`);
      unpackLinked(system, { root, paths: inside }, (wanted) => unpack(wanted, action));
      for (const path of paths) {
        const file = `${root}/${directory}/${path}`;
        if (liesInside(system, root, `${directory}/${path}`)) found.set(path, file);
      }
    }
    return found;
  };
  const modules = `${lib}/modules/${release}`;
  unpack([`${modules}/modules.*`], `read the kernel modules in ${image}`);
  return {
    release,
    directory: `${root}/${modules}`,
    fetchModules(paths) {
      const inside = paths.map((path) => (path === "." ? modules : `${modules}/${path}`));
      unpack(inside, `unpack the kernel modules in ${image}`);
      const astray = inside.find((path) => !liesInside(system, root, path));
      if (astray === undefined) return `${root}/${modules}`;
      throw new Failure(
        "damaged",
        `Cannot unpack the kernel modules in ${image}: ${formatQuoted(astray)} is not in it`,
      );
    },
    fetchFirmware: (paths) =>
      fetch(["lib/firmware", "usr/lib/firmware"], paths, `unpack the firmware in ${image}`),
    fetchPrograms: (names) =>
      fetch(["bin", "sbin", "usr/bin", "usr/sbin"], names, `unpack the checkers in ${image}`),
  };
}

// Firmware is often a link to a link; a circle of them ends here.
const maximumLinks = 4;

/** Unpacks paths, and the targets of those that are symbolic links. */
function unpackLinked(
  system: System,
  { root, paths }: { readonly root: string; readonly paths: readonly string[] },
  unpack: (paths: readonly string[]) => void,
) {
  let wanted = paths;
  for (let round = 0; round <= maximumLinks && wanted.length > 0; round++) {
    unpack(wanted);
    wanted = wanted
      .filter((path) => system.linkStatus(`${root}/${path}`)?.kind === "link")
      .map((path) => followLink(path, system.readLink(`${root}/${path}`)));
  }
}

/** Returns the path that a relative link at `path` points to, without leaving the image. */
function followLink(path: string, target: string): string {
  const parts: string[] = [];
  for (const part of [...path.split("/").slice(0, -1), ...target.split("/")]) {
    if (part === "..") parts.pop();
    else if (part !== "." && part !== "") parts.push(part);
  }
  return parts.join("/");
}

function liesInside(system: System, root: string, path: string): boolean {
  if (system.status(`${root}/${path}`) === undefined) return false;
  return system.resolve(`${root}/${path}`).startsWith(`${system.resolve(root)}/`);
}

function checkSignature(system: System, file: string) {
  const signature = [0x68, 0x73, 0x71, 0x73];
  const start = system.readBytes(file, 0, signature.length);
  if (signature.every((byte, index) => start[index] === byte)) return;
  throw new Failure(
    "not-found",
    `Cannot read kernel modules from ${formatQuoted(file)}: it is not a squashfs image`,
    "name a directory lib/modules/RELEASE, or a squashfs image that contains one",
  );
}

interface Kernel {
  /** "lib" or "usr/lib". */
  readonly lib: string;
  readonly release: string;
}

function parseListing(listing: string): Kernel[] {
  const kernels = new Map<string, Kernel>();
  for (const line of listing.split("\n")) {
    const match = /^root\/(lib|usr\/lib)\/modules\/([^/]+)\//.exec(line);
    const [, lib, release] = match ?? [];
    if (lib === undefined || release === undefined || !isRelease(release)) continue;
    if (!kernels.has(release)) kernels.set(release, { lib, release });
  }
  return [...kernels.values()];
}

function chooseKernel({ file, release }: ImageRequest, kernels: readonly Kernel[]): Kernel {
  const fitting = kernels.filter((kernel) => release === undefined || kernel.release === release);
  const [first] = fitting;
  if (first !== undefined && fitting.length === 1) return first;
  const image = formatQuoted(file);
  const [any] = kernels;
  if (any === undefined) {
    throw new Failure(
      "not-found",
      `Cannot read kernel modules from ${image}: it has no lib/modules`,
      "name the image of a whole system",
    );
  }
  const list = kernels.map((kernel) => `"${kernel.release}"`).join(", ");
  const wanted = release === undefined ? "" : `, not those of ${formatQuoted(release)}`;
  throw new Failure(
    release === undefined ? "usage" : "not-found",
    `Cannot read kernel modules from ${image}: it contains those of ${list}${wanted}`,
    `name one: --modules ${file}:${any.release}`,
  );
}
