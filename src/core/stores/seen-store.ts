// What is seen of a store by looking: where it is, what it is, how it was left. The directories that may be one are
// found by their names (docs/design.md, "A store on disk").

import type { Device } from "../devices/device.ts";
import type { Superblock, Unclean } from "../superblocks/superblock.ts";
import type { FileFault } from "./file-store.ts";
import { type DirectoryFacts, identifyStore } from "./store-directory.ts";
import { parseRecord, type StoreRecord } from "./store-record.ts";

/** Is a store, or what lies in the place of one, as it was seen. */
export interface SeenStore {
  readonly kind: "file" | "directory";
  /** The file system it lies on: a file store's host, a directory store's own. */
  readonly device: Device;
  /** From the top of that file system, without a leading slash; "" is its top. */
  readonly path: string;
  /** Of the file, or of the directory's file system. */
  readonly bytes: number;
  /** Undefined where the file system was not looked into. */
  readonly usedBytes: number | undefined;
  /** What the file system has really given to the file. */
  readonly allocatedBytes: number | undefined;
  /** What lies in the file; undefined for a directory, and for a file in which nothing is recognised. */
  readonly inner: Superblock | undefined;
  /** The store's directory, where it could be looked into. */
  readonly directory: DirectoryFacts | undefined;
  readonly use: StoreUser | undefined;
  /** Whether a log waits to be replayed that only a mount finds (xfs); undefined where nobody tried. */
  readonly hasPendingLog: boolean | undefined;
  /** What was begun and not finished; "resize" where its record is not understood. */
  readonly unfinished: "create" | "grow" | "shrink" | "resize" | undefined;
  /** What was found instead of a store, or why it could not be looked into. */
  readonly obstacle: Obstacle | undefined;
}

/** Says why something is no store, or why nobody knows whether it is one. */
export interface Obstacle {
  readonly kind: "none" | "unknown";
  readonly reason: string;
  /** What is wrong with a file; missing for anything else. */
  readonly fault?: FileFault["kind"];
}

/** Says who uses a store, and where it is seen: a mount point, a loop device, or in words ("in use by the program …"). */
export interface StoreUser {
  readonly by: "session" | "overlay" | "mount" | "loop" | "other";
  readonly where: string | undefined;
}

/** Says what a store is: used before, never used, of the first generation, or none at all. */
export type SeenState =
  | { readonly kind: "used" | "new"; readonly reason: undefined }
  | { readonly kind: "aufs"; readonly reason: string }
  | Obstacle;

/** Identifies what was seen. */
export function identifySeen(store: SeenStore): SeenState {
  if (store.obstacle !== undefined) return store.obstacle;
  if (store.directory === undefined) return { kind: "unknown", reason: "it was not looked into" };
  const state = identifyStore(store.directory);
  if (state.kind === "refused") {
    const isAufs = store.directory.names.some((name) => name.startsWith(".wh..wh."));
    return { kind: isAufs ? "aufs" : "none", reason: state.reason };
  }
  const hasChanges = store.directory.names.includes("upperdir");
  return { kind: hasChanges ? "used" : "new", reason: undefined };
}

/** Is what a store's record tells of its past. */
export type RecordSummary = Pick<StoreRecord, "id" | "created" | "base" | "session">;

/** Summarises the record of a store, where it has one that can be read. */
export function summariseRecord({ directory }: SeenStore): RecordSummary | undefined {
  if (directory?.record === undefined) return undefined;
  const finding = parseRecord(directory.record);
  if (finding.kind !== "record") return undefined;
  const { id, created, base, session } = finding.record;
  return { id, created, base, session };
}

/** Identifies how the last session on a store ended; what is in use now is known, whatever the record says. */
export function identifyLastSession(seen: SeenStore): "running" | "clean" | "open" | undefined {
  return seen.use?.by === "session" ? "running" : summariseRecord(seen)?.session?.state;
}

/** Tells whether a file is not allocated in full: a host that fills up then loses what is written to it. */
export function isSparse({ kind, bytes, allocatedBytes }: SeenStore): boolean {
  return kind === "file" && allocatedBytes !== undefined && allocatedBytes < bytes;
}

/** Lists why a store's file system is not in order; undefined while it is in use, when nothing of it is settled. */
export function uncleanOf(store: SeenStore): readonly Unclean[] | undefined {
  const superblock = store.kind === "file" ? store.inner : store.device.superblock;
  if (store.use !== undefined || superblock === undefined) return undefined;
  const found = superblock.unclean;
  return store.hasPendingLog && !found.includes("journal") ? [...found, "journal"] : found;
}
