// What is told of a boot, before it (explain) and after it (boot.json): one object. docs/boot-json.md describes it.

import type { Candidate } from "../devices/candidate.ts";
import type { Medium } from "../medium/medium.ts";
import type { Problem } from "../options/option-source.ts";
import type { Options } from "../options/options.ts";
import type { CheckedStore, StoreCheck } from "../steps/check-steps.ts";
import { describe, type Plan, type Step, type StepFailure } from "../steps/step.ts";
import { formatLine, formatQuoted } from "../text/quoted.ts";
import type { CopyResult } from "./plan-copy.ts";
import type { SessionKind, SessionResult, StoreSummary } from "./session.ts";

/** Is everything that was decided and why. */
export interface Explanation {
  readonly options: Options;
  readonly problems: readonly ExplainedProblem[];
  readonly candidates: readonly Candidate[];
  /** What is done before the plan, where the base is to be copied into memory. */
  readonly copy?: ExplainedPlan;
  readonly plan: ExplainedPlan;
  readonly session: SessionKind;
  /** Why the session is not persistent. */
  readonly reason?: string;
  readonly store?: StoreSummary;
  /** What came of checking the store before it was used; missing where nothing asked for that. */
  readonly check?: StoreCheck;
  /** Says that not the options, but a person at the console chose the store, or to go on without one. */
  readonly chosenBy?: "person";
  readonly medium: MediumSummary | MissingMedium;
}

/** Something that is wrong, and where it is written if it is in a file. */
export interface ExplainedProblem extends Omit<Problem, "isRefusal"> {
  /** It is why the session does not keep changes that somebody will miss. */
  readonly isReason?: true;
}

/** Says why nothing is known of the medium. */
interface MissingMedium {
  readonly reason: string;
}

/** Names the medium and the base on it. */
interface MediumSummary {
  readonly device: string;
  readonly type: string | undefined;
  readonly label: string | undefined;
  readonly layout: string;
  readonly image: string;
  /** What it says of the base's release. */
  readonly release: string | undefined;
  /** Tells this build of the base from all others. */
  readonly fingerprint: string | undefined;
}

/** Is a plan with each step in data and in words. */
export interface ExplainedPlan {
  readonly title: string;
  readonly steps: readonly (Step & { readonly description: string })[];
  readonly otherwise?: ExplainedPlan;
}

/** Puts together what was learned and decided. */
export function explain(facts: {
  readonly options: Options;
  readonly problems: readonly Problem[];
  readonly candidates: readonly Candidate[];
  readonly copy?: Plan<CopyResult> | undefined;
  readonly plan: Plan<SessionResult>;
  readonly medium: Medium | MissingMedium;
  readonly chosenBy?: "person" | undefined;
  /** Of a plan that was executed: what failed, and what came of checking the store. */
  readonly failures?: readonly StepFailure[];
  readonly checks?: readonly CheckedStore[];
}): Explanation {
  const { options, candidates, copy, plan, medium, chosenBy, checks = [] } = facts;
  const { session, store, findings } = plan.result;
  const reason = addCause(facts);
  const check = checks.at(-1)?.check;
  return {
    options,
    problems: [
      ...facts.problems.map((problem) => explainProblem(problem, plan.result)),
      ...(copy?.result.problem === undefined ? [] : [{ message: copy.result.problem }]),
      ...findings.map((message) => ({ message })),
      ...checks.flatMap((checked) => {
        const message = describeCheck(checked, session);
        return message === undefined ? [] : [{ message }];
      }),
      ...missedStore(plan.result, reason),
    ],
    candidates: store === undefined ? candidates.map(withoutStore) : candidates,
    ...(copy === undefined ? {} : { copy: explainPlan(copy) }),
    plan: explainPlan(plan),
    session,
    ...(reason === undefined ? {} : { reason }),
    ...(store === undefined ? {} : { store }),
    ...(check === undefined ? {} : { check }),
    ...(chosenBy === undefined ? {} : { chosenBy }),
    medium: "reason" in medium ? medium : summarise(medium),
  };
}

/** The reason why the session is what it is, with the step because of which another plan was given up. */
function addCause({
  plan: { title, result },
  failures = [],
}: {
  plan: Plan<SessionResult>;
  failures?: readonly StepFailure[];
}): string | undefined {
  const given = failures.filter(({ plan }) => plan !== title);
  // What fails a plan is the last that failed of it; others were optional.
  const cause = given.findLast(({ plan }) => plan === given[0]?.plan);
  if (result.reason === undefined || cause === undefined) return result.reason;
  const hint = cause.hint === undefined ? "" : ` (${cause.hint})`;
  return `${result.reason}: ${cause.message}${hint}`;
}

/** Tells whether a session is one whose changes somebody will miss, as its problems say. */
export function isLossTold({ problems }: Explanation): boolean {
  return problems.some(({ isReason }) => isReason);
}

function explainProblem(
  { isRefusal, ...problem }: Problem,
  { isRefused }: SessionResult,
): ExplainedProblem {
  return isRefusal && isRefused ? { ...problem, isReason: true } : problem;
}

/** A store that was asked for or is there, and is not used or not written to, is a problem like any other. */
function missedStore(
  { isMissed, isRefused }: SessionResult,
  reason: string | undefined,
): ExplainedProblem[] {
  if (reason === undefined || !isMissed || isRefused) return [];
  return [{ message: `Cannot keep changes: ${reason}`, isReason: true }];
}

/** A device that was chosen and then could not be used is not accepted; the session's reason says why. */
function withoutStore(candidate: Candidate): Candidate {
  return candidate.accepted
    ? {
        ...candidate,
        accepted: false,
        reason: `${candidate.reason}, but its store could not be used`,
      }
    : candidate;
}

function explainPlan({ title, steps, otherwise }: Plan): ExplainedPlan {
  return {
    title,
    steps: steps.map((step) => ({ ...step, description: describe(step) })),
    ...(otherwise === undefined ? {} : { otherwise: explainPlan(otherwise) }),
  };
}

function summarise({ device, layout, release, fingerprint }: Medium): MediumSummary {
  return {
    device: device.path,
    type: device.superblock?.type,
    label: device.superblock?.label,
    layout: layout.name,
    image: layout.image,
    release,
    fingerprint,
  };
}

/**
 * Tells people what came of a check, as a sentence; undefined where all is well, and where the session that came of it
 * tells already, or does not write to the store.
 */
export function describeCheck(
  { check, step }: CheckedStore,
  session: SessionKind,
): string | undefined {
  const { result, tool = "the checker", says } = check;
  const { type, store, because } = step;
  const said = says === undefined ? undefined : `${tool} says ${formatQuoted(says)}`;
  switch (result) {
    case "clean":
      return said === undefined
        ? undefined
        : `A block of the ${type} of ${store} is broken, and there is a second copy of it: ${said} ("btrfs scrub" mends it)`;
    case "repaired":
      return `The ${type} of ${store} was repaired, because ${because}: ${said ?? `${tool} found nothing else`}`;
    case "unchecked":
      return session === "persistent"
        ? `The ${type} of ${store} was not checked, although ${because}: ${formatLine(says ?? "")}`
        : undefined;
    case "damaged":
      return undefined;
  }
}
