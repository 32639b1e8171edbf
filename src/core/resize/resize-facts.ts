// What has to be known of a store before its size is changed, and the shape of what is decided: steps in phases. What a
// phase did is undone when one of its steps fails; what the phases before it did is not, because the store's record
// says how to go on from there.

import type { StoreType } from "../file-systems/store-types.ts";
import type { Plan, Step } from "../steps/step.ts";
import type { ExtLayout } from "./ext-layout.ts";

/** Is what is known of a store whose size is to be changed. */
export interface ResizeFacts {
  /** The store as a person knows it, links resolved. */
  readonly store: string;
  /** The same file by the path that it is written through, and what is done before and after. */
  readonly writable: {
    readonly store: string;
    readonly before: readonly Step[];
    readonly after: readonly Step[];
  };
  readonly bytes: number;
  readonly allocatedBytes: number;
  readonly inner: InnerFacts;
  /** Where the running session has it; undefined when nobody uses it. */
  readonly session: { readonly device: string; readonly target: string } | undefined;
  readonly isRoot: boolean;
  readonly host: {
    /** The kernel's name for its type. */
    readonly type: string;
    readonly target: string;
    /** The device that is mounted there. */
    readonly source: string;
    readonly totalBytes: number;
    readonly availableBytes: number;
  };
  /** The directory for what is needed meanwhile, which does not exist yet. */
  readonly scratch: string;
}

/** Is what is known of the file system in a store. */
export interface InnerFacts {
  readonly type: StoreType;
  readonly bytes: number;
  readonly label: string | undefined;
  readonly uuid: string | undefined;
  /** Of ext2, ext3 and ext4. */
  readonly layout: ExtLayout | undefined;
  /** Smaller than that it cannot be with its files; undefined where nobody asked, or nobody can say. */
  readonly smallestBytes: number | undefined;
  /** As small as it can surely become. */
  readonly surelyBytes: number | undefined;
  /** How much data would move to other blocks. */
  readonly movingBytes: number;
}

/** Says what was done, or is to be done. */
interface ResizedStore {
  readonly operation: "grow" | "shrink";
  readonly store: string;
  readonly type: StoreType;
  readonly from: number;
  readonly to: number;
  /** Whether it was in use meanwhile. */
  readonly online: boolean;
}

/** Is a change of size as it was decided; no phases when there is nothing to do. */
export interface ResizePlan {
  readonly title: string;
  readonly phases: readonly (readonly Step[])[];
  readonly result: ResizedStore;
}

/** Gives the whole as one plan, for people. */
export function joinPhases({ title, phases, result }: ResizePlan, facts: ResizeFacts): Plan {
  const { before, after } = facts.writable;
  const steps = phases.flat();
  return { title, steps: steps.length === 0 ? [] : [...before, ...steps, ...after], result };
}
