// The packages of a base and of its merged tree, as dpkg and pacman have recorded them, and what
// has become of each. Facts: dpkg(1) ("Information about packages"), deb-control(5), and libalpm,
// which learns the names and versions of what is installed from the names of directories.

import type { Change } from "./change.ts";

/** A package that is installed. */
export interface Package {
  readonly name: string;
  readonly version: string;
  /** Where the list of its files is, in the directory of lists; the first of these that exists. */
  readonly lists: readonly string[];
}

/** What has become of a package, in the order of reports; a kept one has the same version. */
export const packageStates = ["added", "changed", "removed", "kept"] as const;

/** A package that the base or the merged tree has, and what was changed of it. */
export interface ComparedPackage {
  readonly name: string;
  readonly state: (typeof packageStates)[number];
  /** Undefined if it is removed. */
  readonly version: string | undefined;
  /** Undefined if it is added. */
  readonly baseVersion: string | undefined;
}

/** How much was changed. */
export interface ChangedSum {
  paths: number;
  bytes: number;
}

/** Adds a change to a sum, in place; what changes nothing does not count. */
export function addChange(sum: ChangedSum, { kind, bytes }: Change): void {
  if (kind === "same") return;
  sum.paths++;
  sum.bytes += bytes;
}

/** Compares packages by their names; sorted by state, then by name. */
export function comparePackages(
  base: ReadonlyMap<string, Package>,
  now: ReadonlyMap<string, Package>,
): ComparedPackage[] {
  const names = [...new Set([...base.keys(), ...now.keys()])].sort();
  const all = names.map((name) => compare(name, base.get(name), now.get(name)));
  return packageStates.flatMap((state) => all.filter((one) => one.state === state));
}

function compare(
  name: string,
  base: Package | undefined,
  now: Package | undefined,
): ComparedPackage {
  const versions = { name, version: now?.version, baseVersion: base?.version };
  if (base === undefined) return { ...versions, state: "added" };
  if (now === undefined) return { ...versions, state: "removed" };
  return { ...versions, state: base.version === now.version ? "kept" : "changed" };
}

/** Takes the lines of a file. */
export interface LineReader {
  readonly line: (line: string) => void;
  readonly end: () => void;
}

/** Reads dpkg's status file line by line, and tells the packages that are installed. */
export function readDpkgStatus(tell: (one: Package) => void): LineReader {
  let fields = new Map<string, string>();
  const end = () => {
    const one = describeDpkg(fields);
    if (one !== undefined) tell(one);
    fields = new Map();
  };
  return {
    line(line) {
      if (line === "") end();
      const name = dpkgFields.find((field) => line.startsWith(`${field}: `));
      if (name !== undefined) fields.set(name, line.slice(name.length + 2).trim());
    },
    end,
  };
}

const dpkgFields = ["Package", "Status", "Architecture", "Multi-Arch", "Version"];

/** What is left of a package in these states are its configuration files, or nothing. */
const absentStates = new Set(["not-installed", "config-files"]);

function describeDpkg(fields: ReadonlyMap<string, string>): Package | undefined {
  const name = fields.get("Package");
  const version = fields.get("Version");
  const state = fields.get("Status")?.split(" ")[2];
  if (!isFileName(name) || version === undefined || state === undefined) return undefined;
  if (absentStates.has(state)) return undefined;
  const full = `${name}:${fields.get("Architecture")}`;
  const lists = [name, full].filter(isFileName).map((one) => `${one}.list`);
  return fields.get("Multi-Arch") === "same"
    ? { name: full, version, lists: lists.toReversed() }
    : { name, version, lists };
}

function isFileName(name: string | undefined): name is string {
  return name !== undefined && name !== "" && !name.includes("/");
}

/** Identifies a package by the directory that pacman has of it; undefined if it is none. */
export function identifyPacmanPackage(directory: string): Package | undefined {
  const [, name, version] = /^(.+)-([^-]+-[^-]+)$/.exec(directory) ?? [];
  if (name === undefined || version === undefined) return undefined;
  return { name, version, lists: [`${directory}/files`] };
}

/** Reads dpkg's list of the files of a package, and tells their paths. */
export function readDpkgList(tell: (path: string) => void): LineReader {
  return { line: (line) => line.startsWith("/") && line !== "/." && tell(line), end: () => {} };
}

/** Reads pacman's list of the files of a package, and tells their paths. */
export function readPacmanList(tell: (path: string) => void): LineReader {
  let section = "";
  return {
    line(line) {
      if (line.startsWith("%")) section = line;
      else if (section === "%FILES%" && line !== "") tell(`/${line.replace(/\/$/, "")}`);
    },
    end() {},
  };
}
