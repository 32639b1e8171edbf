// The tree of the tarball, which every other package is installed from by its Makefile.

import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { runTool } from "../lib/tool.ts";
import type { Release } from "./release.ts";
import { formatSbom } from "./sbom.ts";

/** What is copied for people to read, if it is there. */
const documents = ["README.md", "CHANGELOG.md", "SECURITY.md", "docs/boot-options.md"];

/** Makes the tree in a directory of the work directory, and returns its path. */
export function makeTree(release: Release): string {
  const tree = join(release.work, `backstore-${release.version}`);
  for (const name of ["doc", "licenses"]) mkdirSync(join(tree, name), { recursive: true });
  for (const name of ["backstore", "backstore-addon.img"])
    copyFileSync(join("dist", name), join(tree, name));
  copyFileSync("packaging/Makefile", join(tree, "Makefile"));
  copyFileSync("LICENSE", join(tree, "LICENSE"));
  cpSync("initramfs", join(tree, "initramfs"), { recursive: true });
  for (const file of documents.filter(existsSync))
    copyFileSync(file, join(tree, "doc", file.split("/").at(-1) ?? file));
  runTool([process.execPath, "scripts/manual.mjs", join(tree, "man")]);
  runTool([process.execPath, "scripts/completions.mjs", join(tree, "completions")]);
  writeFileSync(join(tree, "doc/backstore.spdx.json"), formatSbom(release));
  writeLicenses(release, join(tree, "licenses"));
  setModes(tree);
  return tree;
}

/** What this project and each part of the executable asks to be given with a copy. */
function writeLicenses({ parts }: Release, directory: string): void {
  copyFileSync("LICENSE", join(directory, "backstore.txt"));
  for (const { name, text } of parts)
    writeFileSync(join(directory, `${name.replaceAll(/[@/]+/g, "-").replace(/^-/, "")}.txt`), text);
}

/** Installs the tree below a directory as a distribution wants it, and returns that directory. */
export function installTree(
  tree: string,
  { name, rules }: { name: string; rules: readonly string[] },
): string {
  const root = `${tree}-${name}`;
  mkdirSync(root);
  chmodSync(root, 0o755);
  runTool(["make", "--silent", "--directory", tree, `DESTDIR=${root}`, "PREFIX=/usr", ...rules]);
  for (const page of listFiles(join(root, "usr/share/man")))
    runTool(["gzip", "-9", "-n", join(root, "usr/share/man", page)]);
  setModes(root);
  return root;
}

/** Lists the files below a directory by their paths in it, sorted. */
export function listFiles(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .sort();
}

/**
 * Sets the modes that a package has, whatever the umask and those in the working tree are: anyone
 * may read, and what is a program may be started.
 */
export function setModes(directory: string): void {
  runTool(["chmod", "-R", "u=rwX,go=rX", directory]);
}
