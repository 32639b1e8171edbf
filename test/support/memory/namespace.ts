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

/** The mounts and paths that a process sees. */
export class Namespace {
  readonly mounts: MountPoint[];

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
    const names = split(path);
    let links = 0;
    let at = this.top();
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
        if (++links > mostLinks) fail("ELOOP", path);
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

  /** Returns what is at a place. */
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
      deviceNumber: `${mount.fileSystem.deviceNumber >> 8}:${mount.fileSystem.deviceNumber & 255}`,
      root: mount.root,
    }));
  }

  private directory(place: Place, path: string): void {
    const entry = this.entry(place) ?? fail("ENOENT", path);
    if (entry.kind !== "directory") fail("ENOTDIR", path);
  }

  private top(): Place {
    const [root = fail("ENOENT", "/")] = this.mounts;
    return this.covered({ mount: root, path: root.root });
  }

  private above({ mount, path }: Place): Place {
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

/**
 * Returns whether nothing can be changed at a place: because of its mount, or its whole file
 * system.
 */
export function isReadonly({ mount }: Place): boolean {
  return mount.isReadonly || mount.fileSystem.isReadonly;
}

/** Returns the place again, unless nothing may be changed there. */
export function writable(place: Place, path: string): Place {
  if (isReadonly(place)) fail("EROFS", path);
  return place;
}

/** Returns whether a place is the top of a mount. */
export function isTop({ mount, path }: Place): boolean {
  return path === mount.root;
}

/** Returns the last name of a place. */
export function nameAt({ path }: Place): string {
  return nameOf(path);
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
