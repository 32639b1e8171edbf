// How a store is grown. Its file is fully allocated first. If the running session uses it, the
// kernel grows the file system; xfs and btrfs, which only the kernel can grow, are mounted
// temporarily if they are not in use; ext2, ext3 and ext4 are resized in a copy of their metadata
// (plan-ext.ts).

import { limitsOf, marginBytes } from "../file-systems/hosts.ts";
import { findStoreType } from "../file-systems/store-types.ts";
import type { Step } from "../steps/step.ts";
import { isSparse } from "../stores/file-store.ts";
import type { ResizeRecord } from "../stores/resize-record.ts";
import { Failure } from "../text/failure.ts";
import { formatPath } from "../text/quoted.ts";
import { formatSize, roundDown } from "../text/size.ts";
import { planExtPhases } from "./plan-ext.ts";
import { endSteps, recordStage, recordStart } from "./resize-ends.ts";
import type { ResizeFacts, ResizePlan } from "./resize-facts.ts";

const blockBytes = 4096;
const mebibyte = 2 ** 20;

/** Plans it; throws a Failure if it is known to be impossible. `size` is the new total. */
export function planGrow(facts: ResizeFacts, size: number | "max"): ResizePlan {
  const to = chooseBytes(facts, size);
  const { store, bytes: from, inner, session } = facts;
  const result = {
    operation: "grow",
    store,
    type: inner.type,
    from,
    to,
    online: session !== undefined,
  } as const;
  const isDone = to === from && !isSparse(facts) && from - inner.bytes < slackOf(inner);
  const title = `Enlarge the store ${formatPath(store)} from ${formatSize(from)} to ${formatSize(to)} (${inner.type})`;
  if (isDone) return { title, phases: [], result };
  checkLeast(facts, to);
  const intent: ResizeRecord = {
    operation: "grow",
    from,
    to,
    stage: "preparing",
    scratch: facts.scratch,
  };
  checkMayUnshare(facts);
  const allocated = allocateSteps(facts, to);
  if (session) return { title, phases: planOnline(facts, { intent, allocated }), result };
  if (inner.layout)
    return { title, phases: planExtPhases(facts, { intent, prepared: allocated }), result };
  return { title, phases: planMounted(facts, { intent, allocated }), result };
}

function allocateSteps(facts: ResizeFacts, bytes: number): Step[] {
  const path = facts.writable.store;
  const from = isSparse(facts) ? 0 : facts.bytes;
  const { pieceBytes, reservesFirst, syncsDeviceFirst } = limitsOf(facts.host.type);
  return [
    ...(reservesFirst && bytes > from
      ? ([
          { do: "reserve", path, from, bytes },
          { do: "sync-file", path },
        ] as const)
      : []),
    { do: "allocate", path, from, bytes, pieceBytes },
    ...(facts.sharedBytes > 0 ? ([{ do: "unshare", path, bytes: facts.bytes }] as const) : []),
    { do: "check-allocated", path, bytes },
    // Only root may open a device.
    ...(syncsDeviceFirst && facts.isRoot
      ? ([{ do: "sync-file", path: facts.host.source }] as const)
      : []),
  ];
}

/**
 * Throws a Failure if blocks of a store in use would have to be written anew: only xfs does that
 * while somebody writes.
 */
function checkMayUnshare({ store, sharedBytes, session, host }: ResizeFacts): void {
  if (sharedBytes === 0 || session === undefined || host.type === "xfs") return;
  throw new Failure(
    "in-use",
    `Cannot grow ${formatPath(store)}: it shares ${formatSize(sharedBytes)} with a snapshot or a copy, and they cannot be separated while the session uses it`,
    "delete the snapshot or copy, or boot with backstore=off, then grow it",
  );
}

/** Throws a Failure if the file system would have to grow, but the kernel grows it only to more. */
function checkLeast({ store, inner }: ResizeFacts, to: number): void {
  const { leastResizedBytes = 0, name } = findStoreType(inner.type) ?? {};
  if (to >= leastResizedBytes || to - inner.bytes < slackOf(inner)) return;
  throw new Failure(
    "usage",
    `Cannot grow ${formatPath(store)} to ${formatSize(to)}: the kernel resizes ${name} to no less than ${formatSize(leastResizedBytes)}`,
    `choose a size of at least ${leastResizedBytes / mebibyte} MiB`,
  );
}

/** Of one that is smaller than what the kernel resizes, only holes in the file are filled. */
function isResized({ type }: ResizeFacts["inner"], to: number): boolean {
  return to >= (findStoreType(type)?.leastResizedBytes ?? 0);
}

