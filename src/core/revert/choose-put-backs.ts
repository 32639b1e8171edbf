// How the running session puts back what the base has: through the merged view, change by change,
// because under a mounted overlay nothing may be changed. What was copied for that is like the
// base's, and goes at the next boot.

import type { Change, ChangeKind } from "../changes/change.ts";
import { compareLayers, type OverlayLayers } from "../changes/compare-layers.ts";
import { isWithin } from "../kernel/mount-table.ts";
import { chooseReverts, findBase, namesOf, type RevertRequest } from "./choose-reverts.ts";
import { findSharers, type SharerSearch, type Sharers } from "./find-sharers.ts";
import { isSameTree } from "./same-tree.ts";

/** What is done at one path of the merged view. */
export interface PutBack {
  readonly path: string;
  /** Where the base has what belongs there: elsewhere if a directory above it was moved. */
  readonly basePath: string;
  /**
   * "remove": the base does not have it. "copy": it gets the base's file or directory. "describe":
   * it gets the base's attributes. "leave": it is like the base's already.
   */
  readonly do: "remove" | "copy" | "describe" | "leave";
  readonly kind: ChangeKind;
  readonly type: Change["type"];
  /** How many changes it takes back, and their content in the store. */
  readonly paths: number;
  readonly bytes: number;
  /** What is copied from the base, of a file. */
  readonly baseBytes: number;
  /** Whether the next boot can remove what is left of it in the store. */
  readonly goesNext: boolean;
}

/** What was chosen. */
export interface ChosenPutBacks {
  readonly putBacks: readonly PutBack[];
  readonly unchanged: readonly string[];
  readonly missing: readonly string[];
}

/** Chooses what is put back; throws a Failure as chooseReverts() does. */
export function choosePutBacks(
  layers: OverlayLayers,
  request: RevertRequest,
  search: SharerSearch,
): ChosenPutBacks {
  const { unchanged, missing, reverts } = chooseReverts(layers, request, search);
  const { copies, moved } = findSharers(layers, search);
  const found: Omit<PutBack, "goesNext">[] = [];
  const paths = request.kinds.length > 0 ? request.paths : reverts.map(({ path }) => path);
  const { kinds } = request;
  let whole: { path: string; paths: number; bytes: number } | undefined;
  for (const path of new Set(paths))
    compareLayers(layers, {
      ...search,
      // They were told of before.
      tellFault: () => {},
      under: namesOf(path),
      tell(change) {
        if (!isWithin(change.path, path)) return;
        if (whole !== undefined && isWithin(change.path, whole.path)) {
          whole.paths++;
          whole.bytes += change.bytes;
          return;
        }
        // What is below a top was chosen on its own.
        if (path === "/" && kinds.length === 0 && change.path !== "/") return;
        if (kinds.length > 0 && !kinds.includes(change.kind)) return;
        const { kind, type, bytes, baseBytes } = change;
        const one = {
          path: change.path,
          basePath: findBasePath(change.path, moved),
          do: wayOf(layers, change),
          ...{ kind, type, paths: 1, bytes, baseBytes },
        };
        found.push(one);
        const isWhole = one.do !== "describe" && kind !== "same";
        whole = isWhole && type === "directory" && kind !== "deleted" ? one : undefined;
      },
    });
  const goesNext = ({ path, basePath, do: way }: Omit<PutBack, "goesNext">) => {
    if (basePath !== path) return false;
    const base = findBase(layers.lower, namesOf(path));
    if (way === "remove") return false;
    if (base === undefined) return way === "leave";
    if (copies.length === 0) return true;
    const { content } = base;
    if (content === undefined) return base.entry.kind === "directory" && way !== "copy";
    return !copies.some(({ handle }) => search.hasHandle(content, handle));
  };
  return {
    putBacks: found.map((one) => ({ ...one, goesNext: goesNext(one) })),
    unchanged,
    missing,
  };
}

function findBasePath(path: string, moved: Sharers["moved"]): string {
  const [nearest] = moved
    .filter((one) => one.path !== path && isWithin(path, one.path))
    .sort((one, other) => other.path.length - one.path.length);
  return nearest === undefined ? path : `${nearest.from}${path.slice(nearest.path.length)}`;
}

function wayOf(layers: OverlayLayers, { path, kind, type }: Change): PutBack["do"] {
  if (kind === "added") return "remove";
  if (kind === "metadata") return "describe";
  if (kind === "same") return "leave";
  // A directory that was put back hides that of the base, which is the same.
  return type === "directory" && isSameTree(layers, path) ? "leave" : "copy";
}
