// A layer of an overlay on a disk: directories are opened name by name from its top, and no link is
// followed, whatever a store contains.

import type { Layer, LayerEntry } from "../../core/changes/layer.ts";
import { type DiskPlace, errnoOf, type Opened, type System } from "../port/system.ts";

/** A layer, and where its files are read. */
export interface OpenLayer extends Layer {
  readonly placeOf: (path: string) => DiskPlace;
}

/** Opens a directory as a layer while `use` runs. */
export function withLayer<T>(system: System, root: string, use: (layer: OpenLayer) => T): T {
  const top = system.openDirectory(system.resolve(root));
  const current = new CurrentDirectory(system, top);
  try {
    return use({
      placeOf: (path) => current.placeOf(path),
      look: (path) => readEntry(system, current.pathOf(path)),
      list: (path) => listNames(system, { root: top.path, path }),
    });
  } finally {
    current.close();
    top.close();
  }
}

/** The directory that was looked into last: most looks are into the same one again. */
class CurrentDirectory {
  private readonly system: System;
  private readonly top: Opened;
  private path = "";
  private opened: Opened | undefined;

  constructor(system: System, top: Opened) {
    this.system = system;
    this.top = top;
    this.opened = top;
  }

  /** Returns how an entry is reached; undefined if the directory that it would be in is none. */
  pathOf(path: string): string | undefined {
    if (path === "") return `${this.top.path}/.`;
    const at = path.lastIndexOf("/");
    const directory = path.slice(0, at);
    if (directory !== this.path) this.enter(directory);
    return this.opened && `${this.opened.path}${path.slice(at)}`;
  }

  /** Returns the place of a file; from the directory that was looked into last if it is there. */
  placeOf(path: string): DiskPlace {
    const at = path.lastIndexOf("/");
    return this.opened !== undefined && path.slice(0, at) === this.path
      ? { root: this.opened.path, path: path.slice(at) }
      : { root: this.top.path, path };
  }

  close(): void {
    if (this.opened !== this.top) this.opened?.close();
    this.opened = undefined;
  }

  private enter(directory: string): void {
    this.close();
    this.path = directory;
    this.opened = directory === "" ? this.top : openIfPresent(this.system, this.top, directory);
  }
}

function openIfPresent(system: System, top: Opened, directory: string): Opened | undefined {
  try {
    return system.openDirectory(`${top.path}${directory}`);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "ENOENT" || errno === "ENOTDIR" || errno === "ELOOP") return undefined;
    throw error;
  }
}

function readEntry(system: System, path: string | undefined): LayerEntry | undefined {
  const status = path === undefined ? undefined : system.linkStatus(path);
  if (path === undefined || status === undefined) return undefined;
  const { kind, mode, uid, gid, bytes, allocatedBytes, inode, links, deviceNumber } = status;
  const modified = system.times(path)?.modified;
  if (modified === undefined) return undefined;
  return {
    ...{ kind, mode, uid, gid, bytes, allocatedBytes, inode, links, deviceNumber, modified },
    target: kind === "link" ? system.readLink(path) : undefined,
    xattrs: readXattrs(system, path),
  };
}

const noXattrs: ReadonlyMap<string, Uint8Array> = new Map();

function readXattrs(system: System, path: string): ReadonlyMap<string, Uint8Array> {
  const names = system.listXattrs(path);
  if (names.length === 0) return noXattrs;
  const values = new Map<string, Uint8Array>();
  for (const name of names) {
    const value = system.getXattr(path, name);
    if (value !== undefined) values.set(name, value);
  }
  return values;
}

/** Sorts the names as far as they fit into little memory. */
const sortedNames = 10_000;

function* listNames(system: System, place: DiskPlace): Generator<string[]> {
  const open = system.openNames(place);
  try {
    let names: string[] = [];
    for (let some = open.next(); some.length > 0; some = open.next()) {
      names = names.concat(some);
      if (names.length < sortedNames) continue;
      yield names.sort();
      names = [];
    }
    if (names.length > 0) yield names.sort();
  } finally {
    open.close();
  }
}
