// Resizes a store: first completes what an earlier run left, then does what is requested now. The
// store's file is locked meanwhile; tools inherit the lock, so that one that outlives a killed run
// is not disturbed.

import { findStoreType } from "../../core/file-systems/store-types.ts";
import { planGrow } from "../../core/resize/plan-grow.ts";
import { planShrink } from "../../core/resize/plan-shrink.ts";
import { endSteps } from "../../core/resize/resize-ends.ts";
import type { ResizeFacts, ResizePlan } from "../../core/resize/resize-facts.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { formatSize } from "../../core/text/size.ts";
import { requireWritable } from "../port/require-writable.ts";
import { errnoOf, type System } from "../port/system.ts";
import { requireTool } from "../port/tool.ts";
import { execute } from "../steps/execute.ts";
import type { Progress } from "../steps/file-steps.ts";
import { withWritableHost } from "../steps/with-writable-host.ts";
import { withHeldStore } from "../stores/held-store.ts";
import { locateStore, type StorePlace } from "../stores/locate-store.ts";
import { findWritableHost } from "../stores/writable-host.ts";
import { withLocks } from "../usage/locked.ts";
import { checkFile, inspectResize } from "./inspect-resize.ts";
import { type FoundResize, findCutShort, recoverResize } from "./recover-resize.ts";

/** A request to resize a store. */
export interface ResizeRequest {
  readonly operation: "grow" | "shrink";
  /** As it was given: a directory or a file. */
  readonly path: string;
  /** The new total; undefined for the largest or smallest possible. */
  readonly bytes: number | undefined;
  readonly isRoot: boolean;
}

/** A listener for the progress of a resize. */
interface ResizeListener {
  readonly progress: Progress;
  /** Receives a sentence about what an earlier run had left. */
  readonly notice: (sentence: string) => void;
}

/** The decision, with the facts it was based on. */
interface DecidedResize {
  readonly operation: "grow" | "shrink";
  readonly plan: ResizePlan;
  readonly facts: ResizeFacts;
}

/**
 * Decides what would be done, without doing it; throws a Failure if it is known to be impossible.
 */
export function decideResize(system: System, request: ResizeRequest): DecidedResize {
  const place = locate(system, request);
  const found = findCutShort(system, place.store);
  if (found?.intent) {
    throw new Failure(
      "unsafe",
      `Cannot show what would be done: ${describeCutShort(found, place.store)} must be ${outcomeOf(found)} first`,
      `do that with: backstore ${found.intent.operation} ${formatPath(place.store)} ${found.intent.to}B`,
    );
  }
  return decide(system, place, request);
}

/** Resizes a store. */
export function resizeStore(
  system: System,
  request: ResizeRequest,
  listener: ResizeListener,
): DecidedResize {
  const place = locate(system, request);
  return withHeldStore(system, place.store, (held) =>
    resizeHeld(held, { place, request }, listener),
  );
}

function resizeHeld(
  system: System,
  { place, request }: { place: StorePlace; request: ResizeRequest },
  listener: ResizeListener,
): DecidedResize {
  const { store } = place;
  requireSame(system, place);
  return withLocks(system, { paths: [store], action: request.operation, subject: store }, () => {
    const found = findCutShort(system, place.store);
    if (found) settle(system, { place, found, request }, listener);
    // The earlier facts about the file are outdated.
    const current = found ? locate(system, request) : place;
    const decided = decide(system, current, request);
    perform(system, decided, listener);
    return decided;
  });
}

/** What was found by its name is what is held by it from now on. */
function requireSame(system: System, { store, status }: StorePlace): void {
  const held = system.status(store);
  if (held?.inode === status?.inode && held?.device === status?.device) return;
  throw new Failure(
    "unsafe",
    `Cannot use the store ${formatPath(store)}: it is another file than a moment ago`,
    "see who else writes to that directory",
  );
}

