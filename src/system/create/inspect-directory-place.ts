// The place of a directory store: the mounted file system it is on, what exists there already, and
// how the kernel command line can name it.

import type { DirectoryPlaceFacts } from "../../core/create/plan-create-directory.ts";
import { type Device, unknownDevice } from "../../core/devices/device.ts";
import type { Mount } from "../../core/kernel/mount-table.ts";
import { Failure } from "../../core/text/failure.ts";
import { directoryOf, joinPath, parseInnerPath } from "../../core/text/path.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { discoverDevices } from "../devices/discover-devices.ts";
import { discoverImage } from "../devices/discover-image.ts";
import { ifPossible, orFail } from "../port/errors.ts";
import { mountOf } from "../port/mount-of.ts";
import { resolveOwnLinks } from "../port/resolve-own-links.ts";
import type { System } from "../port/system.ts";
import { readDirectory } from "../stores/inspect-directory.ts";
import { pathInside } from "../stores/locate-store.ts";

/** A place for a directory store. */
export interface DirectoryPlace {
  readonly facts: DirectoryPlaceFacts;
  readonly mount: Mount;
  /** The names of its file system; `isUnique` is whether the label identifies it unambiguously. */
  readonly device: {
    readonly label: string | undefined;
    readonly uuid: string | undefined;
    readonly isUnique: boolean;
  };
}

/**
 * Inspects the place of a directory, which need not exist; throws a Failure if none can be created.
 */
export function inspectDirectoryPlace(system: System, given: string): DirectoryPlace {
  const cannot = `Cannot create a store in ${formatPath(given)}`;
  const { path, above, missing } = resolvePlace(system, given, cannot);
  const mount = mountOf(system, above);
  if (mount === undefined)
    throw new Failure("tool", `${cannot}: it is not on a mounted file system`);
  const directory = parseInnerPath(pathInside(mount, path), "the directory");
  const parent = directoryOf(path);
  const found = orFail(cannot, () =>
    readDirectory(system, {
      root: parent === "/" ? "" : parent,
      directory: path.slice(path.lastIndexOf("/") + 1),
    }),
  );
  const device = findDevice(system, mount);
  return {
    facts: {
      path,
      type: mount.type,
      isReadonly: system.room(above).readonly,
      missing,
      found: { ...found, directory },
    },
    mount,
    device: {
      label: device.superblock?.label,
      uuid: device.superblock?.uuid,
      isUnique: isUnique(system, device),
    },
  };
}

interface ResolvedPlace {
  readonly path: string;
  /** The deepest directory that is there. */
  readonly above: string;
  /** The path of the first directory above it that is not there; undefined if all are. */
  readonly missing: string | undefined;
}

/**
 * Resolves the existing part of a path; the rest is taken literally. Each name is looked up once:
 * one that was missing may be somebody's link a moment later.
 */
function resolvePlace(system: System, given: string, cannot: string): ResolvedPlace {
  const names = given.split("/").filter((name) => name !== "" && name !== ".");
  if (names.includes(".."))
    throw new Failure("usage", `${cannot}: a store path cannot contain ".."`);
  let above = given.startsWith("/") ? "/" : orFail(cannot, () => system.resolve("."));
  for (const [index, name] of names.entries()) {
    const next = joinPath(above, name);
    const status = system.status(next);
    if (status === undefined && system.linkStatus(next) !== undefined)
      throw new Failure("not-found", `${cannot}: ${formatPath(next)} is a dangling link`);
    if (status !== undefined && status.kind !== "directory")
      throw new Failure("usage", `${cannot}: ${formatPath(next)} is not a directory`);
    if (status === undefined) {
      const rest = names.slice(index);
      return {
        path: rest.reduce(joinPath, above),
        above,
        missing: rest.length > 1 ? next : undefined,
      };
    }
    above = resolveOwnLinks(system, next, cannot);
  }
  return { path: above, above, missing: undefined };
}

function findDevice(system: System, { source }: Mount): Device {
  const unknown = unknownDevice(source, 0);
  if (system.status(source)?.kind !== "block") return unknown;
  return ifPossible(() => discoverImage(system, system.resolve(source))[0]) ?? unknown;
}

/** The members of one btrfs share one label and one UUID, and are one file system. */
function isUnique(system: System, { path, superblock }: Device): boolean {
  return !discoverDevices(system).some(
    (other) =>
      other.path !== path &&
      other.superblock?.label === superblock?.label &&
      other.superblock?.uuid !== superblock?.uuid,
  );
}
