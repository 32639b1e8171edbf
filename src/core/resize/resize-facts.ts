// The facts needed to resize a store, and the form of the decision: steps in phases. A phase is
// undone if one of its steps fails; earlier phases are not, because the store's record says how to
// continue from there.

import type { StoreType } from "../file-systems/store-types.ts";
import type { Plan, Step } from "../steps/step.ts";
import type { ExtLayout } from "./ext-layout.ts";

/** The facts about a store to resize. */
export interface ResizeFacts {
  /** The store as the user knows it, with symbolic links resolved. */
  readonly store: string;
  /** The same file by the path used for writing, and what is done before and after. */
  readonly writable: {
    readonly store: string;
    readonly before: readonly Step[];
    readonly after: readonly Step[];
  };
  readonly bytes: number;
  /** What its host has allocated for it alone. */
  readonly allocatedBytes: number;
  /** What it shares with a snapshot or another file. */
  readonly sharedBytes: number;
  readonly inner: InnerFacts;
  /** Where the running session uses it; undefined if it is not in use. */
  readonly session: { readonly device: string; readonly target: string } | undefined;
  readonly isRoot: boolean;
  readonly host: {
    /** The type as the kernel names it. */
    readonly type: string;
    readonly target: string;
    /** The device that is mounted there. */
    readonly source: string;
    readonly totalBytes: number;
    readonly availableBytes: number;
    /** The size of its disk's sectors. */
    readonly sectorBytes: number;
  };
  /** The directory for temporary files, which does not exist yet. */
  readonly scratch: string;
}

/** The facts about the file system in a store. */
export interface InnerFacts {
  readonly type: StoreType;
  readonly bytes: number;
  readonly label: string | undefined;
  readonly uuid: string | undefined;
  /** Only for ext2, ext3 and ext4. */
  readonly layout: ExtLayout | undefined;
  /** The smallest size that its files allow; undefined if it was not asked for or is unknown. */
  readonly smallestBytes: number | undefined;
  /** The smallest size that is certain to succeed. */
  readonly surelyBytes: number | undefined;
  /** How much data would move to other blocks. */
  readonly movingBytes: number;
}

/** The result of a resize, done or planned. */
interface ResizedStore {
  readonly operation: "grow" | "shrink";
  readonly store: string;
  readonly type: StoreType;
  readonly from: number;
  readonly to: number;
  /** Whether it was in use during the resize. */
  readonly online: boolean;
}

/** A resize as it was decided; without phases if there is nothing to do. */
export interface ResizePlan {
  readonly title: string;
  readonly phases: readonly (readonly Step[])[];
  readonly result: ResizedStore;
}

/** Returns all phases as one plan, for display. */
export function joinPhases({ title, phases, result }: ResizePlan, facts: ResizeFacts): Plan {
  const { before, after } = facts.writable;
  const steps = phases.flat();
  return { title, steps: steps.length === 0 ? [] : [...before, ...steps, ...after], result };
}