function locate(system: System, { path, operation }: ResizeRequest): StorePlace {
  const place = locateStore(system, path, operation);
  checkFile(place, operation);
  return place;
}

function decide(
  system: System,
  place: StorePlace,
  { operation, bytes, isRoot }: ResizeRequest,
): DecidedResize {
  const facts = inspectResize(system, place, { operation, to: bytes, isRoot });
  const plan =
    operation === "grow" ? planGrow(facts, bytes ?? "max") : planShrink(facts, bytes ?? "min");
  if (plan.phases.length === 0) return { operation, plan, facts };
  requireTools(system, facts, operation);
  if (facts.writable.before.length === 0) requireStore(system, facts, operation);
  return { operation, plan, facts };
}

function requireStore(system: System, { store, writable }: ResizeFacts, operation: string): void {
  const cannot = `Cannot ${operation} ${formatPath(store)}`;
  requireWritable(system, { cannot, path: writable.store });
}

/** Fails early if a tool is missing: once the kernel has begun, its work cannot be undone. */
function requireTools(system: System, { store, inner, session }: ResizeFacts, operation: string) {
  const [tool] = findStoreType(inner.type)?.growMounted?.({ device: "", target: "" }) ?? [];
  if (tool !== undefined && (session !== undefined || inner.layout === undefined))
    requireTool(system, { action: `${operation} ${formatPath(store)}`, tool });
}

function perform(
  system: System,
  { operation, plan, facts }: DecidedResize,
  { progress }: ResizeListener,
): void {
  if (plan.phases.length === 0) return;
  withWritableHost(system, facts.writable, () => {
    requireStore(system, facts, operation);
    const before = facts.session && system.room(facts.session.target).totalBytes;
    for (const [index, steps] of plan.phases.entries()) {
      try {
        execute(system, { title: plan.title, steps, result: undefined }, { progress });
      } catch (error) {
        if (index < plan.phases.length - 1) takeBack(system, facts, before);
        throw error;
      }
    }
  });
}

/** The failure must be reported; what cannot be undone now will be by the next run. */
function takeBack(system: System, facts: ResizeFacts, totalBytes: number | undefined): void {
  const { session, writable } = facts;
  try {
    if (session && system.room(session.target).totalBytes === totalBytes) {
      system.truncate(writable.store, facts.bytes);
      system.setLoopCapacity(session.device);
      execute(system, { title: "", steps: endSteps(writable.store), result: undefined });
      return;
    }
    const found = findCutShort(system, writable.store);
    if (found) recoverResize(system, found);
  } catch (error) {
    if (errnoOf(error) === undefined && !(error instanceof Failure)) throw error;
  }
}

interface Unsettled {
  readonly place: StorePlace;
  readonly found: FoundResize;
  readonly request: ResizeRequest;
}

function settle(
  system: System,
  { place, found, request }: Unsettled,
  listener: ResizeListener,
): void {
  const writable = findWritableHost(system, place, request.operation);
  withWritableHost(system, writable, () =>
    recoverResize(system, findCutShort(system, writable.store) ?? found),
  );
  const { intent, recovery } = found;
  if (intent === undefined) return;
  const what = describeCutShort(found, place.store);
  if (recovery.outcome !== "unfinished") {
    listener.notice(`${what} was ${outcomeOf(found)}`);
    return;
  }
  const rest = { ...request, operation: "grow", bytes: intent.to } as const;
  try {
    perform(system, decide(system, locate(system, rest), rest), listener);
    listener.notice(`${what} was completed`);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    listener.notice(`${what} could not be completed: ${error.message}`);
  }
}

function describeCutShort({ intent }: FoundResize, store: string): string {
  if (intent === undefined) return "";
  const { from, to } = intent;

  return `the interrupted resize of ${formatPath(store)} from ${formatSize(from)} to ${formatSize(to)}`;
}

function outcomeOf({ recovery }: FoundResize): string {
  return recovery.outcome === "taken back" ? "undone" : "completed";
}
