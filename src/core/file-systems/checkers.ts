// The tools that judge a file system and change nothing, by its type. f2fs is checked as well, although no store is made
// with it.
import { findStoreType } from "./store-types.ts";

/** Gives the argument vector that checks a file system which nobody uses; undefined for a type without a checker. */
export function checkerCall(type: string, path: string): readonly string[] | undefined {
  return type === "f2fs" ? ["fsck.f2fs", "--dry-run", path] : findStoreType(type)?.check(path);
}
