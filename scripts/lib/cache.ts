// A cache for files that take long to make: they are made once and kept under build/cache, named
// after their inputs.

import { createHash } from "node:crypto";
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";

/** The directory of everything that is made; programs run at the top of the tree. */
export const buildDirectory = resolve("build");
export const cacheDirectory = join(buildDirectory, "cache");

/** A file to make: `inputs` are everything that the result depends on. */
export interface Recipe {
  readonly name: string;
  readonly inputs: readonly (string | Uint8Array)[];
  /** Makes the file or directory `path`, which does not exist yet. */
  readonly make: (path: string) => void;
}

/**
 * Returns the path of the result of a recipe, made now unless it was made from the same inputs
 * before.
 */
export function makeOnce({ name, inputs, make }: Recipe): string {
  const key = digest(inputs);
  const path = join(cacheDirectory, `${name}-${key}`);
  if (existsSync(path)) {
    utimesSync(path, new Date(), new Date());
    return path;
  }
  mkdirSync(cacheDirectory, { recursive: true });
  const beside = join(cacheDirectory, `.${name}-${key}`);
  claim(`${beside}.owner`);
  try {
    if (existsSync(path)) return path;
    rmSync(beside, { recursive: true, force: true });
    make(beside);
    renameSync(beside, path);
  } finally {
    rmSync(beside, { recursive: true, force: true });
    rmSync(`${beside}.owner`);
  }
  removeOlder(name, key);
  return path;
}

/**
 * Claims a file for this process, and waits while it is another's that runs: what takes minutes to
 * make is not made twice at once.
 */
function claim(file: string): void {
  while (!tryClaim(file)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
}

/**
 * Claims a file that contains this process's number; returns false if it belongs to a process that
 * is still running.
 */
export function tryClaim(file: string): boolean {
  // Linked under its name when it is whole, so that it is never seen empty.
  const own = `${file}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    while (!tryLink(own, file)) {
      const owner = readOwner(file);
      if (owner === undefined) continue;
      if (existsSync(`/proc/${owner}`)) return false;
      rmSync(file, { force: true });
    }
    return true;
  } finally {
    rmSync(own, { force: true });
  }
}

/** Returns false if something has the name. */
function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return false;
  }
}

/** Returns undefined if it was released meanwhile. */
function readOwner(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return undefined;
  }
}

/** Returns twelve hexadecimal digits that identify the inputs. */
export function digest(inputs: readonly (string | Uint8Array)[]): string {
  const hash = createHash("sha256");
  for (const input of inputs) hash.update(`${input.length}:`).update(input);
  return hash.digest("hex").slice(0, 12);
}

// What another run may be using now, or was made for another kernel, was requested recently.
function removeOlder(name: string, key: string): void {
  for (const entry of readdirSync(cacheDirectory)) {
    const isSibling =
      entry.startsWith(`${name}-`) && /^[0-9a-f]{12}$/.test(entry.slice(name.length + 1));
    const path = join(cacheDirectory, entry);
    if (isSibling && !entry.endsWith(key) && isUnused(path))
      rmSync(path, { recursive: true, force: true });
  }
}

const keptMs = 24 * 60 * 60 * 1000;

function isUnused(path: string): boolean {
  const status = statSync(path, { throwIfNoEntry: false });
  return status !== undefined && Date.now() - status.mtimeMs > keptMs;
}
