// Whether a file system is there for stores alone. On one that also holds somebody's data a store keeps no room back: that
// room is not the store's.
import { namesStoreDirectory } from "./seen-store.ts";
import { isOwnName } from "./store-directory.ts";

/**
 * Tells whether nothing but stores lies on a file system, by the names in its top and in each directory that leads to the
 * store; `list` gives those of a directory without a leading slash, none where it is missing.
 */
export function isDedicated(
  directory: string,
  list: (directory: string) => readonly string[],
): boolean {
  const parts = directory.split("/").filter((part) => part !== "");
  const isStoresOwn = (name: string) =>
    name === "lost+found" || namesStoreDirectory(name) || (parts.length === 0 && isOwnName(name));
  // What boots with other media made beside it is a store too.
  const depth = namesStoreDirectory(parts[0] ?? "") ? 1 : Math.max(1, parts.length);
  return Array.from({ length: depth }, (_, level) => level).every((level) =>
    list(parts.slice(0, level).join("/")).every(
      (name) => name === parts[level] || (level === 0 && isStoresOwn(name)),
    ),
  );
}
