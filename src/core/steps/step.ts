// A step is one primitive change as plain data: it survives JSON, can be printed before it is done,
// and is done by exactly one function (system/steps/execute.ts, which does not compile if one is
// missing).

import { type ChangeStepArguments, changeDescribers } from "./change-steps.ts";
import { type CheckStoreStepArguments, checkStoreDescribers } from "./check-steps.ts";
import { type ConfigurationStepArguments, configurationDescribers } from "./configuration-steps.ts";
import { type ConfirmStepArguments, confirmDescribers } from "./confirm-steps.ts";
import { type DeviceStepArguments, deviceDescribers } from "./device-steps.ts";
import { type DiskStepArguments, diskDescribers } from "./disk-steps.ts";
import { type FileStepArguments, fileDescribers } from "./file-steps.ts";
import { type MountStepArguments, mountDescribers } from "./mount-steps.ts";
import { type RepairStepArguments, repairDescribers } from "./repair-steps.ts";
import { type ResizeStepArguments, resizeDescribers } from "./resize-steps.ts";
import { type RoomStepArguments, roomDescribers } from "./room-steps.ts";
import { type TreeStepArguments, treeDescribers } from "./tree-steps.ts";

/** The arguments of each kind of step. */
export interface StepArguments
  extends MountStepArguments,
    FileStepArguments,
    DeviceStepArguments,
    DiskStepArguments,
    ResizeStepArguments,
    RepairStepArguments,
    ConfirmStepArguments,
    ConfigurationStepArguments,
    CheckStoreStepArguments,
    RoomStepArguments,
    TreeStepArguments,
    ChangeStepArguments {}

/**
 * One change; `do` names its kind. If an `optional` one fails, that is reported and the plan goes
 * on.
 */
export type Step = {
  [Kind in keyof StepArguments]: {
    readonly do: Kind;
    readonly optional?: true;
  } & StepArguments[Kind];
}[keyof StepArguments];

/** A decision: steps in order, and what to do instead if one of them fails. */
export interface Plan<Result = unknown> {
  /** A sentence for the user: "Run on the store …". */
  readonly title: string;
  readonly steps: readonly Step[];
  /** What is true once every step is done. */
  readonly result: Result;
  readonly otherwise?: Plan<Result>;
}

/** A step that failed, in words: "Cannot mount …: read-only file system". */
export interface StepFailure {
  /** The title of its plan. */
  readonly plan: string;
  /** The kind of the step. */
  readonly step: Step["do"];
  readonly message: string;
  /** What the user can do about it. */
  readonly hint?: string;
}

const describers: {
  readonly [Kind in keyof StepArguments]: (step: StepArguments[Kind]) => string;
} = {
  ...mountDescribers,
  ...fileDescribers,
  ...deviceDescribers,
  ...diskDescribers,
  ...resizeDescribers,
  ...repairDescribers,
  ...checkStoreDescribers,
  ...confirmDescribers,
  ...configurationDescribers,
  ...roomDescribers,
  ...treeDescribers,
  ...changeDescribers,
};

/** Describes a step in words. */
export function describe(step: Step): string {
  return matchStep(step, describers);
}

/** Calls the function for the step's kind. */
export function matchStep<T>(
  step: Step,
  cases: { readonly [Kind in keyof StepArguments]: (step: StepArguments[Kind]) => T },
): T {
  // The compiler cannot see that the function under `step.do` takes this very step; StepArguments
  // guarantees it.
  const apply = cases[step.do] as (step: Step) => T;
  return apply(step);
}
