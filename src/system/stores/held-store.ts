// A store's names for as long as a command works on it. Its directory may belong to somebody else,
// who can give the names to other files at any moment. So the directory, the store and what is
// beside it are opened once, and everything that is done by a name, by tools too, is done to what
// was opened (docs/decisions/0029).

import { namesBeside } from "../../core/stores/store-names.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { requireName } from "../port/files.ts";
import { errnoOf, type FileStatus, type Opened, type System } from "../port/system.ts";
import { openMade } from "../port/temporary.ts";
import { undoing } from "../port/undo.ts";
import { pathOfSession } from "./session-name.ts";

/**
 * Calls `use` with a System in which the names of a store and of what is beside it stand for what
 * they lead to when they are first used, in every directory through which the store is seen.
 */
export function withHeldStore<T>(system: System, store: string, use: (held: System) => T): T {
  const names = new Names(system, store.slice(store.lastIndexOf("/") + 1));
  try {
    return use(hold(system, names));
  } catch (error) {
    if (error instanceof Error && "path" in error && typeof error.path === "string")
      error.path = names.tell(error.path);
    throw error;
  } finally {
    names.close();
  }
}

/** A path as far as it is held: its directory, the name in that, and what is below. */
interface HeldPath {
  readonly directory: string;
  readonly name: string;
  readonly below: string;
}

/** Knows what was opened, and by which names. */
class Names {
  private readonly system: System;
  private readonly names: ReadonlySet<string>;
  private readonly directories = new Map<string, Opened>();
  private readonly opened = new Map<string, Opened>();

  constructor(system: System, store: string) {
    this.system = system;
    const { intent, ...beside } = namesBeside(store);
    this.names = new Set([store, intent, `${intent}.new`, ...Object.values(beside)]);
  }

  close(): void {
    for (const one of [...this.opened.values(), ...this.directories.values()]) one.close();
    this.opened.clear();
    this.directories.clear();
  }

  /** Returns the path to what has a name, not to what the name leads to. */
  name(path: string): string {
    const directory = this.directories.get(path);
    if (directory !== undefined) return directory.path;
    const held = this.split(path);
    if (held === undefined) return path;
    if (held.below !== "") return `${this.follow(`${held.directory}/${held.name}`)}${held.below}`;
    return `${this.directory(held.directory).path}/${held.name}`;
  }

  /** Returns the path to what a name leads to; where there is nothing, the path of the name. */
  follow(path: string): string {
    const held = this.split(path);
    if (held === undefined || held.below !== "") return this.name(path);
    return this.open(path, held)?.path ?? this.name(path);
  }

  /** Returns the status of what a name leads to; of a link or a device, its own. */
  status(path: string): FileStatus | undefined {
    if (!this.isHeld(path) || this.opened.has(path)) return this.system.status(this.follow(path));
    const named = this.system.linkStatus(this.name(path));
    const isOpened = named?.kind === "file" || named?.kind === "directory";
    return isOpened ? this.system.status(this.follow(path)) : named;
  }

  /** Returns the status of what has a name, of a link its own. */
  linkStatus(path: string): FileStatus | undefined {
    // Its path is one of the kernel's links to what was opened.
    const directory = this.directories.get(path);
    if (directory !== undefined) return this.system.status(directory.path);
    return this.system.linkStatus(this.name(path));
  }

  /** Opens what has a name, unless that was done before; undefined where nothing has it. */
  private open(path: string, { directory }: HeldPath): Opened | undefined {
    const known = this.opened.get(path);
    if (known !== undefined) return known;
    const named = this.name(path);
    const status = this.system.linkStatus(named);
    if (status === undefined) return undefined;
    if (status.kind === "link") throw notFollowed(path, "it is a link, and links are not followed");
    const isDirectory = status.kind === "directory";
    if (!isDirectory && status.kind !== "file") throw notFollowed(path, "it is not a file");
    const file = ifThere(() =>
      isDirectory ? this.system.openDirectory(named) : this.system.openFile(named),
    );
    if (file === undefined) return undefined;
    this.opened.set(path, file);
    const seen = this.system.status(file.path);
    if (!isDirectory && (seen?.links ?? 1) > 1) {
      const owner = this.system.status(this.directory(directory).path)?.uid;
      if (seen?.uid !== owner)
        throw notFollowed(
          path,
          "it has another name elsewhere, and another owner than its directory",
        );
    }
    return file;
  }

  /** Remembers what was made with a name. */
  add(path: string, file: Opened): void {
    this.forget(path);
    this.opened.set(path, file);
  }

  /** Forgets what had a name that is gone, with what is below. */
  forget(path: string): void {
    this.opened.get(path)?.close();
    this.opened.delete(path);
  }

  /** Renames what is open by one name. */
  rename(from: string, to: string): void {
    const file = this.split(from) && this.openedAt(from);
    if (file === undefined) {
      this.system.rename(this.name(from), this.name(to));
      return;
    }
    requireName(this.system, file, this.name(from));
    this.system.rename(this.name(from), this.name(to));
    this.opened.delete(from);
    this.add(to, file);
    requireName(this.system, file, this.name(to));
  }

