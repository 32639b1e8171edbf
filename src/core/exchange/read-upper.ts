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
export function* readUpper(layer: Layer, space: MarkSpace): Generator<Carried, void> {
  const firstName = noteNames();
  const top = layer.look("");
  const pending = top?.kind === "directory" ? [{ path: "", entry: top }] : [];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    const { path, entry } = at;
    const { isOpaque } = identifyMarks(entry, space);
    // At the top overlayfs takes no notice of the mark.
    const hides = isOpaque && path !== "";
    yield { kind: "directory", path, entry: clean(entry, space), isOpaque: hides };
    const below: { path: string; entry: LayerEntry }[] = [];
    for (const names of layer.list(path))
      for (const name of names) {
        const found = { path: `${path}/${name}`, entry: layer.look(`${path}/${name}`) };
        if (found.entry === undefined) yield { kind: "left-out", path: found.path, reason: "gone" };
        else if (found.entry.kind === "directory") {
          requireWhole(found.path, found.entry, space);
          below.push({ path: found.path, entry: found.entry });
        } else yield* carryFile(found.path, found.entry, { space, firstName, hides });
      }
    below.sort((one, other) => (one.path < other.path ? 1 : -1));
    pending.push(...below);
  }
}

function* carryFile(
  path: string,
  entry: LayerEntry,
  {
    space,
    firstName,
    hides,
  }: { readonly space: MarkSpace; readonly firstName: FirstName; readonly hides: boolean },
): Generator<Carried, void> {
  if (identifyMarks(entry, space).isWhiteout) {
    // In an opaque directory there is nothing left to delete.
    if (!hides) yield { kind: "whiteout", path };
    return;
  }
  requireWhole(path, entry, space);
  const of = firstName(path, entry);
  yield of === undefined
    ? { kind: "file", path, entry: clean(entry, space) }
    : { kind: "name", path, of };
}

function requireWhole(path: string, entry: LayerEntry, space: MarkSpace): void {
  const { redirect, isMetacopy } = identifyMarks(entry, space);
  if (redirect === undefined && !isMetacopy) return;
  const found = isMetacopy ? "its content is in the base" : "it was moved, and is in the base";
  throw new Failure(
    "unsafe",
    `Cannot carry ${formatQuoted(path)}: ${found}`,
    "Name the base as well, with --base IMAGE",
  );
}

function clean(entry: LayerEntry, space: MarkSpace): LayerEntry {
  const xattrs = new Map([...entry.xattrs].filter(([name]) => !isOwnAttribute(name, space)));
  return { ...entry, xattrs };
}
