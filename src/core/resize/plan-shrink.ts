// How a store that is not in use is shrunk: ext2, ext3 and ext4 in a copy of the metadata and of
// the data that has to move (plan-ext.ts), btrfs by the kernel, mounted temporarily, xfs by copying
// all files into a smaller file system.

import { limitsOf, marginBytes } from "../file-systems/hosts.ts";
import { findStoreType } from "../file-systems/store-types.ts";
import type { Step } from "../steps/step.ts";
import type { ResizeRecord } from "../stores/resize-record.ts";
import { namesBeside } from "../stores/store-names.ts";
import { Failure } from "../text/failure.ts";
import { directoryOf } from "../text/path.ts";
import { formatPath } from "../text/quoted.ts";
import { formatSize, roundUp } from "../text/size.ts";
import { planExtPhases } from "./plan-ext.ts";
import { checkMayMount } from "./plan-grow.ts";
import { cutSteps, endSteps, recordStage, recordStart } from "./resize-ends.ts";
import type { ResizeFacts, ResizePlan } from "./resize-facts.ts";

const blockBytes = 4096;
const mebibyte = 2 ** 20;

/** Plans it; throws a Failure if it is known to be impossible. `size` is the new total. */
export function planShrink(facts: ResizeFacts, size: number | "min"): ResizePlan {
  const { store, bytes: from, inner, isRoot } = facts;
  if (facts.session) {
    throw new Failure(
      "in-use",
      `Cannot shrink ${formatPath(store)}: the session uses it`,
      "boot with backstore=off, then shrink it",
    );
  }
  const to = chooseBytes(facts, size);
  const title = `Shrink the store ${formatPath(store)} from ${formatSize(from)} to ${formatSize(to)} (${inner.type})`;
  const result = {
    operation: "shrink",
    store,
    type: inner.type,
    from,
    to,
    online: false,
  } as const;
  if (to === from) return { title, phases: [], result };
  const intent: ResizeRecord = {
    operation: "shrink",
    from,
    to,
    stage: "preparing",
    scratch: facts.scratch,
  };
  if (inner.layout)
    return { title, phases: planExtPhases(facts, { intent, prepared: [] }), result };
  checkMayMount({ store, isRoot, type: inner.type, action: "shrink" });
  const plan = findStoreType(inner.type)?.shrinks === "mounted" ? planMounted : planCopy;
  return { title, phases: plan(facts, intent), result };
}

function planMounted({ writable, inner, scratch }: ResizeFacts, intent: ResizeRecord): Step[][] {
  const { store } = writable;
  const mounted = { store, type: inner.type, scratch } as const;
  return [
    [
      recordStart(store, intent),
      { do: "make-scratch", path: scratch },
      { do: "resize-mounted", ...mounted, bytes: undefined },
      { do: "check-file-system", store, type: inner.type },
    ],
    [
      recordStage(store, { ...intent, stage: "shrinking" }),
      { do: "resize-mounted", ...mounted, bytes: intent.to },
      ...cutSteps(store, intent.to),
    ],
    endSteps(store, scratch),
  ];
}

function planCopy(facts: ResizeFacts, intent: ResizeRecord): Step[][] {
  const { writable, inner, scratch, host } = facts;
  const { store } = writable;
  const { to } = intent;
  const { temporary } = namesBeside(store);
  const { type, label, uuid } = inner;
  const { sectorBytes } = host;
  const request = { path: temporary, label, bytes: to, isZeroed: true, sectorBytes };
  const make = findStoreType(type)?.make(request) ?? [];
  // The UUID must still identify the store.
  const same = uuid === undefined ? [] : ["-m", `uuid=${uuid}`];
  return [
    [
      recordStart(store, { ...intent, stage: "copying" }),
      { do: "make-scratch", path: scratch },
      { do: "resize-mounted", store, type, scratch, bytes: undefined },
      { do: "check-file-system", store, type },
      { do: "create-file", path: temporary, mode: 0o600 },
      {
        do: "allocate",
        path: temporary,
        from: 0,
        bytes: to,
        pieceBytes: limitsOf(host.type).pieceBytes,
      },
      {
        do: "run-tool",
        action: `make a smaller ${type}`,
        argv: [...make.slice(0, -1), ...same, temporary],
      },
      { do: "copy-store", store, to: temporary, type, scratch },
      { do: "check-allocated", path: temporary, bytes: to },
      { do: "sync-file", path: temporary },
      // It is named by the inode of the store, which is about to be another.
      { do: "remove-scratch", path: scratch },
    ],
    [recordStage(store, { ...intent, stage: "replacing" }), ...replaceSteps(store)],
    endSteps(store),
  ];
}

/** Renames the smaller store to the name of the store. */
export function replaceSteps(store: string): Step[] {
  return [
    { do: "rename", from: namesBeside(store).temporary, to: store, replaces: true },
    { do: "sync-file", path: directoryOf(store) },
  ];
}

function chooseBytes(facts: ResizeFacts, size: number | "min"): number {
  const { store, bytes, inner, host } = facts;
  const own = findStoreType(inner.type)?.smallestBytes ?? 0;
  const smallest = roundUp(Math.max(own, inner.smallestBytes ?? 0), mebibyte);
  const surely = roundUp(Math.max(smallest, inner.surelyBytes ?? 0), mebibyte);
  const to = size === "min" ? Math.min(surely, bytes) : size - (size % blockBytes);
  const cannot = `Cannot shrink ${formatPath(store)} to ${formatSize(to)}`;
  if (to > bytes) {
    throw new Failure(
      "usage",
      `${cannot}: it has only ${formatSize(bytes)}`,
      'enlarge it with "backstore grow"',
    );
  }
  if (to < smallest && to !== bytes) {
    throw new Failure(
      "no-room",
      `${cannot}: its contents need ${smallest / mebibyte} MiB`,
      smallest < bytes ? `choose a size of at least ${smallest / mebibyte} MiB` : undefined,
    );
  }
  const isCopied = findStoreType(inner.type)?.shrinks === "by copying";
  // Moved data is in the kept changes and, if the temporary files are not in memory, twice among
  // those.
  const isBeside = facts.scratch === namesBeside(facts.writable.store).scratch;
  const needed = isCopied ? to : (isBeside ? 3 : 1) * inner.movingBytes;
  // A store may be shrunk because the host is full.
  const margin = isCopied ? marginBytes(host.totalBytes) : mebibyte;
  if (to < bytes && needed + margin > host.availableBytes) {
    throw new Failure(
      "no-room",
      `${cannot}: ${formatSize(needed)} is needed temporarily beside it, but only ${formatSize(host.availableBytes)} is free on ${formatPath(host.target)}`,
      "free some room on the host first",
    );
  }
  return to;
}
