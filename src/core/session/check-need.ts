// Whether a store's file system has to be checked before it is written to, and why: what its superblock says, whether looking
// had to leave its log alone, and, where the superblock says little (btrfs, f2fs), whether the last session on the store was ended.

import type { FoundStore } from "../stores/found-store.ts";
import { superblockOf } from "../stores/seen-store.ts";
import type { RecordFinding } from "../stores/store-record.ts";
import type { SessionFacts } from "./session.ts";

/** Is why a store is checked. */
export interface CheckNeed {
  /** As a sentence about the file system goes on. */
  readonly because: string;
  readonly hasErrors: boolean;
}

/** Finds out why a store is to be checked before it is written to; undefined where nothing asks for it. */
export function findCheckNeed(
  { record: now, isChecked }: Pick<SessionFacts, "record" | "isChecked">,
  store: FoundStore,
  record: RecordFinding | undefined,
): CheckNeed | undefined {
  if (isChecked) return undefined;
  const { unclean = [], type = "" } = superblockOf(store) ?? {};
  const need = (because: string) => ({ because, hasErrors: unclean.includes("errors") });
  if (unclean.includes("errors")) return need("the kernel has noted errors in it");
  const last = record?.kind === "record" ? record.record.session : undefined;
  // This very session, seen from inside: what is mounted looks as if it had been cut off.
  const isOwn = last?.state === "open" && last.boot !== undefined && last.boot === now.boot;
  if (isOwn) return undefined;
  if (unclean.some((one) => one === "journal" || one === "orphans" || one === "dirty"))
    return need("it was not unmounted");
  if (store.directory.ignoredJournal === true) return need("it was not unmounted");
  const saysLittle = type === "btrfs" || type === "f2fs";
  if (saysLittle && last?.state === "open") return need("the last session on it was cut off");
  return undefined;
}

/** Tells whether a check can set right what the kernel has noted: errors of an ext, where its checker is there. */
export function mendsErrors(type: string, checkers: readonly string[]): boolean {
  return type.startsWith("ext") && checkers.includes(type);
}
