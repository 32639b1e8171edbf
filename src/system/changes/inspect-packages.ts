// What has become of the packages of a base, and which of them the changed paths belong to.

import { compareLayers } from "../../core/changes/compare-layers.ts";
import {
  addChange,
  type ChangedSum,
  type ComparedPackage,
  comparePackages,
  type Package,
} from "../../core/changes/packages.ts";
import { openPathIndex, type PathIndex, severalOwners } from "../../core/changes/path-index.ts";
import { Failure } from "../../core/text/failure.ts";
import type { System } from "../port/system.ts";
import {
  attemptTelling,
  type ChangesListener,
  type OverlayDirectories,
  withOverlay,
} from "./inspect-changes.ts";
import {
  isInTree,
  type MergedTree,
  type PackageDatabase,
  packageDatabases,
  tellPaths,
  treesOf,
} from "./read-packages.ts";

/** A package, and how much of it was changed. */
export interface InspectedPackage extends ComparedPackage, Readonly<ChangedSum> {}

/** The packages that are not as the base has them, and what belongs to none. */
export interface PackagesFacts {
  readonly database: PackageDatabase["name"];
  readonly packages: readonly InspectedPackage[];
  /** What several packages have: directories mostly. */
  readonly several: Readonly<ChangedSum>;
  readonly none: Readonly<ChangedSum>;
}

/**
 * Inspects the packages of an overlay; throws Failure "not-found" if it has no database that can be
 * read; an errno at the top of a layer passes through.
 */
export function inspectPackages(
  system: System,
  directories: OverlayDirectories,
  { under, tellFault }: Pick<ChangesListener, "under" | "tellFault">,
): PackagesFacts {
  const attempt = attemptTelling(tellFault);
  return withOverlay(system, directories, (layers) => {
    const trees = treesOf(layers);
    const { database, base, now } = readDatabase(system, trees);
    const packages = comparePackages(base, now).map((one) => ({ ...one, paths: 0, bytes: 0 }));
    const index = indexPaths({ system, database, attempt, tellFault, trees, base, now, packages });
    const several: ChangedSum = { paths: 0, bytes: 0 };
    const none: ChangedSum = { paths: 0, bytes: 0 };
    compareLayers(layers, {
      ...{ under, tellFault, attempt },
      tell(change) {
        const owner = index.find(change.path);
        const sum = owner === severalOwners ? several : packages[(owner ?? 0) - 1];
        addChange(sum ?? none, change);
      },
    });
    const isTold = ({ state, paths }: InspectedPackage) => state !== "kept" || paths > 0;
    return { database: database.name, packages: packages.filter(isTold), several, none };
  });
}

interface Trees {
  readonly base: MergedTree;
  readonly now: MergedTree;
}

interface ReadDatabase {
  readonly database: PackageDatabase;
  readonly base: ReadonlyMap<string, Package>;
  readonly now: ReadonlyMap<string, Package>;
}

/** Reads the database with the most packages: the tool of another one may be installed as well. */
function readDatabase(system: System, trees: Trees): ReadDatabase {
  const [most, second] = packageDatabases
    .map((database) => ({
      database,
      base: database.packages(system, trees.base),
      now: database.packages(system, trees.now),
    }))
    .sort((one, other) => other.base.size + other.now.size - one.base.size - one.now.size);
  if (most !== undefined && most.base.size + most.now.size > 0) return most;
  const isRpm = ["/usr/lib/sysimage/rpm", "/var/lib/rpm"].some((path) => isInTree(trees.now, path));
  if (isRpm)
    throw new Failure(
      "not-found",
      "Cannot tell packages: the database of rpm is a binary one, which is not read",
      "ask rpm itself: backstore run --base BASE --store STORE -- rpm -qa --last",
    );
  throw new Failure(
    "not-found",
    `Cannot tell packages: there is no database of ${most?.database.name} or ${second?.database.name}`,
  );
}

interface Indexing extends ReadDatabase {
  readonly system: System;
  readonly trees: Trees;
  readonly packages: readonly ComparedPackage[];
  readonly attempt: ReturnType<typeof attemptTelling>;
  readonly tellFault: ChangesListener["tellFault"];
}

/** What has the same version in both is read from the base alone. */
function indexPaths(indexing: Indexing): PathIndex {
  const { packages, trees, base, now } = indexing;
  const index = openPathIndex();
  const isRemoved = (owner: number) => packages[owner - 1]?.state === "removed";
  for (const [at, { name }] of packages.entries())
    addPaths(indexing, { one: base.get(name), tree: trees.base }, (path) =>
      index.add(path, at + 1),
    );
  for (const [at, { name, state }] of packages.entries())
    if (state === "added" || state === "changed")
      addPaths(indexing, { one: now.get(name), tree: trees.now }, (path) =>
        index.add(path, at + 1, isRemoved),
      );
  return index;
}

function addPaths(
  { system, database, attempt, tellFault }: Indexing,
  { one, tree }: { one: Package | undefined; tree: MergedTree },
  add: (path: string) => boolean,
): void {
  if (one === undefined) return;
  const path = `${database.lists}/${one.lists[0]}`;
  let isFull = false;
  const tell = (name: string) => {
    isFull ||= !add(name);
  };
  const isRead = attempt(
    () => path,
    () => tellPaths(system, tree, { database, one, tell }),
  );
  if (isRead === false) tellFault(path, "there is no list of the files of this package");
  if (isFull) tellFault(path, "there are more files of packages than can be told apart");
}
