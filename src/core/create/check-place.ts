// Whether a place for a store is one that was meant: a path that is not what somebody took it for
// (a device that is not there, a stick that is not mounted) would fill memory or another disk. The
// same of other files that a command writes.

import { isDevicePath } from "../devices/missing.ts";
import { isUnion, limitsOf } from "../file-systems/hosts.ts";
import { isNamedAsStore } from "../stores/store-names.ts";
import { Failure } from "../text/failure.ts";
import { directoryOf } from "../text/path.ts";
import { formatPath } from "../text/quoted.ts";

/** A file that is to be written, with symbolic links to its directory resolved. */
interface FilePlace {
  readonly path: string;
  /** The mount that it is on: its type as the kernel names it, and its mount point. */
  readonly host: { readonly type: string; readonly target: string };
}

/**
 * Throws Failure "unsafe" for a place where no boot finds a store, or that may not be what was
 * meant. Nothing is there yet.
 */
export function checkStorePlace(place: FilePlace, { hasForce }: { hasForce: boolean }): void {
  const { path, host } = place;
  const cannot = `Cannot create ${formatPath(path)}`;
  const { passing } = limitsOf(host.type);
  const orForce = hasForce ? ", or use --force" : "";
  requireKept(place, { cannot, passing, orForce });
  if (isNamedAsStore(path) || isTopOfMount(path, host.target)) return;
  throw new Failure(
    "unsafe",
    `${cannot}: there is no such directory, and its name is not that of a store`,
    `if a file is meant, choose a name that ends with ".bs"${orForce}`,
  );
}

/**
 * Throws Failure "unsafe" for a file that would not be kept. An overlay is a live system's root,
 * whose changes may be.
 */
export function checkOutputPlace(place: FilePlace, cannot: string): void {
  const { type } = place.host;
  requireKept(place, {
    cannot,
    passing: isUnion(type) ? undefined : limitsOf(type).passing,
    orForce: ", or use --force",
  });
}

function requireKept(
  { path, host }: FilePlace,
  {
    cannot,
    passing,
    orForce,
  }: { readonly cannot: string; readonly passing: string | undefined; readonly orForce: string },
): void {
  if (passing !== undefined)
    throw new Failure(
      "unsafe",
      `${cannot}: ${passing} (${host.type} on ${formatPath(host.target)})`,
      `name a directory on a disk (findmnt shows what is mounted)${orForce}`,
    );
  if (isDevicePath(path))
    throw new Failure(
      "unsafe",
      `${cannot}: what is below /dev is created anew by every boot`,
      `name a directory on a disk${orForce}`,
    );
}

/** Somebody who names a file at the top of what is mounted has seen that it is mounted. */
function isTopOfMount(store: string, target: string): boolean {
  return target !== "/" && directoryOf(store) === target;
}

/** A host of a store, and what the running system is on. */
export interface HostOfSystem {
  readonly target: string;
  readonly source: string;
  /** Whether it is removable; undefined if that is not known. */
  readonly removable: boolean | undefined;
  /** Whether the running system's root is on the same file system. */
  readonly holdsRoot: boolean;
}

/** Warns of a store that takes room of the running system; undefined if it does not. */
export function warnOfHost({
  target,
  source,
  removable,
  holdsRoot,
}: HostOfSystem): string | undefined {
  if (!holdsRoot || removable !== false) return undefined;
  return `it is on ${formatPath(target)} (${source}), the disk of the running system; if another was meant, mount it first`;
}
