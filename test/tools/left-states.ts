// What a killed run would leave of a store, copied while the run is stopped: the store, what is
// beside it, and its directory in memory. Each state is put back for the run that comes next.
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { namesBeside } from "../../src/core/stores/store-names.ts";
import { allocatedBytes, directory, findScratch, makeSame } from "./stores.ts";

/** What is left at a moment. */
export interface LeftState {
  readonly found: string;
  /** The files and directories by path, each directory before what is in it. */
  readonly entries: ReadonlyMap<string, LeftFile | "directory">;
}

interface Extent {
  readonly bytes: number;
  readonly isAllocated: boolean;
}

interface LeftFile extends Extent {
  readonly inode: number;
  readonly mode: number;
  /** The same for files with the same contents. */
  readonly copy: string;
}

const copies = join(directory, "copies");
// A spawned program takes longer than copying this.
const smallBytes = 64 * 1024;

/** Copies what there is of a store now; returns `before` if that has the same of all that counts. */
export function copyState(store: string, before?: LeftState): LeftState {
  const found = describeState(store);
  if (before?.found === found) return before;
  mkdirSync(copies, { recursive: true });
  const entries = listState(store).map(
    ({ path, kind }) => [path, kind === "file" ? copyFile(path) : kind] as const,
  );
  return { found, entries: new Map(entries) };
}

/**
 * Describes what counts of what there is of a store now: the next run removes temporary files
 * without reading them.
 */
export function describeState(store: string): string {
  const lines = listState(store).map(({ path, kind, isRead }) => {
    if (kind === "directory") return `${path} ${kind}`;
    return `${path} ${isRead ? versionOf(path) : statSync(path).size}`;
  });
  return lines.join("\n");
}

function copyFile(path: string): LeftFile {
  const version = versionOf(path);
  const { ino, size, mode } = statSync(path);
  const copy = join(copies, version.replaceAll(" ", "-"));
  if (!existsSync(copy)) copyContents(path, copy, { bytes: size, isAllocated: false });
  const isAllocated = allocatedBytes(path) >= size;
  return { inode: ino, bytes: size, mode: mode & 0o777, isAllocated, copy };
}

/** Puts back what was left of a store, by whose inode its directory in memory is named. */
export function putBackState(store: string, { entries }: LeftState): void {
  const kept = entries.get(store);
  if (kept === "directory" || kept?.inode !== statSync(store).ino)
    throw new Error(`"${store}" is another inode`);
  for (const { path } of listState(store).reverse())
    if (!entries.has(path)) rmSync(path, { recursive: true });
  for (const [path, left] of entries) {
    if (left === "directory") {
      mkdirSync(path, { recursive: true, mode: 0o700 });
      continue;
    }
    if (placed.get(path) === `${left.copy} ${versionIfThere(path)}`) continue;
    copyContents(left.copy, path, left);
    chmodSync(path, left.mode);
    placed.set(path, `${left.copy} ${versionOf(path)}`);
  }
}

// The copy that was put back at a path, and the version that the file had then.
const placed = new Map<string, string>();

/** Removes all copies. */
export function dropStates(): void {
  rmSync(copies, { recursive: true, force: true });
  placed.clear();
}

let versions = 0;

/**
 * Returns what changes with each write to a file. Its time is set to one that no other version has:
 * two writes may come within one tick of the kernel's clock.
 */
export function versionOf(path: string): string {
  if (statSync(path).mtimeMs > versions * 1000) utimesSync(path, ++versions, versions);
  const { ino, size, blocks, mtimeMs } = statSync(path);
  return `${ino} ${size} ${blocks} ${mtimeMs}`;
}

function versionIfThere(path: string): string | undefined {
  return statSync(path, { throwIfNoEntry: false }) && versionOf(path);
}

function copyContents(from: string, to: string, { bytes, isAllocated }: Extent): void {
  if (bytes <= smallBytes) copyFileSync(from, to);
  else makeSame(from, to, ...(isAllocated ? (["-a"] as const) : []));
}

interface Entry {
  readonly path: string;
  readonly kind: "file" | "directory";
  readonly isRead: boolean;
}

function listState(store: string): Entry[] {
  const { temporary } = namesBeside(store);
  return [
    ...listBelow(dirname(store), (path) => path !== temporary),
    ...findScratch(store).flatMap((path): Entry[] => [
      { path, kind: "directory", isRead: false },
      ...listBelow(path, () => false),
    ]),
  ];
}

function listBelow(directory: string, isRead: (path: string) => boolean): Entry[] {
  const entries = readdirSync(directory, { withFileTypes: true, recursive: true });
  return entries
    .map((entry): Entry => {
      const path = join(entry.parentPath, entry.name);
      return { path, kind: entry.isDirectory() ? "directory" : "file", isRead: isRead(path) };
    })
    .sort((one, other) => (one.path < other.path ? -1 : 1));
}
