// Whether a store's file system has to be checked before it is written to, and why: according to
// its superblock, because inspection had to ignore its log, or, if the superblock says little
// (btrfs, f2fs), because the last session on the store did not end.

import type { FoundStore } from "../stores/found-store.ts";
import { superblockOf } from "../stores/seen-store.ts";
import type { RecordFinding } from "../stores/store-record.ts";
import type { SessionFacts } from "./session.ts";

/** The reason why a store is checked. */
export interface CheckNeed {
  /** The continuation of a sentence about the file system. */
  readonly because: string;
  readonly hasErrors: boolean;
}

/**
 * Finds out why a store has to be checked before it is written to; undefined if there is no reason.
 */
export function findCheckNeed(
  { record: now, isChecked }: Pick<SessionFacts, "record" | "isChecked">,
  store: FoundStore,
  record: RecordFinding | undefined,
): CheckNeed | undefined {
  if (isChecked) return undefined;
  const { unclean = [], type = "" } = superblockOf(store) ?? {};
  const need = (because: string) => ({ because, hasErrors: unclean.includes("errors") });
  if (unclean.includes("errors")) return need("the kernel recorded errors in it");
  const last = record?.kind === "record" ? record.record.session : undefined;
  // This very session, seen from inside: a mounted file system looks as if it had been interrupted.
  const isOwn = last?.state === "open" && last.boot !== undefined && last.boot === now.boot;
  if (isOwn) return undefined;
  if (unclean.some((one) => one === "journal" || one === "orphans" || one === "dirty"))
    return need("it was not cleanly unmounted");
  if (store.directory.ignoredJournal === true) return need("it was not cleanly unmounted");
  const saysLittle = type === "btrfs" || type === "f2fs";
  if (saysLittle && last?.state === "open") return need("the last session on it was interrupted");
  return undefined;
}

/**
 * Returns whether a check can clear the errors that the kernel has recorded: those of ext2, ext3
 * and ext4. If there turns out to be no checker, the store is not written to.
 */
export function mendsErrors(type: string): boolean {
  return type.startsWith("ext");
}
