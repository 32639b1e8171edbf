// What takes room in a store and is not needed: what is like the base's, what commands that were
// killed have left, and, for whoever names them, files that can be had again or are past.

import { compareLayers, type OverlayLayers } from "../changes/compare-layers.ts";
import { isWithin } from "../kernel/mount-table.ts";
import { type ChosenReverts, chooseReverts, namesOf, type Revert } from "./choose-reverts.ts";
import type { SharerSearch } from "./find-sharers.ts";

/**
 * What is reclaimed. "copies": files that are like the base's; "marks": whiteouts of what the base
 * does not have; "leftovers": of commands that were killed; "caches": packages that a package
 * manager has downloaded; "logs": files in /var/log that the base does not have.
 */
export type ReclaimKind = "copies" | "marks" | "leftovers" | "caches" | "logs";

/** What a kind comes to. */
export interface ReclaimSum {
  readonly kind: ReclaimKind;
  readonly paths: number;
  readonly bytes: number;
  /** Whether it is reclaimed, or would be if it were named. */
  readonly isTaken: boolean;
}

/** Which kinds are reclaimed that nobody gets without naming them. */
export type NamedKinds = Readonly<Record<"caches" | "logs", boolean>>;

/** What was chosen. */
export interface ChosenReclaims {
  readonly reverts: ChosenReverts;
  readonly sums: readonly ReclaimSum[];
}

/** Where package managers keep what they have downloaded (apt, pacman, dnf, zypper, apk, xbps). */
const caches = [
  "/var/cache/apt/archives",
  "/var/cache/pacman/pkg",
  "/var/cache/dnf",
  "/var/cache/libdnf5",
  "/var/cache/zypp/packages",
  "/var/cache/apk",
  "/var/cache/xbps",
];

/** Chooses what is reclaimed in an upper directory; throws a Failure as chooseReverts() does. */
export function chooseReclaims(
  layers: OverlayLayers,
  named: NamedKinds,
  search: SharerSearch,
): ChosenReclaims {
  const same = chooseReverts(layers, { paths: ["/"], kinds: ["same"] }, search);
  const isMark = ({ type }: Revert) => type === "whiteout";
  const files = {
    caches: caches.flatMap((path) => findAdded(layers, path, search)),
    logs: findAdded(layers, "/var/log", search),
  };
  const kinds = ["caches", "logs"] as const;
  const taken = kinds.flatMap((kind) => (named[kind] ? files[kind] : []));
  return {
    reverts: { ...same, reverts: [...same.reverts, ...taken] },
    sums: [
      sum(
        "copies",
        same.reverts.filter((one) => !isMark(one)),
        true,
      ),
      sum("marks", same.reverts.filter(isMark), true),
      ...kinds.map((kind) => sum(kind, files[kind], named[kind])),
    ],
  };
}

function sum(kind: ReclaimKind, reverts: readonly Revert[], isTaken: boolean): ReclaimSum {
  const count = (key: "paths" | "bytes") => reverts.reduce((all, one) => all + one[key], 0);
  return { kind, paths: count("paths"), bytes: count("bytes"), isTaken };
}

/**
 * Finds the files below a path that the base does not have. Directories stay: programs expect those
 * that they write into.
 */
function findAdded(layers: OverlayLayers, path: string, { attempt }: SharerSearch): Revert[] {
  const found: Revert[] = [];
  compareLayers(layers, {
    attempt,
    // Who looks for copies is told.
    tellFault: () => {},
    under: namesOf(path),
    tell({ path: at, kind, type, bytes, from }) {
      if (kind !== "added" || type !== "file" || from !== undefined || at === path) return;
      if (!isWithin(at, path)) return;
      found.push({ ...{ path: at, kind, type, bytes }, do: "remove", paths: 1, like: undefined });
    },
  });
  return found;
}
