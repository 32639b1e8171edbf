// Where the changes to compare are, and their base: of the running session by the kernel's mount
// table, of a store or an image by a view that changes nothing on its disk.

import { unknownDevice } from "../../core/devices/device.ts";
import { findMountAbove, lowerLayersOf, upperOf } from "../../core/kernel/mount-table.ts";
import { findRoot } from "../../core/status/changes-place.ts";
import { describeTruncated } from "../../core/stores/file-store.ts";
import { isOwnName } from "../../core/stores/store-directory.ts";
import { defaultStoreName, namesStoreDirectory } from "../../core/stores/store-names.ts";
import { Failure } from "../../core/text/failure.ts";
import { joinPath } from "../../core/text/path.ts";
import { formatFew, formatPath } from "../../core/text/quoted.ts";
import { readSuperblock } from "../looking/read-superblock.ts";
import { adviseCheck, watchDamage } from "../looking/require-sound.ts";
import { withView } from "../looking/view.ts";
import { ifPossible, orFail } from "../port/errors.ts";
import { listBelow } from "../port/files.ts";
import type { System } from "../port/system.ts";
import { learnUsage } from "../usage/usage.ts";
import type { OverlayDirectories } from "./inspect-changes.ts";

/** The changes of the running session. */
export interface SessionChanges extends OverlayDirectories {
  /** Whether they are in memory alone. */
  readonly isInMemory: boolean;
}

/**
 * Finds the changes of the running session; throws Failure "not-found", which begins with `cannot`,
 * if it has none.
 */
export function findSessionChanges(
  system: System,
  cannot = "Cannot show the changes of this session",
  hint = "name a store and its base: backstore changes STORE --base IMAGE",
): SessionChanges {
  const mounts = system.mounts();
  const root = findRoot(mounts);
  const upper = root && upperOf(root);
  if (root === undefined || upper === undefined)
    throw new Failure("not-found", `${cannot}: its root is not an overlay with changes`, hint);
  const lower = lowerLayersOf(root);
  for (const layer of [upper, ...lower])
    if (ifPossible(() => system.linkStatus(layer)) === undefined)
      throw new Failure(
        "not-found",
        `${cannot}: its layer ${formatPath(layer)} is not visible from here`,
      );
  const isInMemory = ["tmpfs", "ramfs"].includes(findMountAbove(mounts, upper)?.type ?? "");
  const isOfUsers = root.superOptions.split(",").includes("userxattr");
  return { upper, lower, space: isOfUsers ? "user" : "trusted", isInMemory };
}

/** A place for views, and who is told of what they do not show. */
export interface ChangesView {
  /** A directory to mount below; undefined without the right to mount. */
  readonly at: string | undefined;
  /** Hears that a journal was ignored, which may contain newer changes. */
  readonly tellIgnoredJournal: (path: string) => void;
}

/**
 * Passes the upper directory of a store to `use`: a directory, or a file or device with one;
 * undefined if it is new and has none.
 */
export function withUpper<T>(
  system: System,
  {
    given,
    view,
    action = "show the changes in",
  }: { given: string; view: ChangesView; action?: string },
  use: (upper: string | undefined) => T,
): T {
  const cannot = `Cannot ${action} ${formatPath(given)}`;
  const names = listIfDirectory(system, given, cannot);
  if (names?.includes("upperdir")) return use(upperIn(system, given, cannot));
  const isNamed = names?.includes(defaultStoreName) === true;
  if (names !== undefined && !isNamed)
    return names.every(isOwnName) ? use(undefined) : orNoStore(cannot);
  const path = isNamed ? joinPath(given, defaultStoreName) : given;
  return withFileSystem(system, { path, name: "store", cannot, view }, (root) =>
    use(findUpper(system, root, cannot)),
  );
}

/** The bases to open. */
interface GivenBases {
  readonly given: readonly string[];
  readonly view: ChangesView;
}

/**
 * Passes the directories of bases to `use`, in the same order: directories, or images. Throws a
 * Failure if there is nothing in them, as in a directory on which nothing is mounted: all that the
 * store deletes would be what the base does not have.
 */
export function withBases<T>(
  system: System,
  { given, view }: GivenBases,
  use: (bases: readonly string[]) => T,
): T {
  return openBases(system, { given, view }, (bases) => {
    const isEmpty = (base: string) =>
      ifPossible(() => listBelow(system, { root: base, path: "" }))?.length === 0;
    if (bases.length > 0 && bases.every(isEmpty))
      throw new Failure(
        "unsafe",
        `Cannot use ${formatFew(given.map(formatPath))} as a base: it is empty`,
        "mount the base there first, or name its image",
      );
    return use(bases);
  });
}

