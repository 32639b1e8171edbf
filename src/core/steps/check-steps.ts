// The step that checks a store's file system before it is written to, and what comes of it. It is there where something
// says that the store was not closed cleanly; a store that was costs a boot nothing (docs/decisions/0020).

import { Failure } from "../text/failure.ts";
import { formatPath, formatQuoted } from "../text/quoted.ts";

/** Maps each kind of step to what it needs. */
export interface CheckStoreStepArguments {
  /** Checks a file system that nobody uses, replays and repairs what is safe, and fails where more than that is wrong. */
  "check-store": {
    /** The device, or the store's file on its mounted host. */
    readonly path: string;
    /** In blkid's words. */
    readonly type: string;
    /** Why, as a sentence about the file system goes on ("it was not unmounted"). */
    readonly because: string;
    /** Whether the kernel has noted errors: then it is not written to unless it was checked. */
    readonly hasErrors: boolean;
    /** What sentences call the store. */
    readonly store: string;
    /** What a person can do about one that is damaged. */
    readonly remedy: string;
    /** A directory for what is needed meanwhile. */
    readonly scratch: string;
  };
}

/** Is a check that was made, and for which step. */
export interface CheckedStore {
  readonly step: CheckStoreStepArguments["check-store"];
  readonly check: StoreCheck;
}

/** Is what came of checking a store; `says` is the tool's first complaint, or why nothing was checked. */
export interface StoreCheck {
  readonly result: "clean" | "repaired" | "unchecked" | "damaged";
  /** Missing where none was asked. */
  readonly tool?: string;
  readonly says?: string;
}

/** Says in words what each step does. */
export const checkStoreDescribers: {
  readonly [Kind in keyof CheckStoreStepArguments]: (step: CheckStoreStepArguments[Kind]) => string;
} = {
  "check-store": ({ path, type, because }) =>
    `check the ${type} in ${formatPath(path)} and repair what is safe to repair, because ${because}`,
};

/** Makes the failure for a store that is not written to after its check; undefined where it may be. */
export function refuseStore({ check, step }: CheckedStore): Failure | undefined {
  const { result, tool = "the checker", says = "nothing" } = check;
  const { type, store, hasErrors, remedy } = step;
  const cannot = `Cannot write to ${store}`;
  if (result === "damaged")
    return new Failure(
      "damaged",
      `${cannot}: its ${type} is damaged, and not all of it is safe to repair: ${tool} says ${formatQuoted(says)}`,
      remedy,
    );
  if (result === "unchecked" && hasErrors)
    return new Failure(
      "damaged",
      `${cannot}: the kernel has noted errors in its ${type}, and it could not be checked: ${says}`,
      remedy,
    );
  return undefined;
}
