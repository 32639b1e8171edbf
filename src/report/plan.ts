// The report on a plan that is not executed.
import { describe, type Plan, type Step } from "../core/steps/step.ts";

/** Renders what would be done, one step a line. */
export function renderPlan({ title, steps }: Plan): string {
  return `${title}\n${steps.map((step) => `  ${describe(step)}\n`).join("")}`;
}

/** Returns a plan as an object for programs. */
export function summarisePlan({ title, steps, result }: Plan<unknown>): object {
  return { title, steps: steps.map(summariseStep), result };
}

/** Returns a step as an object for programs: as data, and in words. */
export function summariseStep(step: Step): object {
  return { ...step, description: describe(step) };
}
