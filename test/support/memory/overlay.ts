// overlayfs in memory: one view of several layers, with whiteouts, opaque directories and copying
// up, without metacopy and redirects (Documentation/filesystems/overlayfs.rst).
import { type Entry, makeEntry, whiteout } from "./entry.ts";
import { fail } from "./errors.ts";
import { type FileSystem, join, parentOf, TreeFileSystem } from "./tree.ts";

/** A directory of a file system, as a layer of an overlay. */
export interface Layer {
  readonly fileSystem: FileSystem;
  readonly path: string;
}

const opaque = "trusted.overlay.opaque";

/** A layer where something was found, and whether that may be changed. */
interface Seen extends Layer {
  readonly isUpper: boolean;
}

/** The merged view; without an upper layer it is read-only. */
export class OverlayFileSystem implements FileSystem {
  readonly type = "overlay";
  readonly deviceNumber: number;
  readonly upper: Layer | undefined;
  readonly lowers: readonly Layer[];
  options: readonly string[];
  isReadonly: boolean;

  constructor({
    upper,
    lowers,
    options,
  }: { upper: Layer | undefined; lowers: readonly Layer[]; options: readonly string[] }) {
    this.deviceNumber = new TreeFileSystem("overlay").deviceNumber;
    this.upper = upper;
    this.lowers = lowers;
    this.options = options;
    this.isReadonly = upper === undefined;
  }

  get layers(): readonly Layer[] {
    return this.upper ? [this.upper, ...this.lowers] : this.lowers;
  }

  get totalBytes(): number {
    return this.layers[0]?.fileSystem.totalBytes ?? 0;
  }

  get reservedBytes(): number {
    return this.layers[0]?.fileSystem.reservedBytes ?? 0;
  }

  usedBytes(): number {
    return this.layers[0]?.fileSystem.usedBytes() ?? 0;
  }

  find(path: string): Entry | undefined {
    return withoutOwnXattrs(topEntry(this.layersOf(path)));
  }

  names(path: string): string[] {
    const names = new Set(
      this.layersOf(path).flatMap(({ fileSystem, path: at }) => fileSystem.names(at)),
    );
    return [...names].filter((name) => this.find(join(path, name)));
  }

  change(path: string): Entry {
    const upper = this.upper ?? fail("EROFS", path);
    const at = within(upper, path);
    const there = upper.fileSystem.find(at);
    if (there) return there;
    const below = topEntry(this.layersOf(path)) ?? fail("ENOENT", path);
    this.change(parentOf(path));
    upper.fileSystem.add(at, copyOf(below));
    return upper.fileSystem.change(at);
  }

  add(path: string, entry: Entry): void {
    const upper = this.upper ?? fail("EROFS", path);
    this.change(parentOf(path));
    const at = within(upper, path);
    const there = upper.fileSystem.find(at);
    if (there && isWhiteout(there)) {
      upper.fileSystem.remove(at);
      // Without this, removed entries would be visible again in the new directory.
      if (entry.kind === "directory") entry.xattrs.set(opaque, Uint8Array.of(0x79));
    }
    upper.fileSystem.add(at, entry);
  }

  remove(path: string): void {
    const upper = this.upper ?? fail("EROFS", path);
    this.change(parentOf(path));
    const at = within(upper, path);
    if (upper.fileSystem.find(at)) upper.fileSystem.remove(at);
    if (topEntry(this.layersOf(path))) upper.fileSystem.add(at, whiteout());
  }

  move(from: string, to: string): void {
    const isBelow = this.layersOf(from).some(({ isUpper }) => !isUpper);
    // Without redirects, a directory of a lower layer cannot be renamed; mv(1) copies it then.
    if (isBelow && this.find(from)?.kind === "directory") fail("EXDEV", to);
    const entry = this.change(from);
    this.remove(from);
    this.add(to, entry);
  }

  /**
   * Returns the layers that have what is visible at `path`, the top one first: several only for a
   * merged directory.
   */
  private layersOf(path: string): Seen[] {
    let found: Seen[] = this.layers.map((layer) => ({ ...layer, isUpper: layer === this.upper }));
    for (const name of path.split("/")) if (name !== "") found = step(found, name);
    return found;
  }
}

function step(parents: readonly Seen[], name: string): Seen[] {
  const found: Seen[] = [];
  for (const { fileSystem, path, isUpper } of parents) {
    const layer = { fileSystem, path: join(path, name), isUpper };
    const entry = fileSystem.find(layer.path);
    if (!entry) continue;
    if (isWhiteout(entry)) break;
    if (entry.kind !== "directory") {
      if (found.length === 0) found.push(layer);
      break;
    }
    found.push(layer);
    if (entry.xattrs.get(opaque)?.[0] === 0x79) break;
  }
  return found;
}

function topEntry([top]: readonly Layer[]): Entry | undefined {
  return top?.fileSystem.find(top.path);
}

function within({ path: top }: Layer, path: string): string {
  return top === "/" ? path : path === "/" ? top : `${top}${path}`;
}

function isWhiteout({ kind, deviceNumber }: Entry): boolean {
  return kind === "character" && deviceNumber === 0;
}

function copyOf(entry: Entry): Entry {
  const { kind, mode, uid, gid, content, target, deviceNumber } = entry;
  return makeEntry(kind, {
    mode,
    uid,
    gid,
    content,
    target,
    deviceNumber,
    xattrs: withoutOwn(entry.xattrs),
  });
}

function withoutOwnXattrs(entry: Entry | undefined): Entry | undefined {
  return entry && { ...entry, xattrs: withoutOwn(entry.xattrs) };
}

function withoutOwn(xattrs: Entry["xattrs"]): Entry["xattrs"] {
  return new Map([...xattrs].filter(([name]) => !name.startsWith("trusted.overlay.")));
}