interface Growth {
  readonly intent: ResizeRecord;
  readonly allocated: readonly Step[];
}

function planOnline(
  { store, writable, inner, session }: ResizeFacts,
  { intent, allocated }: Growth,
): Step[][] {
  const argv = session && findStoreType(inner.type)?.growMounted?.(session);
  if (session === undefined || argv === undefined) {
    throw new Failure(
      "in-use",
      `Cannot grow ${formatPath(store)}: the session uses it, and ${inner.type} cannot grow while in use`,
      "boot with backstore=off, then grow it",
    );
  }
  return [
    [recordStart(writable.store, intent), ...allocated, { do: "sync-file", path: writable.store }],
    [
      recordStage(writable.store, { ...intent, stage: "growing" }),
      { do: "set-loop-capacity", device: session.device },
      ...(isResized(inner, intent.to) ? ([{ do: "grow-mounted", store, argv }] as const) : []),
      { do: "sync-file-system", path: session.target },
      { do: "sync-file", path: writable.store },
    ],
    endSteps(writable.store),
  ];
}

function planMounted(
  { store, writable, inner, isRoot, scratch }: ResizeFacts,
  { intent, allocated }: Growth,
): Step[][] {
  checkMayMount({ store, isRoot, type: inner.type, action: "grow" });
  const mounted = { store: writable.store, type: inner.type, scratch } as const;
  return [
    [
      recordStart(writable.store, intent),
      { do: "make-scratch", path: scratch },
      { do: "resize-mounted", ...mounted, bytes: undefined },
      { do: "check-file-system", store: writable.store, type: inner.type },
      ...allocated,
      { do: "sync-file", path: writable.store },
    ],
    [
      recordStage(writable.store, { ...intent, stage: "growing" }),
      ...(isResized(inner, intent.to)
        ? ([{ do: "resize-mounted", ...mounted, bytes: "all" }] as const)
        : []),
      { do: "sync-file", path: writable.store },
    ],
    endSteps(writable.store, scratch),
  ];
}

/** Throws a Failure if a file system has to be mounted but cannot be. */
export function checkMayMount({
  store,
  isRoot,
  type,
  action,
}: {
  store: string;
  isRoot: boolean;
  type: string;
  action: string;
}): void {
  if (isRoot) return;
  throw new Failure(
    "tool",
    `Cannot ${action} ${formatPath(store)}: its ${type} file system must be mounted for that, which requires root`,
    "run it as root",
  );
}

/**
 * The tools leave unused what is too small for a block group, which on ext2, ext3 and ext4 has
 * tables of its own.
 */
function slackOf({ layout }: ResizeFacts["inner"]): number {
  return layout ? 4 * mebibyte : mebibyte;
}

function chooseBytes(facts: ResizeFacts, size: number | "max"): number {
  const { store, bytes, allocatedBytes, host } = facts;
  const largest = limitsOf(host.type).largestFileBytes ?? Number.POSITIVE_INFINITY;
  const margin = marginBytes(host.totalBytes);
  // The holes of a sparse file have to be allocated as well.
  const room = Math.min(bytes, allocatedBytes) + Math.max(0, host.availableBytes - margin);
  const most = roundDown(Math.min(room, largest), mebibyte);
  const to = size === "max" ? Math.max(most, bytes) : roundDown(size, blockBytes);
  const cannot = `Cannot grow ${formatPath(store)} to ${formatSize(to)}`;
  if (to < bytes && size !== "max" && roundDown(bytes, blockBytes) !== to) {
    throw new Failure(
      "usage",
      `${cannot}: it already has ${formatSize(bytes)}`,
      `shrink it: backstore shrink ${formatPath(store)} ${formatBare(to)}`,
    );
  }
  if (to > largest) {
    throw new Failure(
      "no-room",
      `${cannot}: a file on ${host.type} must be smaller than ${formatSize(largest + 1)}`,
      adviceFor(most, bytes),
    );
  }
  if (Math.max(to, bytes) > room && Math.max(to, bytes) > allocatedBytes) {
    throw new Failure(
      "no-room",
      `${cannot}: only ${formatSize(host.availableBytes)} is free on ${formatPath(host.target)}, ${formatSize(margin)} of it reserved for the host`,
      adviceFor(most, bytes),
    );
  }
  return Math.max(to, bytes);
}

function adviceFor(most: number, bytes: number): string {
  return most > bytes
    ? `choose a size of at most ${most / mebibyte} MiB`
    : "free some room on the host first";
}

/** Formats a size as the command accepts it. */
function formatBare(bytes: number): string {
  return bytes % mebibyte === 0 ? String(bytes / mebibyte) : `${bytes}B`;
}
