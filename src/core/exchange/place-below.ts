// Changes to one directory of the system become changes to the whole: below its path, and behind
// the directories that lead there.

import type { LayerEntry } from "../changes/layer.ts";
import type { Carried } from "./carried.ts";

/**
 * Places entries below a directory, "home/user", or leaves them where they are for "". The
 * directories above it come first, unless `made` has them; it gets them.
 */
export function* placeBelow(
  entries: Iterable<Carried>,
  to: string,
  made: Set<string>,
): Generator<Carried, void> {
  const names = to === "" ? [] : ["", ...to.split("/").slice(0, -1)];
  for (const [index] of names.entries()) {
    const path = names.slice(0, index + 1).join("/");
    if (made.has(path)) continue;
    made.add(path);
    yield { kind: "directory", path, entry: usualDirectory, isOpaque: false };
  }
  const prefix = to === "" ? "" : `/${to}`;
  for (const carried of entries)
    yield carried.kind === "name"
      ? { ...carried, path: prefix + carried.path, of: prefix + carried.of }
      : { ...carried, path: prefix + carried.path };
}

/** What a directory is of which nothing is known but that it is there. */
const usualDirectory: LayerEntry = {
  ...{ kind: "directory", mode: 0o755, uid: 0, gid: 0, bytes: 0, allocatedBytes: 0 },
  ...{ inode: 0, links: 2, deviceNumber: 0, modified: { seconds: 0, nanoseconds: 0 } },
  ...{ target: undefined, xattrs: new Map() },
};
