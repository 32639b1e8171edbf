// The package databases in a merged tree, read through its layers without following a link.

import { decodeByteText, encodeByteText } from "../../core/bytes/byte-text.ts";
import { decodeName } from "../../core/bytes/utf.ts";
import { upperLayer } from "../../core/changes/compare-layers.ts";
import { findBelow, type LowerLayers, rootPlaces } from "../../core/changes/find-below.ts";
import {
  identifyPacmanPackage,
  type LineReader,
  type Package,
  readDpkgList,
  readDpkgStatus,
  readPacmanList,
} from "../../core/changes/packages.ts";
import { Failure } from "../../core/text/failure.ts";
import type { OpenFile, System } from "../port/system.ts";
import type { OpenOverlay } from "./inspect-changes.ts";

/** The merged tree of some layers. */
export interface MergedTree {
  readonly merged: LowerLayers;
  /** The number of its first layer in the overlay. */
  readonly first: number;
  readonly placeOf: OpenOverlay["placeOf"];
}

/** Returns the merged tree of an overlay without its upper directory, and that with it. */
export function treesOf({ upper, lower, placeOf }: OpenOverlay): {
  readonly base: MergedTree;
  readonly now: MergedTree;
} {
  const layers = [upper, ...lower.layers];
  return {
    base: { merged: lower, first: 0, placeOf },
    now: { merged: { ...lower, layers }, first: upperLayer, placeOf },
  };
}

/** Returns whether a tree has something at a path. */
export function isInTree({ merged }: MergedTree, path: string): boolean {
  return findBelow(merged, rootPlaces(merged), path) !== undefined;
}

/** A kind of package database. */
export interface PackageDatabase {
  readonly name: "dpkg" | "pacman";
  /** Reads the packages that are installed. */
  readonly packages: (system: System, tree: MergedTree) => Map<string, Package>;
  /** The directory with the lists of files. */
  readonly lists: string;
  readonly readList: (tell: (path: string) => void) => LineReader;
}

const pacmanDirectory = "/var/lib/pacman/local";

/** The databases that can be read. */
export const packageDatabases: readonly PackageDatabase[] = [
  {
    name: "dpkg",
    packages(system, tree) {
      const found = openPackages();
      readLines(system, tree, { path: "/var/lib/dpkg/status", reader: readDpkgStatus(found.add) });
      return found.packages;
    },
    lists: "/var/lib/dpkg/info",
    readList: readDpkgList,
  },
  {
    name: "pacman",
    packages(_, { merged }) {
      const found = openPackages();
      const places = findBelow(merged, rootPlaces(merged), pacmanDirectory)?.places ?? [];
      for (const { layer, path } of places)
        for (const names of merged.layers[layer]?.list(path) ?? [])
          for (const name of names) {
            const one = identifyPacmanPackage(name);
            // A layer below may have it, where one above removes it.
            const isThere = findBelow(merged, places, name)?.entry.kind === "directory";
            if (one !== undefined && isThere) found.add(one);
          }
      return found.packages;
    },
    lists: pacmanDirectory,
    readList: readPacmanList,
  },
];

/** No system has as many packages. */
const mostPackages = 100_000;

function openPackages(): { packages: Map<string, Package>; add: (one: Package) => void } {
  const packages = new Map<string, Package>();
  return {
    packages,
    add(one) {
      packages.set(one.name, one);
      if (packages.size > mostPackages)
        throw new Failure(
          "unsafe",
          `Cannot tell packages: there are more than ${mostPackages} of them`,
        );
    },
  };
}

/** Tells the paths of a package's files; returns whether there is a list of them. */
export function tellPaths(
  system: System,
  tree: MergedTree,
  {
    database,
    one,
    tell,
  }: { database: PackageDatabase; one: Package; tell: (path: string) => void },
): boolean {
  return one.lists.some((list) =>
    readLines(system, tree, {
      path: `${database.lists}/${list}`,
      reader: database.readList(tell),
    }),
  );
}

/** Reads a file line by line; returns whether there is one. */
function readLines(
  system: System,
  { merged, first, placeOf }: MergedTree,
  { path, reader }: { path: string; reader: LineReader },
): boolean {
  const content = findBelow(merged, rootPlaces(merged), path)?.content;
  if (content === undefined) return false;
  const place = placeOf({ layer: content.layer + first, path: content.path });
  system.withFile(place, (file) => tellLines(file, reader));
  return true;
}

const readAtOnce = 65_536;

/** What is longer is no line of such a file. */
const longestLine = 65_536;

function tellLines({ read }: OpenFile, { line, end }: LineReader): void {
  let rest = "";
  for (let offset = 0; ; ) {
    const bytes = read(offset, readAtOnce);
    if (bytes.length === 0) break;
    offset += bytes.length;
    const text = rest + decodeByteText(bytes);
    const lines = text.split("\n");
    rest = (lines.pop() ?? "").slice(0, longestLine);
    const isPlain = !/[\u0080-\u00ff]/.test(text);
    for (const one of lines) line(isPlain ? one : decodeName(encodeByteText(one)));
  }
  if (rest !== "") line(decodeName(encodeByteText(rest)));
  end();
}
