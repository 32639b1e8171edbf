// A layer of an overlay on a disk: directories are opened name by name from its top, and no link is
// followed, whatever a store contains.

import type { Layer, LayerEntry } from "../../core/changes/layer.ts";
import { ifPossible } from "../port/errors.ts";
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
      look: (path) => current.look(path),
      lookAll: (path, names) => current.lookAll(path, names),
      list: (path) => listNames(system, { root: top.path, path }),
    });
  } finally {
    current.close();
    top.close();
  }
}

/** What was copied up has it, each another value, which nobody compares. */
const originName = "trusted.overlay.origin";

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

  look(path: string): LayerEntry | undefined {
    const at = path.lastIndexOf("/");
    return path === ""
      ? this.system.lookIn(this.top.path, ["."])[0]
      : this.lookIn(path.slice(0, at), [path.slice(at + 1)])[0];
  }

  lookAll(path: string, names: readonly string[]): readonly (LayerEntry | undefined)[] | undefined {
    return ifPossible(() => this.lookIn(path, names, originName));
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

  private lookIn(
    directory: string,
    names: readonly string[],
    unread?: string,
  ): readonly (LayerEntry | undefined)[] {
    if (directory !== this.path) this.enter(directory);
    return this.opened === undefined ? [] : this.system.lookIn(this.opened.path, names, unread);
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

/** Sorts the names as far as they fit into little memory. */
const sortedNames = 10_000;

function* listNames(system: System, place: DiskPlace): Generator<string[]> {
  const open = system.openNames(place);
  try {
    for (let some = open.next(); some.length > 0; ) {
      let names = some;
      const first = some.length;
      some = open.next();
      // Mostly the first are all, and sorted already.
      for (; some.length > 0 && names.length < sortedNames; some = open.next())
        names = names.concat(some);
      yield names.length > first ? names.sort() : names;
    }
  } finally {
    open.close();
  }
}
