// Where a store's file is, or would be: the user gives a directory, in which the store has its
// usual name, or a file. Its host is the file system of the mount that the file is on.

import { isDevicePath, notThere } from "../../core/devices/missing.ts";
import type { Mount } from "../../core/kernel/mount-table.ts";
import { defaultStoreName, isNamedAsStore } from "../../core/stores/store-names.ts";
import { Failure } from "../../core/text/failure.ts";
import { directoryOf, joinPath } from "../../core/text/path.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { orFail } from "../port/errors.ts";
import { mountOf } from "../port/mount-of.ts";
import { resolveOwnLinks } from "../port/resolve-own-links.ts";
import type { FileStatus, Room, System } from "../port/system.ts";
import { nameOfSession } from "./session-name.ts";

/** A place for a store, all symbolic links resolved but those that name a session's mounts. */
export interface StorePlace {
  readonly store: string;
  /** The directory that it is in. */
  readonly directory: string;
  /** What is there now; undefined if nothing is. */
  readonly status: FileStatus | undefined;
  readonly host: StoreHost;
}

/** The file system that a store is on. */
export interface StoreHost {
  /** The mount that it is visible through. */
  readonly mount: Mount;
  /** The type as the kernel names it. */
  readonly type: string;
  readonly room: Room;
  /** Whether nothing can be written through this mount. */
  readonly readonly: boolean;
  /** The store's path from the top of the file system ("/sysrcd.bs"). */
  readonly path: string;
}

/**
 * Finds the place that the user names by a directory or a file; `action` ("create a store in") is
 * what fails if there is none.
 */
export function locateStore(system: System, given: string, action: string): StorePlace {
  const cannot = `Cannot ${action} ${formatPath(given)}`;
  if (given === "") throw new Failure("usage", `${cannot}: a path cannot be empty`);
  const resolved = resolveStore(system, given, cannot);
  const store = nameOfSession(system, resolved);
  const directory = directoryOf(store);
  const mount = mountOf(system, directory);
  if (mount === undefined)
    throw new Failure("tool", `${cannot}: it is not on a mounted file system`);
  const room = orFail(cannot, () => system.room(directory));
  return {
    store,
    directory,
    status: system.status(store),
    host: {
      mount,
      type: mount.type,
      room,
      readonly: room.readonly,
      path: pathInside(mount, resolved),
    },
  };
}

/** Returns a path below a mount as a path from the top of the file system. */
export function pathInside({ target, root }: Mount, path: string): string {
  const below = target === "/" ? path : path.slice(target.length);
  return root === "/" ? below || "/" : `${root}${below}`;
}

function resolveStore(system: System, given: string, cannot: string): string {
  const kind = system.status(given)?.kind;
  if (kind === "directory") {
    const directory = resolveOwnLinks(system, given, cannot);
    return resolveFile(system, joinPath(directory, defaultStoreName), cannot);
  }
  if (given.endsWith("/")) {
    throw new Failure(
      "not-found",
      `${cannot}: no such directory`,
      "mount the file system for the store there",
    );
  }
  return resolveFile(system, given, cannot);
}

/** A store may be a symbolic link to one; if it does not exist yet, its directory is resolved. */
function resolveFile(system: System, path: string, cannot: string): string {
  const kind = system.linkStatus(path)?.kind;
  if (kind !== undefined && system.status(path) === undefined)
    throw new Failure("not-found", `${cannot}: it is a dangling link`);
  const directory = path.includes("/") ? directoryOf(path) : ".";
  // Whoever names a device that is not there means no file in memory.
  if (kind === undefined && isDevicePath(path) && !isNamedAsStore(path))
    throw notThere(cannot, path);
  if (kind === undefined && system.status(directory)?.kind !== "directory") {
    throw new Failure(
      "not-found",
      `${cannot}: no such directory: ${formatPath(directory)}`,
      "mount the file system for the store there",
    );
  }
  return resolveOwnLinks(system, path, cannot);
}
