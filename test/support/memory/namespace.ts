// Paths and mounts in memory: which place of which file system a path names, symbolic links
// followed and mounts crossed (path_resolution(7)).
import type { Mount } from "../../../src/core/kernel/mount-table.ts";
import type { Entry } from "./entry.ts";
import { fail } from "./errors.ts";
import { type FileSystem, join, nameOf, parentOf } from "./tree.ts";

/** One mount; `at` is undefined for the root. */
export interface MountPoint {
  readonly fileSystem: FileSystem;
  /** The path within the file system that is visible. */
  readonly root: string;
  readonly source: string;
  /** The number of the device that it is on; a file system without a device has a number itself. */
  readonly carrier?: number | undefined;
  at: Place | undefined;
  isReadonly: boolean;
  options: readonly string[];
}

/** A path within the file system of a mount; nothing may exist there yet. */
export interface Place {
  readonly mount: MountPoint;
  readonly path: string;
}

const mostLinks = 40;
const mostBytesOfName = 255;

/** Is something that was opened: an inode, wherever its name is now. */
interface OpenedEntry {
  readonly mount: MountPoint;
  readonly entry: Entry;
  /** Where it was found last. */
  path: string;
}

const openedPath = /^\/proc\/self\/fd\/(\d+)(?=\/|$)/;

/** Is what a process sees as "/" and below. */
export class Namespace {
  readonly mounts: MountPoint[];
  private readonly opened = new Map<number, OpenedEntry>();
  private readonly detached = new Map<string, readonly MountPoint[]>();
  private nextDescriptor = 100;
  /** The root that was entered; undefined for the first. */
  private entered: Place | undefined;

  constructor(root: FileSystem) {
    this.mounts = [
      {
        fileSystem: root,
        root: "/",
        source: "rootfs",
        at: undefined,
        isReadonly: false,
        options: [],
      },
    ];
  }

  /** Finds the place that a path names; fails unless its parent directory exists. */
  locate(path: string, { followLast = true } = {}): Place {
    if (path === "") fail("ENOENT", path);
    if (path.includes("\0")) fail("EINVAL", path);
    const isDirectory = /\/\.?$/.test(path);
    const descriptor = openedPath.exec(path);
    const names = split(path.slice(descriptor?.[0].length ?? 0));
    let links = 0;
    let at = descriptor ? this.openedPlace(Number(descriptor[1]), path) : this.top();
    for (let name = names.shift(); name !== undefined; name = names.shift()) {
      this.directory(at, path);
      if (bytesOf(name) > mostBytesOfName) fail("ENAMETOOLONG", path);
      if (name === "..") {
        at = this.above(at);
        continue;
      }
      const next = { mount: at.mount, path: join(at.path, name) };
      const entry = this.entry(next);
      if (entry?.kind === "link" && (names.length > 0 || followLast || isDirectory)) {
        if (++links > mostLinks || at.mount.options.includes("nosymfollow")) fail("ELOOP", path);
        if (entry.target.startsWith("/")) at = this.top();
        names.unshift(...split(entry.target));
        continue;
      }
      at = this.covered(next);
    }
    const found = this.entry(at);
    if (isDirectory && found && found.kind !== "directory") fail("ENOTDIR", path);
    return at;
  }

  /** Opens what is at a place, until it is closed, and gives the path that leads to it. */
  open({ mount, path }: Place): { path: string; close(): void } {
    const entry = this.entry({ mount, path }) ?? fail("ENOENT", path);
    const descriptor = this.nextDescriptor++;
    this.opened.set(descriptor, { mount, entry, path });
    return {
      path: `/proc/self/fd/${descriptor}`,
      close: () => void this.opened.delete(descriptor),
    };
  }

  /** Opens a copy of a mount and of those below it, which is attached to no place. */
  openCopy(copies: readonly MountPoint[]): { path: string; close(): void } {
    const [top = fail("EINVAL")] = copies;
    const handle = this.open({ mount: top, path: top.root });
    this.detached.set(handle.path, copies);
    return {
      path: handle.path,
      close: () => {
        this.detached.delete(handle.path);
        handle.close();
      },
    };
  }

  /** Attaches such a copy. */
  attach(opened: string, at: Place): void {
    const [top = fail("ENOENT", opened), ...below] = this.detached.get(opened) ?? [];
    this.detached.delete(opened);
    top.at = at;
    this.mounts.push(top, ...below);
  }

  /** Puts the names that opened files have now in the place of the paths that lead to them. */
  nameOpened(text: string): string {
    const found = openedPath.exec(text);
    if (!found || !this.opened.has(Number(found[1]))) return text;
    const place = this.openedPlace(Number(found[1]), text);
    const above = this.format(place);
    return `${above === "/" ? "" : above}${text.slice(found[0].length)}` || "/";
  }

  /** Finds a directory without following a link on the way. */
  locateUnlinked(path: string): Place {
    const descriptor = openedPath.exec(path)?.[0] ?? "";
    let at = descriptor;
    for (const name of split(path.slice(descriptor.length))) {
      at += `/${name}`;
      const { entry } = this.find(at, { followLast: false });
      if (entry.kind === "link") fail("ELOOP", path);
      if (entry.kind !== "directory") fail("ENOTDIR", path);
    }
    return this.locate(at || "/");
  }

