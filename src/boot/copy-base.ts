// Copies the base into memory before the session starts, if that is requested; reports the
// progress, because it takes as long as the medium is slow.

import { parseAvailableMemory, parseTotalMemory } from "../core/kernel/memory.ts";
import { type CopyFacts, type CopyResult, planCopy } from "../core/session/plan-copy.ts";
import type { Plan, StepFailure } from "../core/steps/step.ts";
import { readIfPresent } from "../system/port/files.ts";
import type { System } from "../system/port/system.ts";
import { execute } from "../system/steps/execute.ts";
import { sayProgress } from "./say-progress.ts";

/** The result of copying; the reason why a copy failed is part of its problem. */
export interface Copying {
  readonly plan: Plan<CopyResult> | undefined;
  readonly failures: readonly StepFailure[];
}

/** Copies the base into memory if the options request it and there is space. */
export function copyBase(
  system: System,
  facts: Omit<CopyFacts, "availableBytes" | "memoryBytes">,
): Copying {
  const text = readIfPresent(system, "/proc/meminfo") ?? "";
  const [availableBytes, memoryBytes] = [parseAvailableMemory(text), parseTotalMemory(text)];
  const planned = planCopy({ ...facts, availableBytes, memoryBytes });
  if (planned === undefined) return { plan: undefined, failures: [] };
  const { plan, failures } = execute(system, planned, {
    progress: sayProgress(system, "copying the base into memory"),
  });
  if (plan.result.isCopied) {
    system.say("stderr", "\rbackstore: the base is in memory; the medium is no longer read\n");
  }
  return { plan: addCause(plan, failures), failures };
}

function addCause(plan: Plan<CopyResult>, [failure]: readonly StepFailure[]): Plan<CopyResult> {
  const { problem } = plan.result;
  if (problem === undefined || failure === undefined) return plan;
  return { ...plan, result: { ...plan.result, problem: `${problem}: ${failure.message}` } };
}
