// What e2fsck would do by itself, tried on a copy of what describes the files of an ext. It is tried because e2fsck -p goes
// on after a broken group descriptor and destroys what e2fsck -y would have saved by the backup, and stops only then
// (docs/decisions/0018); and because e2fsck -n, which changes nothing, does not replay a journal.
import type { Finished, System } from "./system.ts";
import { withTemporaryDirectory } from "./temporary.ts";

/** Says how the tool that makes the copy, or e2fsck on it, ended. */
export interface Rehearsal {
  readonly tool: "e2image" | "e2fsck";
  readonly ended: Finished;
}

/** Rehearses e2fsck -p; the copy is in memory, if that is possible. */
export function rehearseCheck(system: System, path: string): Rehearsal {
  const memory = system.status("/dev/shm")?.kind === "directory" ? "/dev/shm" : "/tmp";
  return withTemporaryDirectory(system, `${memory}/backstore-check-`, (directory) => {
    const copy = `${directory}/copy`;
    const copied = system.run(["e2image", "-r", path, copy]);
    if (copied.status !== 0) return { tool: "e2image", ended: copied };
    return { tool: "e2fsck", ended: system.run(["e2fsck", "-f", "-p", copy]) };
  });
}