  private openedPlace(descriptor: number, path: string): Place {
    const opened = this.opened.get(descriptor) ?? fail("ENOENT", path);
    const isProc = ({ type, target }: Mount) => type === "proc" && target === "/proc";
    if (!this.list().some(isProc)) fail("ENOENT", path);
    const { mount, entry } = opened;
    if (mount.fileSystem.find(opened.path)?.inode !== entry.inode)
      opened.path =
        findPath(mount.fileSystem, { at: mount.root, inode: entry.inode }) ?? opened.path;
    if (mount.fileSystem.find(opened.path)?.inode !== entry.inode) fail("ENOENT", path);
    return { mount, path: opened.path };
  }

  /** Gives what is at a place. */
  entry({ mount, path }: Place): Entry | undefined {
    return mount.fileSystem.find(path);
  }

  /** Finds what a path names; fails if there is nothing. */
  find(path: string, options?: { followLast?: boolean }): { place: Place; entry: Entry } {
    const place = this.locate(path, options);
    return { place, entry: this.entry(place) ?? fail("ENOENT", path) };
  }

  /** Returns the mount whose top a path names; fails with EINVAL if it is not one. */
  mountAt(path: string): MountPoint {
    const { place } = this.find(path);
    if (place.path !== place.mount.root || place.mount.at === undefined) fail("EINVAL", path);
    return place.mount;
  }

  /** Returns the mounts below a mount, with those below them. */
  below(mount: MountPoint): MountPoint[] {
    return this.mounts.filter(
      (one) => one.at && one !== mount && this.isWithin(one.at.mount, mount),
    );
  }

  isWithin(mount: MountPoint, above: MountPoint): boolean {
    return mount === above || (mount.at !== undefined && this.isWithin(mount.at.mount, above));
  }

  /** Formats a place as its present path. */
  format({ mount, path }: Place): string {
    const below = mount.root === "/" ? path : path.slice(mount.root.length) || "/";
    if (mount.at === undefined) return below;
    const above = this.format(mount.at);
    return below === "/" ? above : above === "/" ? below : `${above}${below}`;
  }

  /** Lists the mounts as /proc/self/mountinfo does. */
  list(): Mount[] {
    return this.mounts.map((mount) => ({
      target: this.format({ mount, path: mount.root }),
      type: mount.fileSystem.type,
      source: mount.source,
      options: [mount.isReadonly ? "ro" : "rw", ...mount.options].join(","),
      superOptions: [mount.fileSystem.isReadonly ? "ro" : "rw", ...mount.fileSystem.options].join(
        ",",
      ),
      deviceNumber: formatNumber(deviceOf(mount)),
      root: mount.root,
    }));
  }

  private directory(place: Place, path: string): void {
    const entry = this.entry(place) ?? fail("ENOENT", path);
    if (entry.kind !== "directory") fail("ENOTDIR", path);
  }

  /** Calls `use`; the root is afterwards what it was. */
  keepingRoot<T>(use: () => T): T {
    const before = this.entered;
    try {
      return use();
    } finally {
      this.entered = before;
    }
  }

  enter(place: Place): void {
    this.entered = place;
  }

  private top(): Place {
    if (this.entered !== undefined) return this.entered;
    const [root = fail("ENOENT", "/")] = this.mounts;
    return this.covered({ mount: root, path: root.root });
  }

  private above({ mount, path }: Place): Place {
    if (mount === this.entered?.mount && path === this.entered.path) return { mount, path };
    if (path !== mount.root) return { mount, path: parentOf(path) };
    return mount.at ? this.above(mount.at) : { mount, path };
  }

  /** The last mount at a place hides the others. */
  private covered(place: Place): Place {
    const mount = this.mounts.findLast(
      ({ at }) => at?.mount === place.mount && at.path === place.path,
    );
    return mount ? this.covered({ mount, path: mount.root }) : place;
  }
}

function findPath(
  fileSystem: FileSystem,
  { at, inode }: { at: string; inode: number },
): string | undefined {
  if (fileSystem.find(at)?.inode === inode) return at;
  for (const name of fileSystem.names(at)) {
    const found = findPath(fileSystem, { at: join(at, name), inode });
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Tells whether nothing can be changed at a place: by its mount, or by its whole file system. */
export function isReadonly({ mount }: Place): boolean {
  return mount.isReadonly || mount.fileSystem.isReadonly;
}

/** Returns the place again, unless nothing may be changed there. */
export function writable(place: Place, path: string): Place {
  if (isReadonly(place)) fail("EROFS", path);
  return place;
}

/** Returns the device number of what is mounted (st_dev). */
export function deviceOf({ carrier, fileSystem }: MountPoint): number {
  return carrier ?? fileSystem.deviceNumber;
}

/** Returns whether a place is the top of a mount. */
export function isTop({ mount, path }: Place): boolean {
  return path === mount.root;
}

/** Returns the last name of a place. */
export function nameAt({ path }: Place): string {
  return nameOf(path);
}

function formatNumber(number: number): string {
  return `${number >> 8}:${number & 255}`;
}

function split(path: string): string[] {
  return path.split("/").filter((name) => name !== "" && name !== ".");
}

/** A byte that is not UTF-8 is a lone surrogate, and one byte. */
function bytesOf(name: string): number {
  let bytes = 0;
  for (const character of name) {
    const code = character.codePointAt(0) ?? 0;
    const isByte = code >= 0xdc80 && code <= 0xdcff;
    bytes += code < 0x80 || isByte ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
