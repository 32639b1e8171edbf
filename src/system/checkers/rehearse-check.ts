// What e2fsck would do by itself, tried on a copy of what describes the files of an ext. It is tried because e2fsck -p goes
// on after a broken group descriptor and destroys what e2fsck -y would have saved by the backup, and stops only then
// (docs/decisions/0018); and because e2fsck -n, which changes nothing, does not replay a journal.
import type { Finished, System } from "../port/system.ts";
import { withTemporaryDirectory } from "../port/temporary.ts";

/** Says how the tool that makes the copy, or e2fsck on it, ended. */
interface Rehearsal {
  readonly tool: "e2image" | "e2fsck";
  readonly ended: Finished;
}

/** Tells whether there is surely room for the copy of a file system of so many bytes. */
export function hasRoomToRehearse(system: System, bytes: number): boolean {
  // What describes the files is a sixteenth at the most: the journal and, where all inodes are in use, their tables.
  return system.room(findMemory(system)).availableBytes >= bytes / 16;
}

/** Rehearses e2fsck -p; the copy is in memory, if that is possible. */
export function rehearseCheck(system: System, path: string): Rehearsal {
  return withTemporaryDirectory(system, `${findMemory(system)}/backstore-work-`, (directory) =>
    rehearseIn(system, { directory, path, run: (argv) => system.run(argv) }),
  );
}

/** Rehearses with the copy in a directory, by a function that runs programs. */
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
 * Makes a copy as long as what it was made from: a file system that grew while it was in use may say so only in its journal,
 * and e2image makes the copy as long as the superblock says.
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