  /** Tells whether a path is that of a directory in which names are held. */
  holds(path: string): boolean {
    return this.directories.has(path);
  }

  isHeld(path: string): boolean {
    const held = this.split(path);
    return held !== undefined && held.below === "";
  }

  /** Puts the names in the place of the paths that lead to what was opened, in what a tool says. */
  tell(text: string): string {
    let told = text;
    const all = [...this.opened, ...this.directories];
    for (const [path, file] of all)
      if (told.includes(file.path))
        told = told
          .split(file.path)
          .map((part, at) =>
            at > 0 && /^\d/.test(part) ? `${file.path}${part}` : at > 0 ? `${path}${part}` : part,
          )
          .join("");
    return told;
  }

  private openedAt(path: string): Opened | undefined {
    const held = this.split(path);
    return held && this.open(path, held);
  }

  private directory(path: string): Opened {
    const known = this.directories.get(path);
    if (known !== undefined) return known;
    // The session's own links are root's; no other is followed.
    const real = pathOfSession(this.system, path === "" ? "/" : path);
    const opened = this.system.openDirectory(real);
    this.directories.set(path, opened);
    return opened;
  }

  private split(path: string): HeldPath | undefined {
    if (!path.startsWith("/") || path.startsWith("/proc/self/fd/")) return undefined;
    const parts = path.split("/");
    const at = parts.findIndex((part, index) => index > 0 && this.names.has(part));
    if (at < 0) return undefined;
    const below = parts.slice(at + 1);
    return {
      directory: parts.slice(0, at).join("/"),
      name: parts[at] ?? "",
      below: below.length === 0 ? "" : `/${below.join("/")}`,
    };
  }
}

function notFollowed(path: string, reason: string): Failure {
  return new Failure(
    "unsafe",
    `Cannot use ${formatPath(path)}: ${reason}`,
    "move it away, or name the file that is meant",
  );
}

/**
 * The functions of the port whose first argument is the path of something that is looked into or
 * changed.
 */
const following = [
  "readText",
  "readBytes",
  "readPacked",
  "appendFile",
  "writeBytes",
  "allocate",
  "reserve",
  "truncate",
  "disableCopyOnWrite",
  "ownership",
  "unshare",
  "list",
  "resolve",
  "setMode",
  "setOwner",
  "writeOut",
  "sync",
  "syncFileSystem",
  "room",
  "withLock",
  "deviceBytes",
  "hasPartLocks",
  "unmount",
] as const satisfies readonly (keyof System)[];

/** Those whose first argument is a name. */
const naming = [
  "readLink",
  "makeLink",
  "writeFile",
  "openFile",
] as const satisfies readonly (keyof System)[];

function hold(system: System, names: Names): System {
  const wrap = (name: keyof System, translate: (path: string) => string) => {
    // The compiler cannot follow a function per name; each gets its arguments but for the first as
    // they are.
    const call = system[name] as (path: string, ...others: unknown[]) => unknown;
    return [name, (path: string, ...others: unknown[]) => call(translate(path), ...others)];
  };
  const wrapped: Partial<System> = Object.fromEntries([
    ...following.map((name) => wrap(name, (path) => names.follow(path))),
    ...naming.map((name) => wrap(name, (path) => names.name(path))),
  ]);
  const createOpen = (path: string, mode?: number) => {
    const file = system.createOpen(names.name(path), mode);
    if (!names.isHeld(path)) return file;
    names.add(path, file);
    return { path: file.path, close: () => {} };
  };
  return {
    ...system,
    ...wrapped,
    createOpen,
    status: (path) => names.status(path),
    linkStatus: (path) => names.linkStatus(path),
    // What is held stays open, and its names must go on standing for what was opened.
    openDirectory: (path) =>
      names.holds(path)
        ? { path, close: () => {} }
        : system.openDirectory(pathOfSession(system, names.follow(path))),
    createFile(path, mode) {
      createOpen(path, mode).close();
    },
    makeDirectory(path, mode) {
      const name = names.name(path);
      system.makeDirectory(name, mode);
      if (!names.isHeld(path)) return;
      const made = undoing(
        () => system.removeDirectory(name),
        () => openMade(system, name),
      );
      names.add(path, made);
    },
    removeFile(path) {
      system.removeFile(names.name(path));
      names.forget(path);
    },
    removeDirectory(path) {
      system.removeDirectory(names.name(path));
      names.forget(path);
    },
    rename: (from, to) => names.rename(from, to),
    withLoop: (request, use) =>
      system.withLoop({ ...request, file: names.follow(request.file) }, use),
    mount: (request) =>
      system.mount({
        ...request,
        source: names.follow(request.source),
        target: names.follow(request.target),
      }),
    run(argv, options) {
      const words = argv.map((word) => names.follow(word));
      const ended = system.run(words, options);
      return { ...ended, argv, stdout: names.tell(ended.stdout), stderr: names.tell(ended.stderr) };
    },
  };
}

function ifThere<T>(open: () => T): T | undefined {
  try {
    return open();
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw error;
  }
}
