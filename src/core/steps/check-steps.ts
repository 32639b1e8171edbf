// The step that checks a store's file system before it is written to, and its result. It is planned
// only if the store seems not to have been closed cleanly; a clean store costs a boot nothing
// (docs/decisions/0020).

import { Failure } from "../text/failure.ts";
import { formatPath, formatQuoted } from "../text/quoted.ts";

/** The arguments of each kind of step. */
export interface CheckStoreStepArguments {
  /**
   * Checks a file system that is not in use, replays its log, makes safe repairs, and fails if more
   * is wrong.
   */
  "check-store": {
    /** The device, or the store's file on its mounted host. */
    readonly path: string;
    /** The type as blkid names it. */
    readonly type: string;
    /**
     * The reason, as the continuation of a sentence about the file system ("it was not unmounted").
     */
    readonly because: string;
    /** Whether the kernel has recorded errors: if so, it is not written to without a check. */
    readonly hasErrors: boolean;
    /** The name of the store in sentences. */
    readonly store: string;
    /** What the user can do about a damaged one. */
    readonly remedy: string;
    /** A directory to mount temporarily. */
    readonly scratch: string;
    /** Set if the device can be used only through a loop device: its disk is mounted. */
    readonly throughLoop?: true;
    /** Where the base is mounted, whose checker is used where the initramfs carries none. */
    readonly base: string;
  };
}

/** A check that was made, and the step that asked for it. */
export interface CheckedStore {
  readonly step: CheckStoreStepArguments["check-store"];
  readonly check: StoreCheck;
}

/**
 * The result of checking a store; `says` is the tool's first complaint, or why nothing was checked.
 */
export interface StoreCheck {
  readonly result: "clean" | "repaired" | "unchecked" | "damaged";
  /** Undefined if none was run. */
  readonly tool?: string;
  readonly says?: string;
}

/** Descriptions of each kind of step. */
export const checkStoreDescribers: {
  readonly [Kind in keyof CheckStoreStepArguments]: (step: CheckStoreStepArguments[Kind]) => string;
} = {
  "check-store": ({ path, type, because }) =>
    `check the ${type} file system in ${formatPath(path)} and repair what can be repaired safely, because ${because}`,
};

/**
 * Returns the failure for a store that must not be written to after its check; undefined if it may
 * be.
 */
export function refuseStore({ check, step }: CheckedStore): Failure | undefined {
  const { result, tool = "the checker", says = "nothing" } = check;
  const { type, store, hasErrors, remedy } = step;
  const cannot = `Cannot write to ${store}`;
  if (result === "damaged")
    return new Failure(
      "damaged",
      `${cannot}: its ${type} file system is damaged and cannot be repaired safely: ${tool} says ${formatQuoted(says)}`,
      remedy,
    );
  if (result === "unchecked" && hasErrors)
    return new Failure(
      "damaged",
      `${cannot}: the kernel recorded errors in its ${type} file system, and it could not be checked: ${says}`,
      remedy,
    );
  return undefined;
}
