// The options by which a boot finds a directory store.

import { formatDirectoryOptions } from "../../core/choosing/choosing-options.ts";
import type { System } from "../port/system.ts";
import { findBootPath } from "../stores/boot-path.ts";
import type { DirectoryPlace } from "./inspect-directory-place.ts";

/** Finds what a boot needs to find a directory store; `unfound` is why none looks there. */
export function findDirectoryOptions(
  system: System,
  { facts, mount, device }: DirectoryPlace,
  unfound: string | undefined,
): { readonly options: string | undefined; readonly note: string | undefined } {
  const { directory } = facts.found;
  const seen = findBootPath(system, { mount, path: `/${directory}`, closed: unfound });
  if (unfound !== undefined) return { options: undefined, note: undefined };
  const options = formatDirectoryOptions({
    // Options can name the subvolume of a directory store.
    ...(seen.path === undefined
      ? { directory, subvolume: "/" }
      : { directory: seen.path.slice(1), subvolume: undefined }),
    label: device.isUnique ? device.label : undefined,
    uuid: device.uuid,
  });
  return { options, note: seen.path === undefined ? undefined : seen.note };
}
