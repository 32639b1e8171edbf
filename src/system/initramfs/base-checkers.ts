// Which file system checkers an initramfs can leave to the base: those that are there, and not
// older than what makes the stores.
import { checkersByType } from "../../core/file-systems/checkers.ts";
import { findVersion, isOlder } from "../../core/initramfs/tool-version.ts";
import type { System } from "../port/system.ts";
import type { FoundCheckers } from "./find-checkers.ts";
import { readWhole } from "./module-packing.ts";

/** The checkers to include, and those that the base has. */
export interface SharedCheckers extends FoundCheckers {
  readonly inBase: readonly string[];
}

/**
 * Leaves out what a base has; all tools of a type come from one place. `programs` are the paths of
 * the base's files.
 */
export function leaveToBase(
  system: System,
  { found, missing }: FoundCheckers,
  programs: ReadonlyMap<string, string>,
): SharedCheckers {
  const isFine = (tool: string) => {
    const path = programs.get(tool);
    if (path === undefined) return false;
    const version = findVersion(readWhole(system, path));
    const own = found.find((one) => one.tool === tool)?.files[0]?.source;
    const wanted = oldest[tool] ?? (own && findVersion(readWhole(system, own)));
    if (version === undefined) return own === undefined;
    return wanted === undefined || !isOlder(version, wanted);
  };
  const sets = new Set(Object.values(checkersByType));
  const inBase = [...sets].filter((tools) => tools.every(isFine)).flat();
  return {
    found: found.filter(({ tool }) => !inBase.includes(tool)),
    missing: missing.filter(({ tool }) => !inBase.includes(tool)),
    inBase,
  };
}

/**
 * The release that knows all features of new stores, where those are the same everywhere
 * (docs/decisions/0013); other stores have those of this machine's release.
 */
const oldest: { readonly [tool: string]: string | undefined } = {
  e2fsck: "1.42",
  e2image: "1.42",
};
