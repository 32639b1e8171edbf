// What was found on a host at the path of a store's file, and what the host therefore offers.

import type { StoreFile } from "./file-store.ts";
import { adviseImport } from "./foreign-store.ts";
import { findUnfinished } from "./resize-record.ts";
import { type SeenStore, typeOf } from "./seen-store.ts";
import { type DirectoryFacts, identifyStore } from "./store-directory.ts";

/** The facts about a host, by inspection only. */
export interface HostFacts {
  /** Why it could not be inspected ("this kernel has no driver …"); undefined if it was. */
  readonly obstacle: string | undefined;
  /** Whether it contains the memory of a hibernated Windows. */
  readonly isHibernated: boolean;
  /** Whether its journal was ignored, which may contain the newest files. */
  readonly ignoredJournal?: boolean;
  /** What is at the path of the store's file; undefined if nothing is. */
  readonly found: SeenStore | undefined;
}

/** The offer of a host. */
export type HostOffer =
  | { readonly kind: "nothing" }
  | { readonly kind: "unseen"; readonly reason: string }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "store"; readonly file: StoreFile; readonly directory: DirectoryFacts };

/**
 * Identifies what a host offers: a store's file, something else in its place (reasons begin with
 * "it"), or nothing.
 */
export function identifyOffer({ obstacle, ignoredJournal, found }: HostFacts): HostOffer {
  if (obstacle !== undefined) return { kind: "unseen", reason: obstacle };
  if (found === undefined)
    return ignoredJournal ? { kind: "unseen", reason: behind } : { kind: "nothing" };
  const { file, directory } = found;
  if (file === undefined || directory === undefined)
    return { kind: "refused", reason: describeObstacle(found) };
  const state = identifyStore(directory, "it");
  if (state.kind === "refused") {
    const advice = state.foreign && `; ${adviseImport(`MOUNT${file.path}`)}`;
    return { kind: "refused", reason: state.reason + (advice ?? "") };
  }
  return { kind: "store", file, directory };
}

const behind =
  "it was not cleanly unmounted, and a new file may be visible only after its journal is replayed: mount it once";

function describeObstacle(found: SeenStore): string {
  const { file, obstacle } = found;
  const reason = obstacle?.reason ?? "it was not inspected";
  if (file?.superblock === undefined || obstacle?.kind !== "unknown") return reason;
  const unfinished = findUnfinished(file);
  return `it contains ${typeOf(found)}, and ${reason}${unfinished === undefined ? "" : `; ${unfinished}`}`;
}