function openBases<T>(
  system: System,
  { given: [first, ...others], view }: GivenBases,
  use: (bases: readonly string[]) => T,
): T {
  if (first === undefined) return use([]);
  const cannot = `Cannot use ${formatPath(first)} as a base`;
  const next = (base: string) =>
    openBases(system, { given: others, view }, (bases) => use([base, ...bases]));
  const nextIfBase = (base: string) => {
    if (ifPossible(() => listBelow(system, { root: base, path: "" }))?.includes("upperdir"))
      throw new Failure("unsafe", `${cannot}: it is a store`, nameBase);
    return next(base);
  };
  if (listIfDirectory(system, first, cannot) !== undefined) return nextIfBase(first);
  const name = `base${others.length}`;
  return withFileSystem(system, { path: first, name, cannot, view, hint: nameBase }, nextIfBase);
}

/** Lists a directory that somebody named; undefined for what is none. */
export function listIfDirectory(
  system: System,
  path: string,
  cannot: string,
): string[] | undefined {
  const status = path === "" ? undefined : orFail(cannot, () => system.status(path));
  if (status === undefined) throw new Failure("not-found", `${cannot}: no such file or directory`);
  return status.kind === "directory"
    ? orFail(cannot, () => listBelow(system, { root: path, path: "" }))
    : undefined;
}

const nameBase = "name a squashfs or erofs image, or a directory";

/** A file system to look into. */
interface FileSystemRequest {
  readonly path: string;
  /** The name of the directory to mount on. */
  readonly name: string;
  readonly cannot: string;
  readonly view: ChangesView;
  /** What to do about what is none; undefined for a store. */
  readonly hint?: string;
}

/** Passes the top of the file system in a file or device to `use`: a view that changes nothing. */
export function withFileSystem<T>(
  system: System,
  { path, name, cannot, view, hint }: FileSystemRequest,
  use: (root: string) => T,
): T {
  const { at } = view;
  const bytes = orFail(cannot, () => system.deviceBytes(path));
  const superblock = orFail(cannot, () => readSuperblock(system, path, bytes));
  if (superblock === undefined && hint !== undefined)
    throw new Failure("not-found", `${cannot}: it is not a file system`, hint);
  if (superblock === undefined) return orNoStore(cannot);
  if (at === undefined)
    throw new Failure("tool", `${cannot}: it cannot be mounted without root`, "run this as root");
  const truncated = describeTruncated({ bytes, superblock });
  if (truncated !== undefined)
    throw new Failure("damaged", `${cannot}: ${truncated}`, hint ?? adviseCheck(path));
  const device = { ...unknownDevice(path, bytes), superblock };
  const usage = learnUsage(system);
  const requireSound = watchDamage(system);
  return orDamaged({ path, cannot }, () =>
    withView(system, { device, usage, at: `${at}/${name}` }, ({ root, ignoredJournal }) => {
      if (ignoredJournal) view.tellIgnoredJournal(path);
      const result = use(root);
      requireSound({ path: root, given: path, cannot });
      return result;
    }),
  );
}

/** The hint for any damage names a file system that somebody has yet to find. */
function orDamaged<T>({ path, cannot }: { path: string; cannot: string }, action: () => T): T {
  try {
    return orFail(cannot, action);
  } catch (error) {
    const isErrno = error instanceof Failure && error.code === "damaged";
    throw isErrno ? new Failure("damaged", error.message, adviseCheck(path)) : error;
  }
}

/**
 * Finds the one upper directory of a file system: at its top, or where boots make it; undefined if
 * it has none yet.
 */
export function findUpper(system: System, root: string, cannot: string): string | undefined {
  const list = (path: string) => ifPossible(() => listBelow(system, { root, path })) ?? [];
  const top = list("");
  if (top.includes("upperdir")) return upperIn(system, root, cannot);
  const found = top
    .filter(namesStoreDirectory)
    .flatMap((name) => list(name).map((machine) => `${name}/${machine}`))
    .filter((directory) => list(directory).includes("upperdir"));
  const [first, ...others] = found;
  if (first === undefined) return top.every(isOwnName) ? undefined : orNoStore(cannot);
  if (others.length === 0) return upperIn(system, `${root}/${first}`, cannot);
  throw new Failure(
    "unsafe",
    `${cannot}: there are several stores on it (${formatFew(found.map(formatPath))})`,
    "mount it, and name the directory of one",
  );
}

/** Returns the path of a store's upper directory; throws a Failure if a link leads out of there. */
export function upperIn(system: System, directory: string, cannot: string): string {
  const upper = joinPath(directory, "upperdir");
  if (system.linkStatus(upper)?.kind === "directory") return upper;
  throw new Failure(
    "unsafe",
    `${cannot}: "upperdir" is not a directory, and links are not followed`,
  );
}

function orNoStore(cannot: string): never {
  throw new Failure(
    "not-found",
    `${cannot}: it contains no store`,
    "list the stores: backstore list",
  );
}
