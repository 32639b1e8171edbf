// A store, or what is in the place of one, as it was inspected: one value for a boot and for every
// command. The directories that may be stores are found by their names (docs/design.md, "A store on
// disk").

import type { Device } from "../devices/device.ts";
import type { Superblock, Unclean } from "../superblocks/superblock.ts";
import type { FileFault, StoreFile } from "./file-store.ts";
import type { PastBoot } from "./past-boots.ts";
import { type DirectoryFacts, identifyStore } from "./store-directory.ts";
import { parseRecord, type StoreRecord } from "./store-record.ts";

/** A store, or what is in the place of one. */
export interface SeenStore {
  readonly kind: "file" | "directory";
  /** The file system that it is on: a file store's host, a directory store's own. */
  readonly device: Device;
  /** From the top of that file system, with a leading slash; "/" is its top. */
  readonly path: string;
  /** The file, if there is one; undefined for a directory. */
  readonly file: StoreFile | undefined;
  /**
   * The store's directory, if it could be inspected: in a file the top of the file system in it.
   */
  readonly directory: DirectoryFacts | undefined;
  /** What was found instead of a store, or why it could not be inspected. */
  readonly obstacle: Obstacle | undefined;
}

/** A store with the additional facts that commands need. */
export interface ExaminedStore extends SeenStore {
  /** Of the file, or of the directory's file system. */
  readonly bytes: number;
  /** Undefined if the file system was not inspected. */
  readonly usedBytes: number | undefined;
  readonly use: StoreUser | undefined;
  /** Whether a log has to be replayed that only a mount finds (xfs); undefined if nobody tried. */
  readonly hasPendingLog: boolean | undefined;
  /** The operation that was interrupted; "resize" if its record is not understood. */
  readonly unfinished: "create" | "grow" | "shrink" | "resize" | undefined;
  /** The subvolume that it is in ("@live"); undefined if a mount without options shows it. */
  readonly subvolume?: string;
  /** Whether a boot with the options in question mounts another subvolume. */
  readonly isElsewhere?: true;
}

/** The reason why something is not a store, or why that is unknown. */
export interface Obstacle {
  readonly kind: "none" | "unknown";
  readonly reason: string;
  /** What is wrong with a file; undefined for anything else. */
  readonly fault?: FileFault["kind"];
}

/**
 * The user of a store, and where it is used: a mount point, a loop device, or in words ("in use by
 * the program …").
 */
export interface StoreUser {
  readonly by: "session" | "overlay" | "mount" | "loop" | "other";
  readonly where: string | undefined;
}

/** The state of a store: used before, never used, of the first generation, or not a store. */
type SeenState =
  | { readonly kind: "used" | "new"; readonly reason: undefined }
  | { readonly kind: "aufs"; readonly reason: string }
  | Obstacle;

/** Identifies the state of a store. */
export function identifySeen(store: SeenStore): SeenState {
  if (store.obstacle !== undefined) return store.obstacle;
  if (store.directory === undefined) return { kind: "unknown", reason: "it was not inspected" };
  const state = identifyStore(store.directory);
  if (state.kind === "refused") {
    const isAufs = store.directory.names.some((name) => name.startsWith(".wh..wh."));
    return { kind: isAufs ? "aufs" : "none", reason: state.reason };
  }
  const hasChanges = store.directory.names.includes("upperdir");
  return { kind: hasChanges ? "used" : "new", reason: undefined };
}

/** The past of a store according to its record. */
type RecordSummary = Pick<StoreRecord, "id" | "created" | "base" | "session"> & {
  readonly boots: readonly PastBoot[];
};

/** Summarises the record of a store, if it has one that can be read. */
export function summariseRecord({ directory }: SeenStore): RecordSummary | undefined {
  if (directory?.record === undefined) return undefined;
  const finding = parseRecord(directory.record);
  if (finding.kind !== "record") return undefined;
  const { id, created, base, session, past } = finding.record;
  return { id, created, base, session, boots: past.boots };
}

/**
 * Identifies how the last session on a store ended; if it is in use now, that counts, whatever the
 * record says.
 */
export function identifyLastSession(seen: ExaminedStore): "running" | "clean" | "open" | undefined {
  return seen.use?.by === "session" ? "running" : summariseRecord(seen)?.session?.state;
}

/** Returns the superblock of the file system that keeps a store's changes. */
export function superblockOf({
  kind,
  file,
  device,
}: Pick<SeenStore, "kind" | "file" | "device">): Superblock | undefined {
  return kind === "file" ? file?.superblock : device.superblock;
}

/** Returns the type of that file system, as blkid names it; "" if nothing was recognised. */
export function typeOf(store: Pick<SeenStore, "kind" | "file" | "device">): string {
  return superblockOf(store)?.type ?? "";
}

/**
 * Lists why a store's file system is not clean; undefined while it is in use, when its state is not
 * settled.
 */
export function uncleanOf(store: ExaminedStore): readonly Unclean[] | undefined {
  const superblock = superblockOf(store);
  if (store.use !== undefined || superblock === undefined) return undefined;
  const found = superblock.unclean;
  return store.hasPendingLog && !found.includes("journal") ? [...found, "journal"] : found;
}
