// The tools that check a file system without changing anything, by its type. f2fs is checked as
// well, although stores are not created with it.
import { findStoreType } from "./store-types.ts";

const ext = ["e2fsck", "e2image"];

/** The tools needed to check a file system, by blkid's name for its type. */
export const checkersByType: { readonly [type: string]: readonly string[] } = {
  // e2image makes the copy on which e2fsck is tried first.
  ext2: ext,
  ext3: ext,
  ext4: ext,
  xfs: ["xfs_repair"],
  btrfs: ["btrfs"],
  f2fs: ["fsck.f2fs"],
};

/** Returns the types that can be checked with the tools that exist. */
export function checkableTypes(isThere: (tool: string) => boolean): readonly string[] {
  return Object.entries(checkersByType).flatMap(([type, tools]) =>
    tools.every(isThere) ? [type] : [],
  );
}

/**
 * Returns the argument vector that checks a file system that is not in use; undefined for a type
 * without a checker.
 */
export function checkerCall(type: string, path: string): readonly string[] | undefined {
  return type === "f2fs" ? ["fsck.f2fs", "--dry-run", path] : findStoreType(type)?.check(path);
}
