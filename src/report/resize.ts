// The report on a store that was resized, or would be.

import { joinPhases, type ResizeFacts, type ResizePlan } from "../core/resize/resize-facts.ts";
import { formatPath } from "../core/text/quoted.ts";
import { formatSize } from "../core/text/size.ts";
import { renderJson } from "./json.ts";
import { renderPlan } from "./plan.ts";

/** Renders what was done. */
export function renderResized({ phases, result }: ResizePlan): string {
  const { store, from, to, type } = result;
  if (phases.length === 0)
    return `The store ${formatPath(store)} already has ${formatSize(to)} (${type})\n`;
  return `The store ${formatPath(store)} now has ${formatSize(to)}, was ${formatSize(from)} (${type})\n`;
}

/** Renders what would be done, one step a line. */
export function renderResizePlan(plan: ResizePlan, facts: ResizeFacts): string {
  const whole = joinPhases(plan, facts);
  return whole.steps.length === 0 ? `${whole.title}\n  nothing to do\n` : renderPlan(whole);
}

/** Renders what was done as JSON: the result, and whether anything had to be done. */
export function renderResizedJson({ phases, result }: ResizePlan): string {
  return renderJson({ ...result, changed: phases.length > 0 });
}

/** Renders what would be done as JSON. */
export function renderResizePlanJson(plan: ResizePlan, facts: ResizeFacts): string {
  return renderJson(joinPhases(plan, facts));
}
