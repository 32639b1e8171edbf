// From findings that can be repaired to plans, one for each kind, in the order in which they are
// executed. A plan that decides what is lost of a damaged file system is under `otherwise` or needs
// consent; no other does.

import type { StoreType } from "../file-systems/store-types.ts";
import type { Recovery } from "../resize/plan-recovery.ts";
import type { Plan, Step } from "../steps/step.ts";
import { directoryOf } from "../text/path.ts";
import { formatPath } from "../text/quoted.ts";
import { type CheckFinding, type RepairKind, repairKinds } from "./check-finding.ts";

/** The facts needed to repair a store. */
export interface RepairFacts {
  /** Its file or device, by the path used for writing. */
  readonly path: string;
  /**
   * Of the file system that contains the changes; undefined if it is not identified, or has no
   * checker.
   */
  readonly type: StoreType | undefined;
  /** A directory for temporary files, which does not exist yet. */
  readonly scratch: string;
  /** How an interrupted resize ends. */
  readonly recovery: Recovery | undefined;
  /** Files left behind beside it. */
  readonly remains: readonly string[];
  /** Whether there may be a log that only a mount replays (xfs). */
  readonly mayHaveLog: boolean;
  /** Whether there is space to try the repairs of e2fsck on a copy first (ext2, ext3 and ext4). */
  readonly mayRehearse: boolean;
  /** Whether another machine may be using it, which cannot be seen from here. */
  readonly mayBeUsedElsewhere: boolean;
}

/** A repair, and whether it needs consent because data may be lost. */
export interface Repaired {
  readonly kind: RepairKind;
  readonly needsConsent: boolean;
}

/**
 * Plans the repairs of one store; a plan under `otherwise` needs consent if the one above it does
 * not.
 */
export function planRepairs(
  findings: readonly CheckFinding[],
  facts: RepairFacts,
): Plan<Repaired>[] {
  const asked = new Set(findings.flatMap(({ repair }) => (repair === undefined ? [] : [repair])));
  // Repairing a file system replays its journal first.
  if (asked.has("file-system")) asked.delete("replay");
  const plans = repairKinds.flatMap((kind) => (asked.has(kind) ? planKind(kind, facts) : []));
  return facts.mayBeUsedElsewhere ? plans.map(withConsent) : plans;
}

/** Writing to a file system that another machine uses destroys it. */
function withConsent(plan: Plan<Repaired>): Plan<Repaired> {
  return { ...plan, result: { ...plan.result, needsConsent: true } };
}

function planKind(kind: RepairKind, facts: RepairFacts): Plan<Repaired>[] {
  const { path, type, recovery, remains } = facts;
  const result = { kind, needsConsent: false };
  const store = formatPath(path);
  switch (kind) {
    case "remove-remains": {
      const [first] = remains;
      if (first === undefined) return [];
      const steps: Step[] = [
        ...remains.map((left): Step => ({ do: "remove-file", path: left })),
        { do: "sync-file", path: directoryOf(first) },
      ];
      return [{ title: `Remove what an interrupted command left beside ${store}`, steps, result }];
    }
    case "finish-resize":
      return recovery === undefined ? [] : [planRecovered(facts, recovery)];
    case "replay":
      if (type === undefined) return [];
      return [
        {
          title: `Replay the journal of ${store}`,
          steps:
            isExt(type) && facts.mayRehearse
              ? repairSteps({ path, type, thoroughly: false })
              : mountSteps(facts, type),
          result,
        },
      ];
    case "file-system":
      return type === undefined || type === "btrfs" ? [] : [planFileSystem(facts, type)];
  }
}

function planRecovered(facts: RepairFacts, recovery: Recovery): Plan<Repaired> {
  const { path, type } = facts;
  const { steps, outcome } = recovery;
  // The record is removed last: after an interruption, the next run finds it.
  const rest = outcome === "unfinished" && type !== undefined ? mountSteps(facts, type, "all") : [];
  return {
    title: `${outcome === "taken back" ? "Undo" : "Complete"} the interrupted resize of ${formatPath(path)}`,
    steps: [...rest, ...steps],
    result: { kind: "finish-resize", needsConsent: false },
  };
}

function planFileSystem(facts: RepairFacts, type: StoreType): Plan<Repaired> {
  const { path, mayHaveLog } = facts;
  const kind = "file-system";
  const store = formatPath(path);
  const thorough: Plan<Repaired> = {
    title: `Repair the file system in ${store} completely, even if data is lost`,
    steps: [
      // If the kernel cannot replay the log, xfs_repair reports whether there is one.
      ...(mayHaveLog ? mountSteps(facts, type).map((step) => asOptional(step)) : []),
      ...repairSteps({ path, type, thoroughly: true }),
    ],
    result: { kind, needsConsent: true },
  };
  if (!isExt(type) || !facts.mayRehearse) return thorough;
  return {
    title: `Repair ${store} if everything can be repaired safely`,
    steps: repairSteps({ path, type, thoroughly: false }),
    result: { kind, needsConsent: false },
    otherwise: thorough,
  };
}

function repairSteps(call: { path: string; type: StoreType; thoroughly: boolean }): Step[] {
  return [
    { do: "repair-file-system", ...call },
    { do: "sync-file", path: call.path },
  ];
}

function mountSteps({ path, scratch }: RepairFacts, type: StoreType, bytes?: "all"): Step[] {
  return [
    { do: "make-scratch", path: scratch },
    { do: "resize-mounted", store: path, type, scratch, bytes },
    { do: "remove-scratch", path: scratch },
    { do: "sync-file", path },
  ];
}

function asOptional(step: Step): Step {
  return step.do === "resize-mounted" ? { ...step, optional: true } : step;
}

function isExt(type: StoreType): boolean {
  return type === "ext2" || type === "ext3" || type === "ext4";
}
