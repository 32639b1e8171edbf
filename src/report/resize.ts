// The report on a store that was resized, or would be.

import { joinPhases, type ResizeFacts, type ResizePlan } from "../core/resize/resize-facts.ts";
import { formatPath } from "../core/text/quoted.ts";
import { formatSize } from "../core/text/size.ts";
import { renderPlan, summarisePlan } from "./plan.ts";

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

/** Returns what was done as an object for programs. */
export function summariseResized({ phases, result }: ResizePlan): object {
  const { from, to, ...rest } = result;
  return { ...rest, fromBytes: from, toBytes: to, changed: phases.length > 0 };
}

/** Returns what would be done as an object for programs. */
export function summariseResizePlan(plan: ResizePlan, facts: ResizeFacts): object {
  return { ...summarisePlan(joinPhases(plan, facts)), result: summariseResized(plan) };
}
