// Verifies the base before the session starts, if that is requested; reports the progress, because
// it takes as long as the medium is slow.

import { planVerification, type VerificationResult } from "../core/session/plan-verification.ts";
import type { SessionFacts } from "../core/session/session.ts";
import type { Plan, StepFailure } from "../core/steps/step.ts";
import type { System } from "../system/port/system.ts";
import { execute } from "../system/steps/execute.ts";
import { sayProgress } from "./say-progress.ts";

/** The result of verifying; what failed is part of its fault. */
export interface Verification {
  readonly plan: Plan<VerificationResult> | undefined;
  readonly failures: readonly StepFailure[];
}

/** Verifies the base if the options request it. */
export function verifyBase(system: System, facts: SessionFacts): Verification {
  const planned = planVerification(facts);
  if (planned === undefined) return { plan: undefined, failures: [] };
  const { plan, failures } = execute(system, planned, {
    progress: sayProgress(system, "verifying the base"),
  });
  if (plan.steps.length > 0)
    system.say("stderr", "\rbackstore: the base matches its checksum       \n");
  return { plan: addCause(plan, failures), failures };
}

function addCause(
  plan: Plan<VerificationResult>,
  [failure]: readonly StepFailure[],
): Plan<VerificationResult> {
  const { fault } = plan.result;
  if (fault === undefined || failure === undefined) return plan;
  return { ...plan, result: { ...plan.result, fault: `${fault}: ${failure.message}` } };
}

/** Returns the same for a base that is used although it is damaged. */
export function acceptFault(verification: Verification): Verification {
  const { plan } = verification;
  const fault = plan?.result.fault;
  if (plan === undefined || fault === undefined) return verification;
  const problem = `The base is used as chosen at the console, although ${fault}`;
  return { ...verification, plan: { ...plan, result: { fault: undefined, problem } } };
}
