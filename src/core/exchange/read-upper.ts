// The changes in an upper directory of overlayfs, entry by entry, for another form or another
// place: overlayfs's own attributes stay behind, and what they mean is said.

import type { LayerEntry } from "../changes/layer.ts";
import { identifyMarks, isOwnAttribute, type Layer, type MarkSpace } from "../changes/layer.ts";
import { Failure } from "../text/failure.ts";
import { formatQuoted } from "../text/quoted.ts";
import { type Carried, type FirstName, noteNames } from "./carried.ts";

/**
 * Reads all entries of an upper directory. Throws a Failure at a file of which the content is in
 * the base, and at a directory that was moved there: without the base neither can be carried.
 */
export function readUpper(layer: Layer, space: MarkSpace): Generator<Carried, void> {
  return readEntries(layer, { space, takePartial: refusePartial });
}

/**
 * Reads all entries of an upper directory for another one over the same base: what is in the base
 * remains there, and the marks that say so are carried.
 */
export function readUpperForSameBase(layer: Layer, space: MarkSpace): Generator<Carried, void> {
  return readEntries(layer, { space, takePartial: keepMarks });
}

interface Reading {
  readonly space: MarkSpace;
  /** Returns the attributes of an entry of which a part is in the base. */
  readonly takePartial: (
    path: string,
    entry: LayerEntry,
    space: MarkSpace,
  ) => readonly [string, Uint8Array][];
}

function* readEntries(layer: Layer, reading: Reading): Generator<Carried, void> {
  const { space } = reading;
  const firstName = noteNames();
  const top = layer.look("");
  const pending = top?.kind === "directory" ? [{ path: "", entry: top }] : [];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    const { path, entry } = at;
    const { isOpaque } = identifyMarks(entry, space);
    // At the top overlayfs takes no notice of the mark.
    const hides = isOpaque && path !== "";
    yield { kind: "directory", path, entry: clean(path, entry, reading), isOpaque: hides };
    const below: { path: string; entry: LayerEntry }[] = [];
    for (const names of layer.list(path))
      for (const name of names) {
        const found = { path: `${path}/${name}`, entry: layer.look(`${path}/${name}`) };
        if (found.entry === undefined) yield { kind: "left-out", path: found.path, reason: "gone" };
        else if (found.entry.kind === "directory")
          below.push({ path: found.path, entry: found.entry });
        else yield* carryFile(found.path, found.entry, { ...reading, firstName, hides });
      }
    below.sort((one, other) => (one.path < other.path ? 1 : -1));
    pending.push(...below);
  }
}

function* carryFile(
  path: string,
  entry: LayerEntry,
  {
    firstName,
    hides,
    ...reading
  }: Reading & { readonly firstName: FirstName; readonly hides: boolean },
): Generator<Carried, void> {
  if (identifyMarks(entry, reading.space).isWhiteout) {
    // In an opaque directory there is nothing left to delete.
    if (!hides) yield { kind: "whiteout", path };
    return;
  }
  const of = firstName(path, entry);
  yield of === undefined
    ? { kind: "file", path, entry: clean(path, entry, reading) }
    : { kind: "name", path, of };
}

function clean(path: string, entry: LayerEntry, { space, takePartial }: Reading): LayerEntry {
  if (entry.xattrs.size === 0) return entry;
  const { redirect, isMetacopy } = identifyMarks(entry, space);
  const partial = redirect !== undefined || isMetacopy ? takePartial(path, entry, space) : [];
  const kept = [...entry.xattrs].filter(([name]) => !isOwnAttribute(name, space));
  return { ...entry, xattrs: new Map([...kept, ...partial]) };
}

function refusePartial(path: string, entry: LayerEntry, space: MarkSpace): never {
  const { isMetacopy } = identifyMarks(entry, space);
  const found = isMetacopy ? "its content is in the base" : "it was moved, and is in the base";
  throw new Failure("unsafe", `Cannot carry ${formatQuoted(path)}: ${found}`);
}

function keepMarks(
  _path: string,
  entry: LayerEntry,
  space: MarkSpace,
): readonly [string, Uint8Array][] {
  return ["redirect", "metacopy"].flatMap((name) => {
    const value = entry.xattrs.get(`${space}.overlay.${name}`);
    return value === undefined ? [] : [[`trusted.overlay.${name}`, value] as [string, Uint8Array]];
  });
}
