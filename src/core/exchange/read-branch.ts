// The changes in a writable branch of aufs, entry by entry: what the merged tree would show of it,
// and what it deletes.

import type { Layer, LayerEntry } from "../changes/layer.ts";
import {
  type BranchName,
  isLinkName,
  isTakenOver,
  linksDirectory,
  readBranchDirectory,
} from "./aufs-branch.ts";
import { type Carried, type FirstName, noteNames } from "./carried.ts";

/** What is known of a branch when all of it was read. */
export interface BranchEnd {
  /** Whether the top hides the whole base, which an overlay cannot express. */
  readonly hidesBase: boolean;
  /**
   * How many files had further names in the base: in their session these showed the same file,
   * which aufs kept for them, and from the next one on they show what the base has.
   */
  readonly looseFiles: number;
}

/** Reads all entries of a branch. */
export function* readBranch(layer: Layer): Generator<Carried, BranchEnd> {
  const firstName = noteNames();
  const top = layer.look("");
  let hidesBase = false;
  const pending = top?.kind === "directory" ? [{ path: "", entry: top }] : [];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    const { path, entry } = at;
    const found = readBranchDirectory(listNames(layer, path));
    if (path === "") hidesBase = found.isOpaque;
    yield { kind: "directory", path, entry: clean(entry), isOpaque: found.isOpaque };
    for (const name of found.deleted) yield { kind: "whiteout", path: `${path}/${name}` };
    for (const { name, kind } of found.oddities)
      yield { kind: "left-out", path: `${path}/${name}`, reason: kind };
    const below: { path: string; entry: LayerEntry }[] = [];
    for (const name of found.kept) {
      const kept = { path: `${path}/${name}`, entry: layer.look(`${path}/${name}`) };
      if (kept.entry === undefined) yield { kind: "left-out", path: kept.path, reason: "gone" };
      else if (kept.entry.kind === "directory") below.push({ path: kept.path, entry: kept.entry });
      else yield carryFile(kept.path, kept.entry, firstName);
    }
    pending.push(...below.reverse());
  }
  return { hidesBase, looseFiles: countLooseFiles(layer) };
}

function carryFile(path: string, entry: LayerEntry, firstName: FirstName): Carried {
  const of = firstName(path, entry);
  return of === undefined
    ? { kind: "file", path, entry: clean(entry) }
    : { kind: "name", path, of };
}

function listNames(layer: Layer, directory: string): BranchName[] {
  const found: BranchName[] = [];
  for (const names of layer.list(directory))
    for (const name of names) {
      const entry = layer.look(`${directory}/${name}`);
      if (entry) found.push({ name, kind: entry.kind, deviceNumber: entry.deviceNumber });
    }
  return found;
}

function clean(entry: LayerEntry): LayerEntry {
  const xattrs = new Map([...entry.xattrs].filter(([name]) => isTakenOver(name)));
  return { ...entry, xattrs };
}

function countLooseFiles(layer: Layer): number {
  if (layer.look(`/${linksDirectory}`)?.kind !== "directory") return 0;
  let count = 0;
  for (const names of layer.list(`/${linksDirectory}`)) count += names.filter(isLinkName).length;
  return count;
}
