// Files, directories, links and nodes in memory, and how a test writes them.
import { encodeUtf8 } from "../../../src/core/bytes/utf.ts";
import type { FileStatus, Time } from "../../../src/system/port/system.ts";
import { type Content, plainContent } from "./content.ts";

/** One inode; which fields count depends on `kind`. */
export interface Entry {
  readonly kind: FileStatus["kind"];
  readonly inode: number;
  /** Times are counted in changes. */
  readonly born: number;
  modified: number;
  /** The time that was given to it, which counts as long as `modified` has its seconds. */
  given: Time | undefined;
  /** How many names a file has. */
  names: number;
  mode: number;
  uid: number;
  gid: number;
  content: Content;
  /** The target of a link. */
  readonly target: string;
  readonly deviceNumber: number;
  /** Whether a file's blocks are copied on write, on file systems that do so. */
  isCopiedOnWrite: boolean;
  /** How much of it a snapshot or another file refers to as well. */
  sharedBytes: number;
  readonly xattrs: Map<string, Uint8Array>;
  readonly children: Map<string, Entry>;
}

/**
 * A directory as a test writes it: names, or paths whose directories are created as needed, and
 * what is there. Text and bytes are files, an object is a directory, and link(), file() and so on
 * make the rest.
 */
export interface Tree {
  readonly [path: string]: string | Uint8Array | Tree | Entry;
}

let inodes = 1;
let changes = 0;

/** Returns the time of a change. */
export function nextTime(): number {
  return ++changes;
}

/** Makes an inode; `given` has the fields that differ from the defaults. */
export function makeEntry(
  kind: Entry["kind"],
  given: Partial<Omit<Entry, "kind" | "inode" | "born">> = {},
): Entry {
  const born = nextTime();
  return {
    kind,
    inode: inodes++,
    born,
    modified: born,
    given: undefined,
    names: 1,
    mode: kind === "directory" ? 0o755 : kind === "link" ? 0o777 : 0o644,
    uid: 0,
    gid: 0,
    content: plainContent(new Uint8Array(0)),
    target: "",
    deviceNumber: 0,
    isCopiedOnWrite: true,
    sharedBytes: 0,
    xattrs: new Map(),
    children: new Map(),
    ...given,
  };
}

/** Makes a file with a mode or content that is not plain. */
export function file(content: string | Uint8Array | Content, mode = 0o644): Entry {
  if (typeof content === "string")
    return makeEntry("file", { content: plainContent(encodeUtf8(content)), mode });
  if (content instanceof Uint8Array)
    return makeEntry("file", { content: plainContent(content), mode });
  return makeEntry("file", { content, mode });
}

/** Makes a symbolic link. */
export function link(target: string): Entry {
  return makeEntry("link", { target });
}

/** Makes a directory with a mode, an owner or attributes of its own. */
export function directory(
  tree: Tree,
  given: Partial<Pick<Entry, "mode" | "uid" | "gid" | "xattrs">> = {},
): Entry {
  const entry = makeEntry("directory", given);
  for (const [path, value] of Object.entries(tree)) put(entry, path, makeAny(value));
  return entry;
}

/** Makes a device node. */
export function node(kind: "block" | "character", deviceNumber: number, mode = 0o600): Entry {
  return makeEntry(kind, { deviceNumber, mode });
}

/** Makes the entry by which overlayfs marks a removed name. */
export function whiteout(): Entry {
  return node("character", 0, 0);
}

/** Puts an entry below a directory, and creates missing directories in between. */
export function put(top: Entry, path: string, entry: Entry): void {
  const names = path.split("/").filter((name) => name !== "");
  const last = names.pop();
  if (last === undefined) throw new Error(`"${path}" is no name`);
  let at = top;
  for (const name of names) {
    const next = at.children.get(name) ?? makeEntry("directory");
    at.children.set(name, next);
    at = next;
  }
  const there = at.children.get(last);
  if (there && entry.kind === "directory")
    for (const [name, child] of entry.children) there.children.set(name, child);
  else at.children.set(last, entry);
}

function makeAny(value: Tree[string]): Entry {
  if (typeof value === "string" || value instanceof Uint8Array) return file(value);
  return isEntry(value) ? value : directory(value);
}

function isEntry(value: Tree | Entry): value is Entry {
  return "inode" in value && typeof value.inode === "number";
}
