// A layer of an overlay, and what overlayfs's own marks in it mean.
// Facts: Documentation/filesystems/overlayfs.rst ("whiteouts and opaque directories",
// "redirect_dir", "Metadata only copy up", "User xattr").

import { decodeName } from "../bytes/utf.ts";

/** An entry of a layer, as its file system has it. */
export interface LayerEntry {
  readonly kind: "file" | "directory" | "link" | "block" | "character" | "fifo" | "socket";
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly bytes: number;
  readonly allocatedBytes: number;
  readonly inode: number;
  readonly links: number;
  /** The device that it is; 0 if none. */
  readonly deviceNumber: number;
  readonly modified: LayerTime;
  /** The target of a symbolic link; undefined for anything else. */
  readonly target: string | undefined;
  readonly xattrs: ReadonlyMap<string, Uint8Array>;
}

/** A time since the beginning of 1970. */
export interface LayerTime {
  readonly seconds: number;
  readonly nanoseconds: number;
}

/** The entries of one layer; paths are "" for its top, "/etc/hosts" below. */
export interface Layer {
  /** Returns an entry; undefined if there is none, or a directory above it is none. */
  readonly look: (path: string) => LayerEntry | undefined;
  /** Returns the names in a directory, some at a time. */
  readonly list: (path: string) => Iterable<readonly string[]>;
}

/**
 * Where overlayfs keeps its marks: in trusted attributes, or in those of users where it is mounted
 * with userxattr. The others are attributes like any: those of a container's overlay, for example.
 */
export type MarkSpace = "trusted" | "user";

/** What overlayfs's marks say of an entry. */
export interface Marks {
  /** Whether it hides what has its name in the layers below, and shows nothing. */
  readonly isWhiteout: boolean;
  /** Whether a directory hides the contents of those below it. */
  readonly isOpaque: boolean;
  /**
   * Where the layers below have what belongs to it: a name in the same directory, or a path from
   * their tops; undefined for its own name.
   */
  readonly redirect: string | undefined;
  /** Whether the content of a file is in the layers below. */
  readonly isMetacopy: boolean;
}

/** Identifies the marks of an entry. */
export function identifyMarks(entry: LayerEntry, space: MarkSpace): Marks {
  const { kind, xattrs } = entry;
  if (xattrs.size === 0 && kind !== "character") return unmarked;
  const mark = (name: string) => xattrs.get(`${space}.overlay.${name}`);
  const isWhiteout =
    (kind === "character" && entry.deviceNumber === 0) ||
    (kind === "file" && entry.bytes === 0 && mark("whiteout") !== undefined);
  // "x" says that there are whiteouts of the second form in it.
  const isOpaque = kind === "directory" && isLetter(mark("opaque"), "y");
  const isMetacopy = kind === "file" && mark("metacopy") !== undefined;
  const redirect = kind === "directory" || isMetacopy ? mark("redirect") : undefined;
  return {
    isWhiteout,
    isOpaque,
    redirect: redirect && decodeName(redirect),
    isMetacopy: isMetacopy && !isWhiteout,
  };
}

const unmarked: Marks = {
  isWhiteout: false,
  isOpaque: false,
  redirect: undefined,
  isMetacopy: false,
};

function isLetter(value: Uint8Array | undefined, letter: string): boolean {
  return value?.length === 1 && value[0] === letter.charCodeAt(0);
}

/** Returns whether an attribute is overlayfs's own: the merged tree does not have it. */
export function isOwnAttribute(name: string, space: MarkSpace): boolean {
  const prefix = `${space}.overlay.`;
  // With the prefix twice it is an attribute of somebody's that has the same name.
  return name.startsWith(prefix) && !name.startsWith("overlay.", prefix.length);
}

/**
 * Identifies where the overlay of an upper directory keeps its marks, by its top; in trusted
 * attributes if there are none.
 */
export function identifySpace(top: LayerEntry | undefined): MarkSpace {
  const has = (space: MarkSpace) =>
    [...(top?.xattrs.keys() ?? [])].some((name) => name.startsWith(`${space}.overlay.`));
  return has("user") && !has("trusted") ? "user" : "trusted";
}
