// What to do with a change of size that was cut short: finish it or take it back, by how far its record says it had come.

import type { Step } from "../steps/step.ts";
import type { ResizeRecord } from "../stores/resize-record.ts";
import { namesBeside } from "../stores/store-names.ts";
import { directoryOf } from "../text/path.ts";
import { applySteps, dropChanges } from "./plan-ext.ts";
import { replaceSteps } from "./plan-shrink.ts";
import { cutSteps, endSteps } from "./resize-ends.ts";

/** Is what is known beside the record. */
export interface RecoveryFacts {
  /** The store, by the path that it is written through. */
  readonly store: string;
  readonly bytes: number;
  /** What the superblock of the file system in it says. */
  readonly innerBytes: number | undefined;
  readonly hasTemporary: boolean;
  readonly hasChanges: boolean;
  /** Whether a record lies beside that is not whole, and says nothing. */
  readonly hasHalfRecord: boolean;
  /** Whether the record is there and empty: what a power cut leaves of the first one on vfat, before anything changed. */
  readonly hasEmptyRecord: boolean;
  /** Whether the record's directory for what is needed meanwhile is one of ours. */
  readonly ownsScratch: boolean;
}

/** Says how a change of size that was cut short ends. */
export interface Recovery {
  readonly steps: readonly Step[];
  /** `unfinished`: the file has its new size, and its file system is still to be enlarged. */
  readonly outcome: "finished" | "taken back" | "unfinished";
}

/** Plans what to do about the record beside a store; without one, about what a run left that was killed at its very end. */
export function planRecovery(
  facts: RecoveryFacts,
  intent: ResizeRecord | undefined,
): Recovery | undefined {
  const { store } = facts;
  const { intent: record } = namesBeside(store);
  const remains: Step[] = [
    ...(facts.hasChanges ? dropChanges(store) : []),
    ...(facts.hasHalfRecord ? [{ do: "remove-file", path: `${record}.new` } as const] : []),
    ...(facts.hasEmptyRecord ? [{ do: "remove-file", path: record } as const] : []),
  ];
  if (intent === undefined)
    return remains.length === 0 ? undefined : { steps: remains, outcome: "finished" };
  const { steps, outcome } = planStage(facts, intent);
  const end = endSteps(store, facts.ownsScratch ? intent.scratch : undefined);
  return { steps: [...steps, ...end, ...remains], outcome };
}

function planStage(facts: RecoveryFacts, { operation, stage, from, to }: ResizeRecord): Recovery {
  const { store, bytes, innerBytes, hasTemporary } = facts;
  const { temporary } = namesBeside(store);
  const removed: Step[] = hasTemporary ? [{ do: "remove-file", path: temporary }] : [];
  switch (stage) {
    case "preparing":
      return {
        // Also a file that is not longer: after a power cut vfat may have given it room that its length does not tell of.
        steps: operation === "grow" && bytes >= from ? cutSteps(store, from) : [],
        outcome: "taken back",
      };
    case "applying":
      return { steps: applySteps(store, { from, to }), outcome: "finished" };
    case "growing":
      return { steps: [], outcome: bytes >= to ? "unfinished" : "taken back" };
    case "shrinking":
      return innerBytes !== undefined && innerBytes <= to
        ? { steps: cutSteps(store, to), outcome: "finished" }
        : { steps: [], outcome: "taken back" };
    case "copying":
      return { steps: removed, outcome: "taken back" };
    case "replacing":
      return {
        steps: hasTemporary ? replaceSteps(store) : [{ do: "sync-file", path: directoryOf(store) }],
        outcome: "finished",
      };
  }
}
