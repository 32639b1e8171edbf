// The lines in which files of a store differ from the base's. Files are opened without following a
// link, and at most a known number of bytes is read of each.

import type { Change, ChangeKind } from "../../core/changes/change.ts";
import { compareLayers, type SeenEntry, upperLayer } from "../../core/changes/compare-layers.ts";
import { diffTexts, mostDiffBytes, type Undiffed } from "../../core/changes/diff-texts.ts";
import { findBelow, type Place, rootPlaces } from "../../core/changes/find-below.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatPath } from "../../core/text/quoted.ts";
import type { System } from "../port/system.ts";
import {
  attemptTelling,
  type ChangesListener,
  type OpenOverlay,
  type OverlayDirectories,
  withOverlay,
} from "./inspect-changes.ts";
import { isInTree, treesOf } from "./read-packages.ts";

/** How a path differs from the base's. */
export interface Difference {
  readonly path: string;
  readonly kind: ChangeKind;
  readonly type: Change["type"];
  /** The lines that differ, or why they are not shown; "type" for what is no file in both. */
  readonly lines: readonly string[] | Undiffed | "type";
}

/** Tells every difference at a path and below; an errno at the top of a layer passes through. */
export function inspectDifferences(
  system: System,
  directories: OverlayDirectories,
  {
    under,
    tell,
    tellFault,
  }: Pick<ChangesListener, "under" | "tellFault"> & { tell: (one: Difference) => void },
): void {
  const attempt = attemptTelling(tellFault);
  withOverlay(system, directories, (layers) => {
    const trees = treesOf(layers);
    const path = `/${under.join("/")}`;
    if (under.length > 0 && ![trees.base, trees.now].some((tree) => isInTree(tree, path)))
      throw new Failure(
        "not-found",
        `Cannot show how ${formatPath(path)} differs: neither the store nor the base has it`,
      );
    // What was seen is told soon after.
    const seen = new Map<string, SeenEntry>();
    compareLayers(layers, {
      ...{ under, tellFault, attempt },
      see: (one) => one.entry.kind === "file" && seen.set(one.path, one),
      tell(change) {
        const difference = attempt(
          () => change.path,
          () => describe(system, layers, { change, seen: seen.get(change.path) }),
        );
        seen.delete(change.path);
        if (difference !== undefined) tell(difference);
      },
    });
  });
}

/** Returns undefined for what differs in its attributes alone. */
function describe(
  system: System,
  layers: OpenOverlay,
  { change, seen }: { change: Change; seen: SeenEntry | undefined },
): Difference | undefined {
  const { path, kind, type } = change;
  if (kind === "same" || kind === "metadata") return undefined;
  // What is in a new directory is told by itself.
  if (kind === "added" && type === "directory" && change.from === undefined) return undefined;
  const isFile = type === "file" && kind !== "type" && seen?.marks.isMetacopy !== true;
  if (!isFile) return { path, kind, type, lines: "type" };
  const own = kind === "deleted" ? undefined : { layer: upperLayer, path };
  const read = (place: Place | undefined) =>
    place && system.withFile(layers.placeOf(place), (file) => file.read(0, mostDiffBytes + 1));
  return {
    ...{ path, kind, type },
    lines: diffTexts({ base: read(findContent(layers, change, seen)), now: read(own) }),
  };
}

function findContent(
  { lower }: OpenOverlay,
  { path, kind }: Change,
  seen: SeenEntry | undefined,
): Place | undefined {
  if (kind === "added") return undefined;
  return (seen?.base ?? findBelow(lower, rootPlaces(lower), path))?.content;
}
