// Changes on their way from one form into another: what a branch of aufs, an upper directory or an
// archive holds, entry by entry, a directory before what is in it.

import type { LayerEntry } from "../changes/layer.ts";

/** An entry of changes; paths are from the top, "/etc/hosts", and "" is the top itself. */
export type Carried =
  /** A directory; an opaque one hides what is below. */
  | {
      readonly kind: "directory";
      readonly path: string;
      readonly entry: LayerEntry;
      readonly isOpaque: boolean;
    }
  /** Anything else that is there. */
  | { readonly kind: "file"; readonly path: string; readonly entry: LayerEntry }
  /** A further name of a file that came before. */
  | { readonly kind: "name"; readonly path: string; readonly of: string }
  /** A name that is deleted. */
  | { readonly kind: "whiteout"; readonly path: string }
  /** What is not carried, and why. */
  | { readonly kind: "left-out"; readonly path: string; readonly reason: LeftOutReason };

/** The reason why something is not carried. */
export type LeftOutReason =
  /** It has the name of a whiteout, and is no file. */
  | "whiteout-of-no-file"
  /** It deletes something that cannot have a name. */
  | "whiteout-of-no-name"
  /** A whiteout of aufs has its name, so that nobody sees it. */
  | "hidden"
  /** It is a device that an overlay takes for a whiteout. */
  | "looks-deleted"
  /** Its name is that of a whiteout in the other form. */
  | "name-of-whiteout"
  /** The other form has no such kind of file. */
  | "socket"
  /** It went away while it was read. */
  | "gone";

/** Returns the first name of a file; undefined if this is the first. */
export type FirstName = (path: string, entry: LayerEntry) => string | undefined;

/** Begins to note the names of files that have several: the others are not kept in memory. */
export function noteNames(): FirstName {
  const first = new Map<number, string>();
  return (path, { kind, links, inode }) => {
    if (links < 2 || kind === "directory") return undefined;
    const known = first.get(inode);
    if (known === undefined) first.set(inode, path);
    return known;
  };
}
