// Where a layer may be whose mount was moved after the overlay was mounted: the overlay keeps it,
// and the mount table has its path of before.

import type { Mount } from "../kernel/mount-table.ts";

/** The mounts among which a layer may be. */
interface MovedFacts {
  readonly root: string;
  readonly mounts: readonly Mount[];
  /** The file behind each loop device. */
  readonly loops: ReadonlyMap<string, string>;
}

/**
 * Lists the places where the layer of a path may be: casper and old releases of live-boot mount an
 * image on a directory of its name, and what they move keeps that name otherwise.
 */
export function listMovedPlaces(path: string, { root, mounts, loops }: MovedFacts): string[] {
  const names = split(path);
  const others = mounts.filter(({ target }) => target !== root && target !== "/");
  const byImage = others
    .filter(({ source }) => split(loops.get(source) ?? "").at(-1) === names.at(-1))
    .map(({ target }) => target);
  const byName = others.flatMap(({ target }) => {
    const at = names.lastIndexOf(split(target).at(-1) ?? "");
    return at < 0 ? [] : [[target, ...names.slice(at + 1)].join("/")];
  });
  return [...new Set([...byImage, ...byName])];
}

function split(path: string): string[] {
  return path.split("/").filter((name) => name !== "");
}
