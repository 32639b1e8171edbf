// The repairs that e2fsck would make by itself, tried on a copy of the metadata of an ext2, ext3 or
// ext4 file system. They are tried because e2fsck -p continues after a damaged group descriptor and
// destroys what e2fsck -y would have restored from the backup, and stops only then
// (docs/decisions/0018); and because e2fsck -n, which changes nothing, does not replay a journal.
import type { Finished, System } from "../port/system.ts";
import { withTemporaryDirectory } from "../port/temporary.ts";

/** The end of the tool that makes the copy, or of e2fsck on it. */
interface Rehearsal {
  readonly tool: "e2image" | "e2fsck";
  readonly ended: Finished;
}

/** Returns whether there is certainly space for the copy of a file system of this size. */
export function hasRoomToRehearse(system: System, bytes: number): boolean {
  // Metadata is a sixteenth at most: the journal and, if all inodes are in use, their tables.
  return system.room(findMemory(system)).availableBytes >= bytes / 16;
}

/** Runs e2fsck -p on a copy, which is in memory if possible. */
export function rehearseCheck(system: System, path: string): Rehearsal {
  return withTemporaryDirectory(system, `${findMemory(system)}/backstore-check-`, (directory) =>
    rehearseIn(system, { directory, path, run: (argv) => system.run(argv) }),
  );
}

/** Runs it on a copy in a directory, with a function that runs programs. */
export function rehearseIn(
  system: System,
  {
    directory,
    path,
    run,
  }: {
    readonly directory: string;
    readonly path: string;
    readonly run: (argv: readonly string[]) => Finished;
  },
): Rehearsal {
  const copy = `${directory}/copy`;
  const copied = run(["e2image", "-r", path, copy]);
  if (copied.status !== 0) return { tool: "e2image", ended: copied };
  lengthenCopy(system, { store: path, copy });
  return { tool: "e2fsck", ended: run(["e2fsck", "-f", "-p", copy]) };
}

/**
 * Extends a copy to the length of the original: a file system that grew while in use may record
 * that only in its journal, and e2image makes the copy as long as the superblock says.
 */
export function lengthenCopy(
  system: System,
  { store, copy }: { readonly store: string; readonly copy: string },
): void {
  const bytes = system.deviceBytes(store);
  const length = system.status(copy)?.bytes;
  if (length !== undefined && length < bytes) system.truncate(copy, bytes);
}

function findMemory(system: System): string {
  return system.status("/dev/shm")?.kind === "directory" ? "/dev/shm" : "/tmp";
}
