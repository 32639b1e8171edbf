// A place for inspection mounts, in a private mount namespace of this process.
import { ifPossible } from "../port/errors.ts";
import { listIfPresent } from "../port/files.ts";
import type { System } from "../port/system.ts";
import { makeTemporaryDirectory } from "../port/temporary.ts";

/**
 * Passes `use` an empty directory to mount below, which is removed afterwards; undefined without
 * the right to mount.
 */
export function withLookingPlace<T>(system: System, use: (at: string | undefined) => T): T {
  if (!mayMount(system)) return use(undefined);
  const at = makeTemporaryDirectory(system, "/tmp/backstore-look-");
  try {
    return system.withLock(at, () => use(at));
  } finally {
    // Directory by directory: what is still mounted must stay as it is.
    for (const name of listIfPresent(system, at)) system.removeDirectory(`${at}/${name}`);
    system.removeDirectory(at);
  }
}

function mayMount(system: System): boolean {
  // Root in a container may lack the right.
  const isIsolated = ifPossible(() => {
    system.isolateMounts();
    return true;
  });
  return isIsolated === true;
}
