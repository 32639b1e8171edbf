// A file system in memory: what every type must do, and the plain one, a tree of entries. Paths are
// those within the file system ("/", "/a/b"), with every link followed; the callers have checked
// that what they name exists.
import { type Entry, makeEntry, nextTime } from "./entry.ts";
import { fail } from "./errors.ts";

/** A mounted or mountable file system. */
export interface FileSystem {
  readonly type: string;
  readonly deviceNumber: number;
  /** The options that a mount shows: "ro", or "rw" and its own. */
  options: readonly string[];
  isReadonly: boolean;
  readonly totalBytes: number;
  /** How much of the free space is reserved for root. */
  readonly reservedBytes: number;
  usedBytes(): number;
  find(path: string): Entry | undefined;
  names(path: string): string[];
  /** Returns the entry so that it may be changed. */
  change(path: string): Entry;
  add(path: string, entry: Entry): void;
  remove(path: string): void;
  move(from: string, to: string): void;
}

/** A file system whose entries are a tree in memory. */
export class TreeFileSystem implements FileSystem {
  readonly type: string;
  readonly deviceNumber: number;
  readonly root: Entry;
  /** Its pending journal: the top directory after a replay. */
  logged: Entry | undefined;
  options: readonly string[] = [];
  isReadonly = false;
  totalBytes: number;
  readonly reservedBytes: number;

  constructor(
    type: string,
    {
      root = makeEntry("directory"),
      totalBytes = 2 ** 40,
      reservedBytes = 0,
      logged,
    }: Partial<Pick<TreeFileSystem, "root" | "totalBytes" | "reservedBytes" | "logged">> = {},
  ) {
    this.type = type;
    this.root = root;
    this.totalBytes = totalBytes;
    this.reservedBytes = reservedBytes;
    this.logged = logged;
    this.deviceNumber = nextDeviceNumber++;
  }

  /** Replays its journal. */
  replay(): void {
    if (this.logged === undefined) return;
    this.root.children.clear();
    for (const [name, entry] of this.logged.children) this.root.children.set(name, entry);
    this.logged = undefined;
  }

  usedBytes(): number {
    return allocatedBelow(this.root);
  }

  find(path: string): Entry | undefined {
    let at: Entry | undefined = this.root;
    for (const name of path.split("/")) if (name !== "") at = at?.children.get(name);
    return at;
  }

  names(path: string): string[] {
    return [...(this.find(path)?.children.keys() ?? [])];
  }

  change(path: string): Entry {
    return this.find(path) ?? fail("ENOENT", path);
  }

  add(path: string, entry: Entry): void {
    const above = this.change(parentOf(path));
    above.children.set(nameOf(path), entry);
    above.modified = nextTime();
  }

  remove(path: string): void {
    const above = this.change(parentOf(path));
    above.children.delete(nameOf(path));
    above.modified = nextTime();
  }

  move(from: string, to: string): void {
    const entry = this.change(from);
    this.remove(from);
    this.add(to, entry);
  }
}

/** Returns the path of `name` in a directory. */
export function join(directory: string, name: string): string {
  return directory === "/" ? `/${name}` : `${directory}/${name}`;
}

/** Returns the parent directory of a path. */
export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

/** Returns the last name of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

// Anonymous devices, as the kernel numbers file systems without a device.
let nextDeviceNumber = 1;

function allocatedBelow(entry: Entry): number {
  let sum = entry.content.allocated;
  for (const child of entry.children.values()) sum += allocatedBelow(child);
  return sum;
}
