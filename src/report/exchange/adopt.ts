// The report on a session that was kept in a store.

import type { KeptTotals } from "../../core/exchange/plan-keep.ts";
import type { Plan } from "../../core/steps/step.ts";
import { formatEscaped, formatPath } from "../../core/text/quoted.ts";
import { renderPlan, summarisePlan } from "../plan.ts";
import { formatCarried } from "./carried.ts";

/** What would be kept, and how its store is made. */
export interface Adoption {
  readonly store: string;
  /** Undefined for a store that is there. */
  readonly plan: Plan | undefined;
  readonly totals: KeptTotals;
}

/** A store that was filled. */
export interface KeptStore {
  readonly kind: "file" | "directory" | "device";
  /** Its file or directory, or the device that it is on. */
  readonly store: string;
  /** What was not the same any more when all was written. */
  readonly changed: readonly string[];
  readonly lost: readonly LostAttribute[];
}

/** An attribute that the file system of the store cannot keep. */
export interface LostAttribute {
  readonly path: string;
  readonly attribute: string;
}

/** What the next boot does with a store. */
export interface NextBoot {
  /** Whether a boot with the options of this one uses it, and for writing. */
  readonly isUsed: boolean;
  /** What chooses it: "" for nothing, undefined if no option can name it. */
  readonly options: string | undefined;
  /** Why the next boot does not use it. */
  readonly reason: string | undefined;
}

/** A session that was kept. */
export interface AdoptReport extends KeptStore, NextBoot {
  readonly totals: KeptTotals;
}

/** Renders what would be done. */
export function renderAdoption({ store, plan, totals }: Adoption): string {
  const steps = plan === undefined ? "" : renderPlan(plan);
  return `${steps}Keep this session in ${formatPath(store)} (${describeTotals(totals)})
  write its changes beside the upper directory of the store
  compare each of them with what the session has then
  sync them to disk, and rename them to the upper directory
`;
}

/** Returns the same as an object for programs. */
export function summariseAdoption({ store, plan, totals }: Adoption): object {
  const { title, steps } = { title: undefined, steps: [], ...(plan && summarisePlan(plan)) };
  return { store, title, steps, ...summariseTotals(totals) };
}

/** Renders what was done, and what the next boot does. */
export function renderAdopted(report: AdoptReport): string {
  const { store, totals, changed, lost } = report;
  const lines = [
    `Kept this session in ${formatPath(store)} (${describeTotals(totals)})`,
    ...renderSome(
      changed,
      "Changed while it was written, and perhaps not whole in the store:",
      (path) => formatEscaped(path),
    ),
    ...renderSome(
      lost,
      "Attributes that the file system of the store cannot keep:",
      ({ path, attribute }) => `${formatEscaped(attribute)} of ${formatEscaped(path)}`,
    ),
    ...renderNext(report),
    "What changes from now on is not in it.",
  ];
  return lines.map((line) => `${line}\n`).join("");
}

/** Returns the same as an object for programs. */
export function summariseAdopted({ totals, ...report }: AdoptReport): object {
  return { ...report, ...summariseTotals(totals) };
}

const mostTold = 20;

function renderSome<T>(all: readonly T[], title: string, render: (one: T) => string): string[] {
  if (all.length === 0) return [];
  const rest = all.length - mostTold;
  return [
    title,
    ...all.slice(0, mostTold).map((one) => `  ${render(one)}`),
    ...(rest > 0 ? [`  and ${rest} more (--json names all)`] : []),
  ];
}

function renderNext({ isUsed, options, reason }: NextBoot): string[] {
  if (isUsed) return ["The next boot uses it."];
  const why = reason === undefined ? "" : ` (${reason})`;
  const not = `With the options of this boot the next one does not use it${why}.`;
  if (options === undefined) return [`${not} No boot option can name it.`];
  return options === ""
    ? [`${not} A boot without any option for a store finds it.`]
    : [not, `Start it with: ${options}`];
}

function describeTotals({ entries, bytes }: KeptTotals): string {
  return formatCarried(entries, bytes);
}

function summariseTotals({ entries, bytes }: KeptTotals): object {
  return { entries, bytes };
}
