// Temporary directories, which are removed afterwards in any case: by whoever made them or, if that
// was killed, by the next run. Each is locked as long as it is used, also by tools that outlive us.

import { Failure } from "../../core/text/failure.ts";
import { directoryOf, joinPath } from "../../core/text/path.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { ifPossible } from "./errors.ts";
import { listIfPresent } from "./files.ts";
import { mountOf } from "./mount-of.ts";
import { errnoOf, type Opened, type System } from "./system.ts";

/**
 * Creates an empty directory whose name starts with `prefix`, passes a path to it to `use`, and
 * removes it with all its contents. Whoever owns the directory above may give its name to something
 * else meanwhile: the path leads to what was made.
 */
export function withTemporaryDirectory<T>(
  system: System,
  prefix: string,
  use: (directory: string) => T,
): T {
  return withOwnDirectory(system, prefix, {
    use,
    // Leftovers are less harmful than hiding a success or the reason for a failure.
    clear: (directory) => ifPossible(() => removeContents(system, directory)),
  });
}

/** Returns the first of the usual directories in which one can be made. */
export function choosePlace(system: System): string {
  const places = ["/tmp", "/run", "/dev/shm", "/var/tmp"];
  const usable = places.find((place) =>
    ifPossible(() => {
      system.removeDirectory(system.makeTemporaryDirectory(`${place}/backstore-`));
      return true;
    }),
  );
  return usable ?? "/tmp";
}

/** What is done in a directory of our own, and how it is emptied afterwards. */
export interface OwnDirectory<T> {
  readonly use: (directory: string) => T;
  readonly clear: (directory: string) => void;
}

/**
 * Creates an empty directory as withTemporaryDirectory() does, and removes it when `clear` has
 * emptied it. Directories of runs that were killed are removed first.
 */
export function withOwnDirectory<T>(system: System, prefix: string, own: OwnDirectory<T>): T {
  // Another run takes one that is not locked yet for a leftover.
  for (let tries = 0; tries < mostTries; tries++) {
    const done = tryOwnDirectory(system, prefix, own);
    if (done !== undefined) return done.result;
  }
  throw new Failure(
    "in-use",
    `Cannot make a directory ${formatPath(`${prefix}…`)}: other programs remove it each time`,
  );
}

const mostTries = 10;

function tryOwnDirectory<T>(
  system: System,
  prefix: string,
  { use, clear }: OwnDirectory<T>,
): { readonly result: T } | undefined {
  const named = system.makeTemporaryDirectory(prefix);
  removeLeft(system, named, prefix);
  let isTaken = true;
  const directory = unlessTaken(() => openMade(system, named));
  if (directory === undefined) return undefined;
  try {
    return unlessTaken(() =>
      system.withLock(directory.path, () => {
        if (system.linkStatus(named) === undefined) return undefined;
        isTaken = false;
        try {
          return { result: use(directory.path) };
        } finally {
          clear(directory.path);
        }
      }),
    );
  } finally {
    directory.close();
    // Whoever has its name by now keeps it.
    if (!isTaken) ifPossible(() => system.removeDirectory(named));
  }

  /** Undefined if another run removes it or has removed it; what `use` throws is not caught. */
  function unlessTaken<R>(act: () => R): R | undefined {
    try {
      return act();
    } catch (error) {
      const errno = errnoOf(error);
      if (isTaken && (errno === "ENOENT" || errno === "EAGAIN")) return undefined;
      throw error;
    }
  }
}

/** Removes directories with our names that are ours and that nobody uses. */
function removeLeft(system: System, own: string, prefix: string): void {
  const uid = system.linkStatus(own)?.uid;
  const directory = directoryOf(prefix);
  const start = prefix.slice(prefix.lastIndexOf("/") + 1);
  const left = listIfPresent(system, directory)
    .filter((name) => name.startsWith(start) && /^\w{6}$/.test(name.slice(start.length)))
    .map((name) => (directory === "/" ? `/${name}` : `${directory}/${name}`))
    .filter((path) => path !== own);
  for (const path of left.slice(0, mostLeft)) {
    ifPossible(() => removeLeftDirectory(system, path, uid));
  }
}

function removeLeftDirectory(system: System, path: string, uid: number | undefined): void {
  const opened = system.openDirectory(path);
  try {
    const status = system.status(opened.path);
    if (status?.uid !== uid || status?.mode !== 0o700) return;
    system.withLock(opened.path, () => {
      removeContents(system, opened.path);
      system.removeDirectory(path);
    });
  } finally {
    opened.close();
  }
}

const mostLeft = 100;

/** Opens a directory that was just made; throws a Failure if somebody put another in its place. */
export function openMade(system: System, path: string): Opened {
  const isOpened = path.startsWith("/proc/self/fd/");
  const above = isOpened ? directoryOf(path) : system.resolve(directoryOf(path));
  const made = system.openDirectory(joinPath(above, path.slice(path.lastIndexOf("/") + 1)));
  const own = ifPossible(() => system.status("/proc/self/fd"))?.uid;
  const isOwn = own === undefined || system.status(made.path)?.uid === own;
  if ((isOwn || isWithoutOwners(system, made.path)) && system.list(made.path).length === 0)
    return made;
  made.close();
  throw new Failure(
    "unsafe",
    `Cannot work in ${formatPath(ifPossible(() => system.resolve(above)) ?? above)}: a directory made there belongs to somebody else`,
    "run it as the user whose directory it is",
  );
}

/** File systems without owners show every file as whoever mounted them said, and have no links. */
function isWithoutOwners(system: System, path: string): boolean {
  return ["vfat", "exfat", "msdos"].includes(mountOf(system, path)?.type ?? "");
}

/** Removes all that is in a directory; symbolic links are removed, not followed. */
export function removeContents(system: System, path: string): void {
  for (const name of system.list(path)) removeTree(system, `${path}/${name}`);
}

/** Removes what has a name, and all that is below; symbolic links are removed, not followed. */
export function removeTree(system: System, path: string): void {
  if (system.linkStatus(path)?.kind !== "directory") {
    system.removeFile(path);
    return;
  }
  // Unpacked files keep their permissions, which may forbid their owner to remove them.
  system.setMode(path, 0o700);
  removeContents(system, path);
  system.removeDirectory(path);
}
