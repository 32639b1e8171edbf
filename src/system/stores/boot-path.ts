// Where a boot finds what is on a mounted file system. A boot mounts a host without options, and of
// a btrfs that shows its default subvolume, which this mount need not show.

import { isWithin, type Mount } from "../../core/kernel/mount-table.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { withLookingPlace } from "../looking/looking-place.ts";
import { viewAgain } from "../looking/view.ts";
import { ifPossible } from "../port/errors.ts";
import type { System } from "../port/system.ts";

/** A place as a boot sees it. */
interface BootPath {
  /** From the top of what a boot's mount without options shows; undefined if that lacks it. */
  readonly path: string | undefined;
  /** What to say about it; undefined for nothing. */
  readonly note: string | undefined;
}

/** A place on a mounted file system. */
interface MountedPlace {
  readonly mount: Mount;
  /** From the top of the file system. */
  readonly path: string;
  /** Why no boot looks into the file system; undefined if one does. */
  readonly closed: string | undefined;
}

/**
 * Finds the path of a place whose path from the top of its file system is `path`. It isolates the
 * mounts of this process, so it comes last.
 */
export function findBootPath(system: System, { mount, path, closed }: MountedPlace): BootPath {
  if (closed !== undefined) return { path: undefined, note: closed };
  if (mount.type !== "btrfs") return { path, note: undefined };
  const shows = withLookingPlace(system, (at) =>
    at === undefined
      ? undefined
      : ifPossible(() =>
          viewAgain(system, { source: mount.source, at: `${at}/host` }, (view) => view.shows),
        ),
  );
  if (shows === undefined)
    return {
      path,
      note: `a boot finds it if the default subvolume of ${formatPath(mount.source)} is its top, which cannot be seen without root`,
    };
  if (shows === "/") return { path, note: undefined };
  if (isWithin(path, shows)) return { path: path.slice(shows.length) || "/", note: undefined };
  return {
    path: undefined,
    note: `a boot mounts ${formatPath(mount.source)} without options, which shows its subvolume ${formatPath(shows)}, and this is outside of that`,
  };
}
