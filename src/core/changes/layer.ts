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
  /**
   * Returns the entries of names in a directory, in their order, perhaps without the value of
   * overlayfs's origin; undefined if not all can be read, as look() tells.
   */
  readonly lookAll: (
    path: string,
    names: readonly string[],
  ) => readonly (LayerEntry | undefined)[] | undefined;
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

/** The names of the marks in each space. */
const markNames = { trusted: nameMarks("trusted"), user: nameMarks("user") };

function nameMarks(space: MarkSpace) {
  const name = (mark: string) => `${space}.overlay.${mark}`;
  return {
    whiteout: name("whiteout"),
    opaque: name("opaque"),
    redirect: name("redirect"),
    metacopy: name("metacopy"),
    origin: name("origin"),
  };
}

/** Identifies the marks of an entry. */
export function identifyMarks(entry: LayerEntry, space: MarkSpace): Marks {
  const { kind, xattrs } = entry;
  if (kind === "character" && entry.deviceNumber === 0) return whiteout;
  if (xattrs.size === 0) return unmarked;
  const names = markNames[space];
  if (kind === "directory") {
    // "x" says that there are whiteouts of the second form in it.
    const isOpaque = isLetter(xattrs.get(names.opaque), "y");
    const redirect = xattrs.get(names.redirect);
    return { ...unmarked, isOpaque, redirect: redirect && decodeName(redirect) };
  }
  if (kind !== "file") return unmarked;
  if (entry.bytes === 0 && xattrs.has(names.whiteout)) return whiteout;
  if (!xattrs.has(names.metacopy)) return unmarked;
  const redirect = xattrs.get(names.redirect);
  return { ...unmarked, isMetacopy: true, redirect: redirect && decodeName(redirect) };
}

/**
 * Returns whether an entry is a file without attributes, as most are, but for the one by which
 * overlayfs finds what it was copied from: it has no marks.
 */
export function isPlainFile({ kind, xattrs }: LayerEntry, space: MarkSpace): boolean {
  return kind === "file" && hasNoAttributes(xattrs, space);
}

/** Returns whether there are no attributes, but for the one that a plain file may have. */
export function hasNoAttributes(xattrs: LayerEntry["xattrs"], space: MarkSpace): boolean {
  return xattrs.size === 0 || (xattrs.size === 1 && xattrs.has(markNames[space].origin));
}

const unmarked: Marks = {
  isWhiteout: false,
  isOpaque: false,
  redirect: undefined,
  isMetacopy: false,
};

const whiteout: Marks = { ...unmarked, isWhiteout: true };

function isLetter(value: Uint8Array | undefined, letter: string): boolean {
  return value?.length === 1 && value[0] === letter.charCodeAt(0);
}

/**
 * Returns whether an attribute is overlayfs's own, which the merged tree does not have, or xfs's
 * own: the form in which it shows an access control list a second time.
 */
export function isOwnAttribute(name: string, space: MarkSpace): boolean {
  if (name.startsWith("trusted.SGI_ACL_")) return true;
  const prefix = `${space}.overlay.`;
  // With the prefix twice it is an attribute of somebody's that has the same name.
  return name.startsWith(prefix) && !name.startsWith("overlay.", prefix.length);
}

/** Returns an entry without the attributes that are overlayfs's or xfs's own. */
export function withoutMarks(entry: LayerEntry, space: MarkSpace): LayerEntry {
  const xattrs = new Map([...entry.xattrs].filter(([name]) => !isOwnAttribute(name, space)));
  return { ...entry, xattrs };
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
