// Writes an initramfs beside its place and renames it, so that an earlier one stays complete until
// then.

import type { Compression, Segment } from "../../core/initramfs/initramfs-contents.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatQuoted } from "../../core/text/quoted.ts";
import { reasonOf } from "../port/errors.ts";
import { resolveOwnLinks } from "../port/resolve-own-links.ts";
import { errnoOf, type System } from "../port/system.ts";
import { withTemporaryDirectory } from "../port/temporary.ts";
import { writeSegments } from "./initramfs-segments.ts";

/** The contents of an archive, and a directory for temporary files. */
interface Archive {
  readonly segments: readonly Segment[];
  readonly compression: Compression;
  readonly work: string;
}

/** Writes the archive that `make` returns to a file, and returns its length. */
export function writeArchive<T extends Archive>(
  system: System,
  output: string,
  make: () => T,
): { readonly made: T; readonly bytes: number } {
  const action = `write ${formatQuoted(output)}`;
  return explained(action, () =>
    withDirectory(
      system,
      resolveOwnLinks(system, directoryOf(output), `Cannot ${action}`),
      (directory) =>
        withTemporaryDirectory(system, `${directory}/.backstore-`, (place) => {
          const made = make();
          const file = `${place}/initramfs`;
          const bytes = writeSegments(system, { file, ...made });
          explained(action, () => {
            system.sync(file);
            system.rename(file, `${directory}/${output.slice(output.lastIndexOf("/") + 1)}`);
            system.sync(directory);
          });
          return { made, bytes };
        }),
    ),
  );
}

/** Throws a Failure unless a file can be at that place. */
export function checkOutput(system: System, output: string): void {
  const action = `write ${formatQuoted(output)}`;
  const [found, directory] = explained(action, () => [
    system.status(output),
    system.status(directoryOf(output)),
  ]);
  if (found !== undefined && found.kind !== "file")
    throw new Failure("usage", `Cannot ${action}: it is not a regular file`);
  if (directory?.kind !== "directory")
    throw new Failure(
      "not-found",
      `Cannot ${action}: no such directory: ${formatQuoted(directoryOf(output))}`,
    );
}

/** Calls `use` with a directory for temporary files; a /tmp in memory may be too small. */
export function withWork<T>(system: System, action: string, use: (work: string) => T): T {
  const directory = system.status("/var/tmp")?.kind === "directory" ? "/var/tmp" : "/tmp";
  return explained(action, () =>
    withTemporaryDirectory(system, `${directory}/backstore-work-`, use),
  );
}

/** Its owner may give the directory's name to another while this lasts. */
function withDirectory<T>(system: System, path: string, use: (path: string) => T): T {
  const opened = system.openDirectory(path);
  try {
    return use(opened.path);
  } finally {
    opened.close();
  }
}

/** Turns an error of the system into a sentence about what was tried. */
function explained<T>(action: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === undefined) throw error;
    const isFull = errno === "ENOSPC" || errno === "EDQUOT";
    throw new Failure(isFull ? "no-room" : "tool", `Cannot ${action}: ${reasonOf(error)}`);
  }
}

function directoryOf(path: string): string {
  const slash = path.lastIndexOf("/");
  if (slash < 0) return ".";
  return slash === 0 ? "/" : path.slice(0, slash);
}
