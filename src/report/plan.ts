// The report on a plan that is not executed.
import { describe, type Plan } from "../core/steps/step.ts";

/** Renders what would be done, one step a line. */
export function renderPlan({ title, steps }: Plan): string {
  return `${title}\n${steps.map((step) => `  ${describe(step)}\n`).join("")}`;
}
