// The packages under test, made once from what they are made of.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { makeOnce } from "../../scripts/lib/cache.ts";
import { runTool } from "../../scripts/lib/tool.ts";

/** The directory of the packages, and each by what it is for. */
export interface Packages {
  readonly directory: string;
  readonly deb: string;
  readonly rpm: string;
  readonly arch: string;
  readonly tarball: string;
  readonly sbom: string;
}

/** What the date of all packages under test is. */
export const epoch = "1700000000";

const sources = [
  ...["packaging", "initramfs", "scripts", "docs", "package.json"],
  ...["LICENSE", "README.md", "SECURITY.md", "CHANGELOG.md"],
  ...["dist/backstore", "dist/backstore-addon.img"],
];

/** Returns the packages of what has been built. */
export function makePackages(): Packages {
  const directory = makeOnce({
    name: "packages",
    inputs: sources.flatMap(listFiles).flatMap((file) => [file, readFileSync(file)]),
    make: (path) => pack(".", path),
  });
  return findPackages(directory);
}

/** Packs what was built in a tree into a directory, with a file mode creation mask. */
export function pack(tree: string, output: string, mask = "022"): void {
  const argv = ["scripts/run-ts", "scripts/package.ts", "--output", resolve(output)];
  runTool(["sh", "-c", 'umask "$1" && shift && exec "$@"', "sh", mask, ...argv], {
    directory: tree,
    environment: { SOURCE_DATE_EPOCH: epoch },
  });
}

function findPackages(directory: string): Packages {
  const find = (end: string) =>
    join(directory, readdirSync(directory).find((name) => name.endsWith(end)) ?? end);
  return {
    directory,
    deb: find(".deb"),
    rpm: find(".rpm"),
    arch: find(".pkg.tar.zst"),
    tarball: find(".tar.xz"),
    sbom: find(".spdx.json"),
  };
}

function listFiles(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
