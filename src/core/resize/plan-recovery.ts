// What to do about an interrupted resize: complete it or undo it, depending on the stage in its
// record.

import type { Step } from "../steps/step.ts";
import type { ResizeRecord } from "../stores/resize-record.ts";
import { namesBeside } from "../stores/store-names.ts";
import { Failure } from "../text/failure.ts";
import { directoryOf } from "../text/path.ts";
import { formatPath } from "../text/quoted.ts";
import { formatSize } from "../text/size.ts";
import { applySteps, dropChanges } from "./plan-ext.ts";
import { replaceSteps } from "./plan-shrink.ts";
import { cutSteps, endSteps } from "./resize-ends.ts";

/** The facts besides the record. */
export interface RecoveryFacts {
  /** The store, by the path used for writing. */
  readonly store: string;
  readonly bytes: number;
  /** The size of its file system according to the superblock. */
  readonly innerBytes: number | undefined;
  /** The same once the kept changes are written; undefined if there are none. */
  readonly appliedBytes: number | undefined;
  readonly hasTemporary: boolean;
  /**
   * The file system in the temporary file that would take the store's name: whether type and UUID
   * are those of the store, and its size; undefined if none is recognised, or none is to be taken.
   */
  readonly replacement:
    | { readonly isSame: boolean; readonly bytes: number | undefined }
    | undefined;
  readonly hasChanges: boolean;
  /** Whether an incomplete record is beside it, which says nothing. */
  readonly hasHalfRecord: boolean;
  /**
   * Whether the record exists but is empty: what a power failure leaves of the first one on vfat,
   * before anything changed.
   */
  readonly hasEmptyRecord: boolean;
  /** Whether the record's directory for temporary files is one of ours. */
  readonly ownsScratch: boolean;
}

/** The end of an interrupted resize. */
export interface Recovery {
  readonly steps: readonly Step[];
  /** `unfinished`: the file has its new size, but its file system has not been grown yet. */
  readonly outcome: "finished" | "taken back" | "unfinished";
}

/**
 * Plans what to do about the record beside a store; without one, about the leftovers of a run that
 * was killed at its very end.
 */
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
      if (operation === "grow" && bytes >= from) expectFitting(facts, innerBytes, from);
      return {
        // Even if the file is no longer than before: after a power failure vfat may have allocated
        // clusters beyond its length.
        steps: operation === "grow" && bytes >= from ? cutSteps(store, from) : [],
        outcome: "taken back",
      };
    case "applying":
      expectFitting(facts, facts.appliedBytes, to);
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
      if (hasTemporary) expectReplacement(facts, to);
      return {
        steps: hasTemporary ? replaceSteps(store) : [{ do: "sync-file", path: directoryOf(store) }],
        outcome: "finished",
      };
  }
}

/**
 * A record is a file like any other, and may have been written by anybody: no file is cut where its
 * file system says that it goes on.
 */
function expectFitting({ store }: RecoveryFacts, innerBytes: number | undefined, bytes: number) {
  if (innerBytes !== undefined && innerBytes <= bytes) return;
  const found =
    innerBytes === undefined
      ? "no file system is recognised in it"
      : `its file system has ${formatSize(innerBytes)}`;
  throw disbelief(store, `it says that ${formatSize(bytes)} are enough, and ${found}`);
}

/** Nothing takes the name of a store that is not the same file system in a smaller file. */
function expectReplacement({ store, replacement }: RecoveryFacts, bytes: number): void {
  const isSmaller = replacement?.bytes !== undefined && replacement.bytes <= bytes;
  if (replacement?.isSame === true && isSmaller) return;
  const { temporary } = namesBeside(store);
  throw disbelief(store, `${formatPath(temporary)} is not the same file system, made smaller`);
}

function disbelief(store: string, found: string): Failure {
  return new Failure(
    "unsafe",
    `Cannot believe the record of a change of size beside ${formatPath(store)}: ${found}`,
    `remove ${formatPath(namesBeside(store).intent)} if nothing was being changed`,
  );
}
