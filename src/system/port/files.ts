// File operations needed in several places, built from the port's functions.
import { ifPossible, reasonOf } from "./errors.ts";
import { type DiskPlace, errnoOf, type System } from "./system.ts";

/** Creates a directory and its missing parents, each with `mode`. */
export function makeDirectories(system: System, path: string, mode: number): void {
  const parts = splitPath(path);
  let at = path.startsWith("/") ? "" : ".";
  for (const part of parts) {
    at = `${at}/${part}`;
    const status = system.status(at);
    if (status?.kind === "directory") continue;
    system.makeDirectory(at, mode);
  }
}

/**
 * Writes a file so that it is either complete or unchanged: beside its place, synced, renamed, the
 * directory synced. vfat keeps the start and length of a file in its directory entry, and writes
 * them to a new name only when the file is synced once more.
 */
export function writeWhole(system: System, path: string, text: string): void {
  const beside = `${path}.new`;
  try {
    system.writeFile(beside, text);
    system.sync(beside);
    system.rename(beside, path);
  } catch (error) {
    if (system.linkStatus(beside)) system.removeFile(beside);
    throw error;
  }
  system.sync(path);
  system.sync(path.slice(0, path.lastIndexOf("/")) || "/");
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

/** As many as the kernel follows (path_resolution(7)). */
const maxLinks = 40;

function splitPath(path: string): string[] {
  return path.split("/").filter((name) => name !== "" && name !== ".");
}
