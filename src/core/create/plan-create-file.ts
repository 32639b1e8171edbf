// How a file store is created: beside its final name, complete and synced before it is renamed.
// Whatever can be known to fail is found here, before anything is written.

import { limitsOf, marginBytes } from "../file-systems/hosts.ts";
import type { StoreFileSystem } from "../file-systems/store-types.ts";
import type { Plan, Step } from "../steps/step.ts";
import { namesBeside } from "../stores/store-names.ts";
import { Failure } from "../text/failure.ts";
import { directoryOf } from "../text/path.ts";
import { formatPath } from "../text/quoted.ts";
import { formatSize, roundDown } from "../text/size.ts";
import { checkStorePlace } from "./check-place.ts";

/** A request to create a file store. */
export interface CreateRequest {
  /** "max" means all free space, less a margin. */
  readonly size: number | "max";
  readonly inner: StoreFileSystem;
  readonly label: string | undefined;
  /** Whether an existing file is replaced, and a place accepted that may not be what was meant. */
  /** Undefined where nobody can ask for it. */
  readonly force: boolean | undefined;
}

/** The facts about the place. */
export interface CreateFacts {
  /** The store as the user knows it, with symbolic links resolved. */
  readonly store: string;
  /** The same file by the path used for writing, and what is done before and after. */
  readonly writable: {
    readonly store: string;
    readonly before: readonly Step[];
    readonly after: readonly Step[];
  };
  /** What has the name already; a file's `type` is the one that identify() returns. */
  readonly existing:
    | { readonly kind: "file"; readonly type: string | undefined }
    | { readonly kind: "other" }
    | undefined;
  /** What interrupted runs left beside it, with the space that it takes. */
  readonly remains: readonly { readonly path: string; readonly bytes: number }[];
  /** Whether a resize of the existing store was interrupted. */
  readonly isUnfinished: boolean;
  readonly host: {
    /** The type as the kernel names it. */
    readonly type: string;
    readonly target: string;
    readonly totalBytes: number;
    readonly availableBytes: number;
    /** The size of its disk's sectors. */
    readonly sectorBytes: number;
  };
}

/** A file store to create. */
export interface NewStore {
  readonly path: string;
  readonly bytes: number;
  readonly type: string;
  readonly label: string | undefined;
}

const blockBytes = 4096;
const mebibyte = 2 ** 20;

/** Plans a new file store; throws a Failure if it is known to be impossible. */
export function planCreate(facts: CreateFacts, request: CreateRequest): Plan<NewStore> {
  const { inner, label } = request;
  checkExisting(facts, request);
  if (!request.force)
    checkStorePlace(
      { path: facts.store, host: facts.host },
      { hasForce: request.force !== undefined },
    );
  const bytes = chooseBytes(facts, request);
  const { store } = facts.writable;
  const { temporary } = namesBeside(store);
  const { sectorBytes } = facts.host;
  const make = inner.make({ path: temporary, label, bytes, isZeroed: true, sectorBytes });
  return {
    title: `Create the store ${formatPath(facts.store)} of ${formatSize(bytes)} (${inner.type})`,
    steps: [
      ...facts.writable.before,
      ...facts.remains.map(({ path }) => ({ do: "remove-file", path }) as const),
      // The store contains a whole system's files, private keys among them.
      { do: "create-file", path: temporary, mode: 0o600 },
      {
        do: "allocate",
        path: temporary,
        from: 0,
        bytes,
        pieceBytes: limitsOf(facts.host.type).pieceBytes,
      },
      {
        do: "run-tool",
        action: `create ${inner.name} file system in ${formatPath(temporary)}`,
        argv: make,
      },
      { do: "check-allocated", path: temporary, bytes },
      { do: "sync-file", path: temporary },
      { do: "rename", from: temporary, to: store, replaces: request.force === true },
      { do: "sync-file", path: directoryOf(store) },
      ...facts.writable.after,
    ],
    result: { path: facts.store, bytes, type: inner.type, label },
  };
}

function checkExisting(
  { store, existing, isUnfinished }: CreateFacts,
  { force }: CreateRequest,
): void {
  if (existing === undefined) return;
  const cannot = `Cannot create ${formatPath(store)}`;
  if (existing.kind === "other") {
    throw new Failure(
      "usage",
      `${cannot}: it exists and is not a file`,
      'to create a file system for directory stores on a device, use "backstore create --device"',
    );
  }
  // The changes kept for completing or undoing the resize would be applied to the new store.
  if (force && isUnfinished) {
    throw new Failure(
      "unsafe",
      `${cannot}: an interrupted resize of the existing store must be completed first`,
      'complete it with "backstore grow" or "backstore shrink", or remove the store',
    );
  }
  if (force) return;
  if (existing.type === undefined) {
    throw new Failure(
      "unsafe",
      `${cannot}: a file of that name exists and is not a store`,
      "choose another name or replace it with --force",
    );
  }
  throw new Failure(
    "unsafe",
    `${cannot}: it already exists (${existing.type})`,
    'enlarge it with "backstore grow", or replace it and lose its contents with --force',
  );
}

function chooseBytes(facts: CreateFacts, { size, inner }: CreateRequest): number {
  const { store, host } = facts;
  const largest = limitsOf(host.type).largestFileBytes ?? Number.POSITIVE_INFINITY;
  const remaining = facts.remains.reduce((sum, { bytes }) => sum + bytes, 0);
  const room = host.availableBytes + remaining - marginBytes(host.totalBytes);
  const most = roundDown(Math.max(0, Math.min(room, largest)), mebibyte);
  const bytes = size === "max" ? most : roundDown(size, blockBytes);
  const cannot = `Cannot create ${formatPath(store)} of ${formatSize(bytes)}`;
  if (bytes < inner.smallestBytes) {
    throw new Failure(
      size === "max" ? "no-room" : "usage",
      `${cannot}: ${inner.name} store needs at least ${formatSize(inner.smallestBytes)}`,
      size === "max" ? "free some room or choose another device" : "choose a larger size",
    );
  }
  if (bytes > largest) {
    throw new Failure(
      "no-room",
      `${cannot}: a file on ${host.type} must be smaller than ${formatSize(largest + 1)}`,
      adviceFor(most, inner),
    );
  }
  if (bytes > room) {
    throw new Failure(
      "no-room",
      `${cannot}: only ${formatSize(host.availableBytes)} is free on ${formatPath(host.target)}, ${formatSize(marginBytes(host.totalBytes))} of it reserved for the host`,
      adviceFor(most, inner),
    );
  }
  return bytes;
}

function adviceFor(most: number, inner: StoreFileSystem): string {
  return most >= inner.smallestBytes
    ? `choose a size of at most ${most / mebibyte} MiB or another device`
    : "free some room or choose another device";
}
