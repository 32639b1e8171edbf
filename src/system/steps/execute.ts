// Executes a plan step by step. If a step fails, the completed ones are undone in reverse order and
// the plan under `otherwise` is executed instead.

import type { CheckedStore } from "../../core/steps/check-steps.ts";
import { isConfirming } from "../../core/steps/confirm-steps.ts";
import {
  describe,
  matchStep,
  type Plan,
  type Step,
  type StepArguments,
  type StepFailure,
} from "../../core/steps/step.ts";
import { Failure } from "../../core/text/failure.ts";
import { errnoOf, type System } from "../port/system.ts";
import { type Undo, undoQuietly } from "../port/undo.ts";
import { performChange } from "./change-steps.ts";
import { performCheck } from "./check-steps.ts";
import { performConfiguration } from "./configuration-steps.ts";
import { performConfirm } from "./confirm-steps.ts";
import { performDevice } from "./device-steps.ts";
import { performDisk } from "./disk-steps.ts";
import { type Progress, performFile } from "./file-steps.ts";
import { performMount } from "./mount-steps.ts";
import { nothing } from "./performers.ts";
import { performRepair } from "./repair-steps.ts";
import { performResize } from "./resize-steps.ts";
import { performRoom } from "./room-steps.ts";
import { describeFailure, failureOf } from "./step-failure.ts";
import { performTree } from "./tree-steps.ts";

/** The result of execution: the plan that was completed, and what failed before it. */
export interface Execution<Result> {
  readonly plan: Plan<Result>;
  readonly failures: readonly StepFailure[];
  /** The results of checking the store, in the plan that was completed and in those that failed. */
  readonly checks: readonly CheckedStore[];
  /**
   * Set if neither the plan nor its alternatives were executed: the facts that it was made from
   * have turned out to be outdated. What it did is undone.
   */
  readonly outdated?: Outdated;
}

/** The step that found facts to be outdated, and how, as a sentence. */
interface Outdated {
  readonly step: Step;
  readonly message: string;
}

/** A listener for long operations. */
export interface Watcher {
  readonly progress?: Progress;
  /** The progress of reading back what was written. */
  readonly reading?: Progress;
  readonly checking?: (step: StepArguments["check-store"]) => void;
  /** Describes a bug in a step, which then fails by it; a bug is thrown on without. */
  readonly summariseBug?: (error: unknown) => string;
}

/** Executes a plan or, if it fails, its alternative; throws a Failure if none of them worked. */
export function execute<Result>(
  system: System,
  plan: Plan<Result>,
  watcher: Watcher = {},
): Execution<Result> {
  const failures: StepFailure[] = [];
  const checks: CheckedStore[] = [];
  const { progress = nothing, reading = nothing, checking = nothing, summariseBug } = watcher;
  const performance = { system, progress, reading, checking, checks };
  for (let current = plan; ; ) {
    const performStep = (step: Step) =>
      orFailure(step, summariseBug, () => perform(performance, step));
    const stop = executeSteps(current, performStep, failures);
    if (stop === undefined) return { plan: current, failures, checks };
    const { step, failure, isOutdated } = stop;
    if (isOutdated)
      return { plan: current, failures, checks, outdated: { step, message: failure.message } };
    if (current.otherwise === undefined) throw failure;
    current = current.otherwise;
  }
}

function orFailure<T>(step: Step, summariseBug: Watcher["summariseBug"], action: () => T): T {
  try {
    return action();
  } catch (error) {
    const isBug = !(error instanceof Failure) && errnoOf(error) === undefined;
    if (!isBug || summariseBug === undefined) throw error;
    throw new Failure("bug", `Cannot ${describe(step)}: ${summariseBug(error)}`);
  }
}

/** The reason why a plan was not completed. */
interface Stop {
  readonly step: Step;
  readonly failure: Failure;
  readonly isOutdated: boolean;
}

/** Returns why the plan failed, after undoing the completed steps; undefined if it is completed. */
function executeSteps(
  plan: Plan,
  performStep: (step: Step) => Undo,
  failures: StepFailure[],
): Stop | undefined {
  const undos: Undo[] = [];
  for (const step of plan.steps) {
    try {
      undos.push(performStep(step));
    } catch (error) {
      const failure = failureOf(step, error);
      const isOutdated =
        (isConfirming(step) && error instanceof Failure) || step.do === "mount-srm";
      if (!isOutdated) failures.push(describeFailure(plan, step, failure));
      if (step.optional) continue;
      for (const undo of undos.reverse()) undoQuietly(undo);
      return { step, failure, isOutdated };
    }
  }
  return undefined;
}

interface Performance {
  readonly system: System;
  readonly progress: Progress;
  readonly reading: Progress;
  readonly checking: (step: StepArguments["check-store"]) => void;
  readonly checks: CheckedStore[];
}

function perform({ system, progress, reading, checking, checks }: Performance, step: Step): Undo {
  return matchStep<Undo>(step, {
    ...performMount(system),
    ...performFile(system, progress),
    ...performDevice(system),
    ...performDisk(system, { progress, reading }),
    ...performResize(system),
    ...performRepair(system),
    ...performCheck(system, { checking, checks }),
    ...performConfirm(system),
    ...performConfiguration(system),
    ...performRoom(system),
    ...performTree(system),
    ...performChange(system),
  });
}
