// What is said about a plan that is not carried out.
import { describe, type Plan } from "../core/steps/step.ts";

/** Renders what would be done, a step a line. */
export function renderPlan({ title, steps }: Plan): string {
  return `${title}\n${steps.map((step) => `  ${describe(step)}\n`).join("")}`;
}
