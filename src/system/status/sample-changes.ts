// A sample of the changes, looked up in the running system: what was written with other overlay
// options than those of the session is there in the store, but cannot be reached (EPERM). Those
// nearest to the top come first, because what another system has renamed is usually there.

import type { Mount } from "../../core/kernel/mount-table.ts";
import type { UnreadableChange } from "../../core/status/check-claim.ts";
import { reasonOf } from "../port/errors.ts";
import { errnoOf, type System } from "../port/system.ts";

/** Looking at so many takes 3 ms of processor time (measured). */
const mostEntries = 1000;

/** Finds a change that cannot be reached; undefined if all of the sample can, or none is seen. */
export function findUnreadable(
  system: System,
  { upper, mounts }: { readonly upper: string; readonly mounts: readonly Mount[] },
): UnreadableChange | undefined {
  // What is mounted over a change hides it, and may be slow to answer.
  const covered = new Set(mounts.map(({ target }) => target));
  const pending = [""];
  let entries = 0;
  for (const at of pending) {
    for (const name of listSome(system, `${upper}${at}`)) {
      if (++entries > mostEntries) return undefined;
      const path = `${at}/${name}`;
      if (covered.has(path)) continue;
      try {
        if (system.linkStatus(path)?.kind === "directory") pending.push(path);
      } catch (error) {
        const errno = errnoOf(error);
        if (errno === undefined) throw error;
        if (!mayBeAllowed.has(errno)) return { path, reason: reasonOf(error) };
      }
    }
  }
  return undefined;
}

/** Only root may enter the directory of the mounts; anybody else sees no sample. */
function listSome(system: System, path: string): readonly string[] {
  try {
    return system.listBelow({ root: "", path }, mostEntries);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return [];
  }
}

/** Errors that depend on who asks. */
const mayBeAllowed = new Set(["EACCES", "ELOOP", "ENAMETOOLONG"]);
