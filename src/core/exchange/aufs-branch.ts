// The writable branch of aufs, which a store of the first generation is: what its names mean. A
// file that is deleted from the base has an empty file ".wh.NAME" in its place, a directory that
// hides the base's has ".wh..wh..opq" in it, and every other name with two of the prefixes is
// aufs's own.
// Facts: aufs(5); aufs's lookup, as of Linux 3.x: a whiteout that is no regular file is an error
// there, and one hides the entry of its own name in the same branch, too.

import type { LayerEntry } from "../changes/layer.ts";
import type { LeftOutReason } from "./carried.ts";
import { identifyName, isNameOfFile } from "./whiteout-names.ts";

/** A name in a directory of a branch, and what kind of file has it. */
export type BranchName = Pick<LayerEntry, "kind" | "deviceNumber"> & { readonly name: string };

/** What a directory of a branch has for the overlay. */
export interface BranchDirectory {
  /** Whether it hides what the base has in it. */
  readonly isOpaque: boolean;
  /** The names whose files are taken over. */
  readonly kept: readonly string[];
  /** The names that are deleted from the base. */
  readonly deleted: readonly string[];
  /** The names that are not taken over, apart from aufs's own, and why. */
  readonly oddities: readonly BranchOddity[];
}

/** A name in a branch that makes no sense there. */
export interface BranchOddity {
  readonly name: string;
  readonly kind: Extract<
    LeftOutReason,
    "whiteout-of-no-file" | "whiteout-of-no-name" | "looks-deleted" | "hidden"
  >;
}

/** Reads the names in a directory of a branch, in any order. */
export function readBranchDirectory(names: readonly BranchName[]): BranchDirectory {
  const oddities: BranchOddity[] = [];
  const whiteouts = new Set<string>();
  const entries: BranchName[] = [];
  let isOpaque = false;
  for (const entry of names) {
    const { name, kind } = entry;
    const meaning = identifyName(name);
    if (meaning.kind === "entry") entries.push(entry);
    else if (meaning.kind === "own") continue;
    else if (kind !== "file") oddities.push({ name, kind: "whiteout-of-no-file" });
    else if (meaning.kind === "opaque") isOpaque = true;
    else if (isNameOfFile(meaning.of)) whiteouts.add(meaning.of);
    else oddities.push({ name, kind: "whiteout-of-no-name" });
  }
  const kept: string[] = [];
  for (const entry of entries) {
    const { name } = entry;
    if (whiteouts.has(name)) oddities.push({ name, kind: "hidden" });
    // An overlay would take it for a whiteout.
    else if (entry.kind === "character" && entry.deviceNumber === 0)
      oddities.push({ name, kind: "looks-deleted" });
    else kept.push(name);
  }
  // An opaque directory hides the base's names already.
  return { isOpaque, kept, deleted: isOpaque ? [] : [...whiteouts], oddities };
}

/** The directory in which aufs keeps a further name of files whose other names are in the base. */
export const linksDirectory = ".wh..wh.plnk";

/**
 * Returns whether a name in that directory is one of aufs's: the numbers of two inodes, the second
 * of which is the file's in the branch.
 */
export function isLinkName(name: string): boolean {
  return /^[0-9]{1,20}\.[0-9]{1,20}$/.test(name);
}

/**
 * Returns whether an attribute of a file in a branch is taken over. What overlayfs would take for a
 * mark of its own is not: aufs gave it no meaning. Nor is what only xfs shows (isOwnAttribute()).
 */
export function isTakenOver(attribute: string): boolean {
  return !/^(?:(?:trusted|user)\.overlay\.|trusted\.SGI_ACL_)/.test(attribute);
}
