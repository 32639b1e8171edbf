// A place for inspection mounts, in a private mount namespace of this process. It needs no room and
// no writable directory: whoever looks may do so because a disk is full, or read-only.
import { ifPossible } from "../port/errors.ts";
import { listIfPresent } from "../port/files.ts";
import type { System } from "../port/system.ts";
import { choosePlace, withOwnDirectory } from "../port/temporary.ts";
import { unmountSoon } from "../port/unmount-soon.ts";

/**
 * Passes `use` the path of an empty directory to mount below, which is gone afterwards; undefined
 * without the right to mount. The path leads to what was made, whoever may give its name to
 * something else meanwhile.
 */
export function withLookingPlace<T>(system: System, use: (at: string | undefined) => T): T {
  if (!mayMount(system)) return use(undefined);
  if (isInMemory(system)) {
    try {
      return use(covered);
    } finally {
      unmountSoon(system, covered);
    }
  }
  return withOwnDirectory(system, `${choosePlace(system)}/backstore-look-`, {
    use,
    // Directory by directory: what is still mounted must stay as it is.
    clear(at) {
      for (const name of listIfPresent(system, at)) system.removeDirectory(`${at}/${name}`);
    },
  });
}

/**
 * Every kernel has it, nothing here reads what is in it, and only the kernel could rename it. What
 * covers it is seen by this process and its tools alone.
 */
const covered = "/proc/driver";

function isInMemory(system: System): boolean {
  const isMounted = ifPossible(() => {
    system.mount({ source: "backstore", target: covered, type: "tmpfs", data: "mode=700,size=1m" });
    return true;
  });
  return isMounted === true;
}

function mayMount(system: System): boolean {
  // Root in a container may lack the right.
  const isIsolated = ifPossible(() => {
    system.isolateMounts();
    return true;
  });
  return isIsolated === true;
}
