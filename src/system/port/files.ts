// What several parts do with files, made of the port's functions.
import { ifPossible } from "./errors.ts";
import type { System } from "./system.ts";

/** Makes a directory and the missing ones above it, each with `mode`. */
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
 * Writes a file so that it is there whole or as it was before: beside, synced, renamed, the directory synced. vfat keeps
 * where a file lies and how long it is in its name, and gives a new name that only when the file is synced once more.
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

/** Reads a file; undefined when there is none or it cannot be read. */
export function readIfPresent(system: System, path: string): string | undefined {
  return ifPossible(() => system.readText(path));
}

/** Lists a directory; empty when there is none or it cannot be read. */
export function listIfPresent(system: System, path: string): string[] {
  return ifPossible(() => system.list(path)) ?? [];
}

/** Resolves a path as a process with `root` as its root would; undefined when there is no such file. */
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
