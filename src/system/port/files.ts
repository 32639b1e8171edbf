// File operations needed in several places, built from the port's functions.
import { Failure } from "../../core/text/failure.ts";
import { directoryOf } from "../../core/text/path.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { ifPossible, reasonOf } from "./errors.ts";
import { type DiskPlace, errnoOf, type Opened, type System } from "./system.ts";

/**
 * Creates a directory and its missing parents, each with `mode`; ELOOP where a link is on the way.
 */
export function makeDirectories(system: System, path: string, mode: number): void {
  const start = /^\/proc\/self\/fd\/\d+/.exec(path)?.[0] ?? (path.startsWith("/") ? "" : ".");
  // A boot is without /proc when it begins and when it hands over; nobody else is there then.
  const hasDescriptors = system.status("/proc/self/fd") !== undefined;
  let at: Opened = start === "" ? root : system.openDirectory(start);
  try {
    for (const name of splitPath(path.slice(start.length))) {
      const below = `${at.path}/${name}`;
      const kind = system.linkStatus(below)?.kind;
      if (kind !== "directory" && kind !== "link") system.makeDirectory(below, mode);
      const next = system.openDirectory(below);
      at.close();
      if (!hasDescriptors) next.close();
      at = hasDescriptors ? next : { ...root, path: below };
    }
  } finally {
    at.close();
  }
}

const root: Opened = { path: "", close: () => {} };

/**
 * Writes a file so that it is either complete or unchanged: beside its place, synced, renamed, the
 * directory synced. vfat keeps the start and length of a file in its directory entry, and writes
 * them to a new name only when the file is synced once more.
 * What has either name already is removed or replaced, never written through, and no link is
 * followed on the way.
 */
export function writeWhole(system: System, path: string, text: string): void {
  const directory = system.openDirectory(directoryOf(path));
  try {
    writeIn(system, `${directory.path}${path.slice(path.lastIndexOf("/"))}`, text);
    system.sync(directory.path);
  } finally {
    directory.close();
  }
}

function writeIn(system: System, path: string, text: string): void {
  const beside = `${path}.new`;
  if (system.linkStatus(beside)) system.removeFile(beside);
  const file = system.createOpen(beside, 0o644);
  try {
    system.appendFile(file.path, text);
    system.sync(file.path);
    renameOpened(system, { file, from: beside, to: path });
    system.sync(file.path);
  } catch (error) {
    ifPossible(() => system.removeFile(beside));
    throw error;
  } finally {
    file.close();
  }
}

/** Renames an opened file; throws a Failure if its name leads to another file by now. */
export function renameOpened(
  system: System,
  { file, from, to }: { file: Opened; from: string; to: string },
): void {
  requireName(system, file, from);
  system.rename(from, to);
  requireName(system, file, to);
}

/** Throws a Failure where somebody has given a name to something else than to the opened file. */
export function requireName(system: System, file: Opened, path: string): void {
  if (isNamed(system, file, path)) return;
  throw new Failure(
    "unsafe",
    `Cannot go on with ${formatPath(ifPossible(() => system.resolve(path)) ?? path)}: somebody put something else in its place meanwhile`,
    "see who else writes to that directory",
  );
}

/** Returns whether a name leads to what was opened. */
export function isNamed(system: System, file: Opened, path: string): boolean {
  const [opened, named] = [system.status(file.path), system.linkStatus(path)];
  return opened !== undefined && opened.inode === named?.inode && opened.device === named.device;
}

/** Reads a file; undefined if it does not exist or cannot be read. */
export function readIfPresent(system: System, path: string): string | undefined {
  return ifPossible(() => system.readText(path));
}

/** Lists a directory; empty if it does not exist or cannot be read. */
export function listIfPresent(system: System, path: string): string[] {
  return ifPossible(() => system.list(path)) ?? [];
}

/** Reads a file of a disk, of at most `mostBytes` bytes; errno errors pass through. */
export function readBelow(system: System, place: DiskPlace, mostBytes: number): string {
  return system.withFile(place, ({ text }) => text(mostBytes));
}

/**
 * Lists a directory of a disk; errno errors pass through, EFBIG where it has more names than
 * anybody reads.
 */
export function listBelow(system: System, place: DiskPlace): string[] {
  return system.listBelow(place, mostNames);
}

/** Lists a directory of a disk; empty when there is none or it cannot be read. */
export function listBelowIfPresent(system: System, place: DiskPlace): string[] {
  return ifPossible(() => listBelow(system, place)) ?? [];
}

/**
 * Far more than lie at the top of a disk that somebody works with; each costs memory while it is
 * looked at.
 */
const mostNames = 20_000;

/**
 * Describes why a file of a disk was not read, in words that fit a name: a link or a pipe is no
 * fault of the disk.
 */
export function describeUnread(error: unknown): string {
  const errno = errnoOf(error);
  if (errno === "ELOOP") return "it is a link, or lies behind one, and links are not followed";
  if (errno === "EINVAL" || errno === "EISDIR") return "it is not a file";
  return reasonOf(error);
}

/**
 * Resolves a path as a process with `root` as its root would; undefined if there is no such file.
 */
export function resolveInside(system: System, root: string, path: string): string | undefined {
  const pending = splitPath(path).reverse();
  const resolved: string[] = [];
  for (let links = 0; pending.length > 0; ) {
    const name = pending.pop() ?? "";
    if (name === "..") {
      resolved.pop();
      continue;
    }
    const at = [root, ...resolved, name].join("/");
    const kind = system.linkStatus(at)?.kind;
    if (kind === undefined) return undefined;
    if (kind !== "link") {
      resolved.push(name);
      continue;
    }
    if (++links > maxLinks) return undefined;
    const target = system.readLink(at);
    if (target.startsWith("/")) resolved.length = 0;
    pending.push(...splitPath(target).reverse());
  }
  return [root, ...resolved].join("/");
}

/** Returns whether a path in a root names a program. */
export function isProgramInside(system: System, root: string, path: string): boolean {
  const file = resolveInside(system, root, path);
  if (file === undefined) return false;
  const status = system.linkStatus(file);
  return status?.kind === "file" && (status.mode & 0o111) !== 0;
}

/** As many as the kernel follows (path_resolution(7)). */
const maxLinks = 40;

function splitPath(path: string): string[] {
  return path.split("/").filter((name) => name !== "" && name !== ".");
}
