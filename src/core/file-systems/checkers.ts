// The tools that check a file system without changing anything, by its type. f2fs is checked as
// well, although stores are not created with it.
import { findStoreType } from "./store-types.ts";

/**
 * Returns the argument vector that checks a file system that is not in use; undefined for a type
 * without a checker.
 */
export function checkerCall(type: string, path: string): readonly string[] | undefined {
  return type === "f2fs" ? ["fsck.f2fs", "--dry-run", path] : findStoreType(type)?.check(path);
}
