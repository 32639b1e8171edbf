// A place for inspection mounts, in a private mount namespace of this process.
import { ifPossible } from "../port/errors.ts";
import { listIfPresent } from "../port/files.ts";
import type { System } from "../port/system.ts";
import { withOwnDirectory } from "../port/temporary.ts";

/**
 * Passes `use` the path of an empty directory to mount below, which is removed afterwards;
 * undefined without the right to mount. The path leads to what was made, whoever may give its name
 * to something else meanwhile.
 */
export function withLookingPlace<T>(system: System, use: (at: string | undefined) => T): T {
  if (!mayMount(system)) return use(undefined);
  return withOwnDirectory(system, "/tmp/backstore-look-", {
    use,
    // Directory by directory: what is still mounted must stay as it is.
    clear(at) {
      for (const name of listIfPresent(system, at)) system.removeDirectory(`${at}/${name}`);
    },
  });
}

function mayMount(system: System): boolean {
  // Root in a container may lack the right.
  const isIsolated = ifPossible(() => {
    system.isolateMounts();
    return true;
  });
  return isIsolated === true;
}
