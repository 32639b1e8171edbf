// How a command reports what it did, or would do: as text or, with --json, as JSON.
import type { Plan } from "../../core/steps/step.ts";
import { headOf, renderJson } from "../../report/json.ts";
import { renderPlan, summarisePlan } from "../../report/plan.ts";
import type { Flag, Invocation } from "./command.ts";

/** The flag of a command whose result is also seen without a report. */
export const quietFlag: Flag = { name: "quiet", help: "print nothing but errors" };

/** The flags of a command that reports what it would do, and what it did. */
export const tellingFlags: readonly Flag[] = [
  { name: "dry-run", help: "show what would be done without doing it" },
  { name: "json", help: "print JSON" },
  quietFlag,
];

/** Returns whether nothing but errors, and the JSON that is asked for, is printed. */
export function isQuiet({ arguments: { switches } }: Pick<Invocation, "arguments">): boolean {
  return switches.has(quietFlag.name);
}

/** A result, for people and for programs. */
export interface Telling {
  readonly text: () => string;
  /** The object; what all of them have is added to it. */
  readonly json: () => object;
  /** Notes for the user; the JSON has them among the rest. */
  readonly notes?: () => string;
}

/** Writes a result to standard output, and the notes to standard error. */
export function tell(invocation: Invocation, { text, json, notes }: Telling): void {
  const { system, arguments: given, context } = invocation;
  const isJson = given.switches.has("json");
  if (!isJson && isQuiet(invocation)) return;
  const besides = isJson || notes === undefined ? "" : notes();
  if (besides !== "") system.say("stderr", besides);
  system.say("stdout", isJson ? renderJson({ ...headOf(context.version), ...json() }) : text());
}

/**
 * Writes what was done or, with --dry-run, would be, as `tell` does; the JSON says which of them it
 * is.
 */
export function tellOutcome(invocation: Invocation, { json, ...telling }: Telling): void {
  const planned = invocation.arguments.switches.has("dry-run");
  tell(invocation, { ...telling, json: () => ({ planned, ...json() }) });
}

/** Returns the report on a plan. */
export function planTelling(plan: Plan): Telling {
  return { text: () => renderPlan(plan), json: () => summarisePlan(plan) };
}

/** Writes what would be done, if --dry-run requests only that; returns whether it did. */
export function tellPlan(invocation: Invocation, plan: () => Telling): boolean {
  if (!invocation.arguments.switches.has("dry-run")) return false;
  tellOutcome(invocation, plan());
  return true;
}
