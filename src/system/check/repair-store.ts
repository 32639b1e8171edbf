// Repairs a store that was checked: the plans are executed while it is locked. Before a repair that
// may lose data, the user is asked.

import type { CheckFacts } from "../../core/check/check-facts.ts";
import type { CheckFinding } from "../../core/check/check-finding.ts";
import { mayBeUsedElsewhere } from "../../core/check/check-session.ts";
import { planRepairs, type Repaired } from "../../core/check/plan-repair.ts";
import { findStoreType } from "../../core/file-systems/store-types.ts";
import type { Plan, Step } from "../../core/steps/step.ts";
import { superblockOf } from "../../core/stores/seen-store.ts";
import { Failure } from "../../core/text/failure.ts";
import { directoryOf } from "../../core/text/path.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { hasRoomToRehearse } from "../checkers/rehearse-check.ts";
import { requireWritable } from "../port/require-writable.ts";
import type { System } from "../port/system.ts";
import { findCutShort } from "../resize/recover-resize.ts";
import { execute } from "../steps/execute.ts";
import { withWritableHost } from "../steps/with-writable-host.ts";
import { withHeldStore } from "../stores/held-store.ts";
import { locateStore } from "../stores/locate-store.ts";
import { findWritableHost } from "../stores/writable-host.ts";
import { withLocks } from "../usage/locked.ts";
import { nameHolder } from "../usage/name-holder.ts";
import { remainsOf } from "./inspect-check.ts";

/** A store with the findings that can be repaired. */
export interface RepairRequest {
  readonly facts: CheckFacts;
  readonly findings: readonly CheckFinding[];
}

/** A listener that is asked for consent and follows the progress. */
interface RepairListener {
  /** Returns whether the user agrees to a plan that may lose data. */
  readonly agree: (plan: Plan<Repaired>) => boolean;
  /** Receives each plan that was executed. */
  readonly done: (plan: Plan<Repaired>) => void;
}

/** Decides how a store would be repaired, without doing it. */
export function decideRepairs(system: System, request: RepairRequest): Plan<Repaired>[] {
  const { path, before, after } = findTarget(system, request);
  const plans = plan(system, request, path);
  return plans.map((one) => ({ ...one, steps: [...before, ...one.steps, ...after] }));
}

/** Repairs a store; throws a Failure if something could not be done, or was not agreed to. */
export function repairStore(
  system: System,
  request: RepairRequest,
  listener: RepairListener,
): void {
  const target = findTarget(system, request);
  if (request.facts.seen.kind === "directory") repairTarget(system, { request, target }, listener);
  else
    withHeldStore(system, target.path, (held) => repairTarget(held, { request, target }, listener));
}

function repairTarget(
  system: System,
  { request, target }: { request: RepairRequest; target: Target },
  listener: RepairListener,
): void {
  const { path, locks } = target;
  withLocks(system, { paths: locks, action: "repair", subject: path }, () => {
    const holder = nameHolder(system, locks.at(-1) ?? path);
    if (holder !== undefined)
      throw new Failure(
        "in-use",
        `Cannot repair ${formatPath(path)}: ${holder.reason}`,
        holder.hint,
      );
    withWritableHost(system, target, () => {
      requireTarget(system, request, path);
      withDevice(system, request, path, (at) => {
        for (const one of plan(system, request, at)) performPlan(system, one, listener);
      });
    });
  });
}

/** Of a store that was never completed there may be nothing to write to. */
function requireTarget(system: System, { facts: { seen } }: RepairRequest, path: string): void {
  const { disk, offset } = seen.device;
  const file = seen.kind === "file" || offset === undefined || disk === undefined ? path : disk;
  if (system.status(file) === undefined) return;
  requireWritable(system, { cannot: `Cannot repair ${formatPath(file)}`, path: file });
}

interface Target {
  /** The path used for writing. */
  readonly path: string;
  /** What is locked meanwhile. */
  readonly locks: readonly string[];
  readonly before: readonly Step[];
  readonly after: readonly Step[];
}

function findTarget(system: System, { facts }: RepairRequest): Target {
  const { path = "", seen } = facts;
  if (seen.kind === "directory") {
    const disk = seen.device.disk;
    const file = seen.device.offset === undefined || disk === undefined ? path : disk;
    return { path, locks: [file], before: [], after: [] };
  }
  const place = locateStore(system, path, "repair");
  const { store, before, after } = findWritableHost(system, place, "repair");
  const locks = [directoryOf(place.store), ...(place.status === undefined ? [] : [place.store])];
  return { path: store, locks, before, after };
}

function plan(system: System, request: RepairRequest, path: string): Plan<Repaired>[] {
  const { facts, findings } = request;
  const { seen } = facts;
  const isFile = seen.kind === "file";
  const { type = "", bytes = 0 } = superblockOf(seen) ?? {};
  const asksResize = findings.some(({ repair }) => repair === "finish-resize");
  return planRepairs(findings, {
    path,
    type: findStoreType(type)?.type,
    scratch: chooseScratch(system),
    recovery: asksResize ? findCutShort(system, path)?.recovery : undefined,
    remains: isFile
      ? remainsOf(path).filter((left) => system.linkStatus(left)?.kind === "file")
      : [],
    mayHaveLog: type === "xfs" && seen.hasPendingLog !== false,
    mayRehearse: hasRoomToRehearse(system, bytes),
    mayBeUsedElsewhere: mayBeUsedElsewhere(facts),
  });
}

function chooseScratch(system: System): string {
  const place = system.status("/dev/shm")?.kind === "directory" ? "/dev/shm" : "/tmp";
  for (let attempt = 0; ; attempt++) {
    const path = `${place}/backstore-repair-${attempt}`;
    if (system.linkStatus(path) === undefined) return path;
  }
}

function performPlan(
  system: System,
  { otherwise, ...first }: Plan<Repaired>,
  listener: RepairListener,
): void {
  if (first.result.needsConsent && !listener.agree(first)) throw declined(first);
  try {
    execute(system, first);
    listener.done(first);
  } catch (error) {
    if (otherwise === undefined || !(error instanceof Failure) || error.code !== "damaged")
      throw error;
    if (!listener.agree(otherwise)) throw declined(otherwise);
    execute(system, otherwise);
    listener.done(otherwise);
  }
}

function declined({ title }: Plan<Repaired>): Failure {
  const [first = "", ...rest] = title;
  return new Failure(
    "damaged",
    `Cannot ${first.toLowerCase()}${rest.join("")}: not confirmed`,
    "back up the store if its contents matter, then confirm with --yes",
  );
}

/** A partition in an image file has a device only while a loop device exposes it. */
function withDevice(
  system: System,
  { facts: { seen } }: RepairRequest,
  path: string,
  use: (path: string) => void,
): void {
  const { offset, disk, bytes } = seen.device;
  if (seen.kind === "file" || offset === undefined || disk === undefined) {
    use(path);
    return;
  }
  system.withLoop({ file: disk, readonly: false, offset, bytes }, use);
}
