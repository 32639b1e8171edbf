// The report on a boot, before it (explain) and after it (boot.json), as one object.
// docs/boot-json.md describes it.

import type { Candidate } from "../devices/candidate.ts";
import { type BaseModule, withModules } from "../medium/base-identity.ts";
import type { Medium } from "../medium/medium.ts";
import type { Problem } from "../options/option-source.ts";
import type { Options } from "../options/options.ts";
import type { CheckedStore, StoreCheck } from "../steps/check-steps.ts";
import { describe, type Plan, type Step, type StepFailure } from "../steps/step.ts";
import { isLeftAlone, type LeftAlone, type LiveRoot } from "../takeover/live-root.ts";
import { formatLine, formatQuoted } from "../text/quoted.ts";
import { describeLeftOutSrms, listBaseModules, type SrmFacts } from "./loaded-srms.ts";
import type { CopyResult } from "./plan-copy.ts";
import type { VerificationResult } from "./plan-verification.ts";
import type { RefusedSrm, SessionKind, SessionResult, StoreSummary } from "./session.ts";
import { baseLayers } from "./session-steps.ts";

/** Everything that was decided and why. */
export interface Explanation {
  readonly options: Options;
  readonly problems: readonly ExplainedProblem[];
  readonly candidates: readonly Candidate[];
  /** The plan before the session's, if the base is to be copied into memory. */
  readonly copy?: ExplainedPlan;
  /** The plan before the session's, if the base is to be verified. */
  readonly verification?: ExplainedPlan;
  readonly plan: ExplainedPlan;
  readonly session: SessionKind;
  /** Why the session is not persistent. */
  readonly reason?: string;
  readonly store?: StoreSummary;
  /** The result of checking the store before it was used; undefined if there was no reason to. */
  readonly check?: StoreCheck;
  /**
   * Set if not the options, but a person at the console chose the store, or to continue without
   * one.
   */
  readonly chosenBy?: "person";
  readonly medium: MediumSummary | MissingMedium;
  /** The layers of the base as they are mounted, from the top down; empty if none is. */
  readonly layers: readonly string[];
  /** Which initramfs assembles the root: this program's, or another that it is added to. */
  readonly way: "own" | "addon";
  /** The root as the other initramfs has assembled it. */
  readonly live?: LiveSummary;
}

/** What another initramfs has assembled, or why it is left as it is. */
type LiveSummary =
  | Pick<LiveRoot, "family" | "root" | "layers" | "upper" | "kept">
  | (Pick<LeftAlone, "family" | "root" | "changes"> & { readonly leftAlone: LeftAlone["kind"] });

/** A problem, and where it is written if it is in a file. */
export interface ExplainedProblem extends Omit<Problem, "isRefusal" | "isOfInitramfs"> {
  /** Set if it is why the session does not keep changes that will be missed. */
  readonly isReason?: true;
}

/** The reason why nothing is known of the medium. */
interface MissingMedium {
  readonly reason: string;
}

/** The medium and the base on it, by their names. */
interface MediumSummary {
  readonly device: string;
  readonly type: string | undefined;
  readonly label: string | undefined;
  readonly layout: string;
  readonly image: string;
  /** The release of the base according to the medium. */
  readonly release: string | undefined;
  /** Distinguishes this build of the base from all others. */
  readonly fingerprint: string | undefined;
  /** The modules of SystemRescue over the base, from the top down; missing if there are none. */
  readonly modules?: readonly BaseModule[];
}

/** A plan with each step as data and in words. */
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
  readonly verification?: Plan<VerificationResult> | undefined;
  readonly plan: Plan<SessionResult>;
  readonly medium: Medium | MissingMedium;
  readonly live?: LiveRoot | LeftAlone | undefined;
  /** The modules of SystemRescue that could not be mounted. */
  readonly refusedSrms?: readonly RefusedSrm[];
  readonly chosenBy?: "person" | undefined;
  /** For an executed plan: what failed, and the result of checking the store. */
  readonly failures?: readonly StepFailure[];
  readonly checks?: readonly CheckedStore[];
}): Explanation {
  const {
    options,
    candidates,
    copy,
    verification,
    plan,
    medium,
    live,
    chosenBy,
    checks = [],
  } = facts;
  const { session, store, findings } = plan.result;
  const reason = addCause(facts);
  const check = checks.at(-1)?.check;
  const root = live === undefined || isLeftAlone(live) ? undefined : live;
  const base = "reason" in medium ? undefined : { ...facts, live: root, medium };
  return {
    options,
    problems: [
      ...facts.problems
        .filter(({ isOfInitramfs }) => live === undefined || !isOfInitramfs)
        .map((problem) => explainProblem(problem, plan.result)),
      ...(copy?.result.problem === undefined ? [] : [{ message: copy.result.problem }]),
      ...(base === undefined ? [] : describeLeftOutSrms(base)).map((message) => ({ message })),
      ...(verification?.result.problem === undefined
        ? []
        : [{ message: verification.result.problem }]),
      ...findings.map((message) => ({ message })),
      ...checks.flatMap((checked) => {
        const message = describeCheck(checked, session);
        return message === undefined ? [] : [{ message }];
      }),
      ...listNotable(facts),
      ...missedStore(plan.result, reason),
    ],
    candidates: store === undefined ? candidates.map(withoutStore) : candidates,
    ...(copy === undefined ? {} : { copy: explainPlan(copy) }),
    ...(verification === undefined ? {} : { verification: explainPlan(verification) }),
    plan: explainPlan(plan),
    session,
    ...(reason === undefined ? {} : { reason }),
    ...(store === undefined ? {} : { store }),
    ...(check === undefined ? {} : { check }),
    ...(chosenBy === undefined ? {} : { chosenBy }),
    medium: "reason" in medium ? medium : summarise({ ...facts, live: root, medium }),
    layers: base === undefined || session === "stopped" ? [] : baseLayers(base),
    way: live === undefined ? "own" : "addon",
    ...(live === undefined ? {} : { live: summariseLive(live) }),
  };
}

function summariseLive(live: LiveRoot | LeftAlone): LiveSummary {
  const { family, root } = live;
  if (isLeftAlone(live)) return { family, root, leftAlone: live.kind, changes: live.changes };
  const { layers, upper, kept } = live;
  return { family, root, layers, upper, ...(kept && { kept }) };
}

/** Returns the reason for the kind of session, with the step whose failure led to it. */
function addCause({
  plan: { title, result },
  failures = [],
}: {
  plan: Plan<SessionResult>;
  failures?: readonly StepFailure[];
}): string | undefined {
  const given = failures.filter(({ plan }) => plan !== title);
  // The last failure of a plan stopped it; earlier ones were optional.
  const cause = given.findLast(({ plan }) => plan === given[0]?.plan);
  if (result.reason === undefined || cause === undefined) return result.reason;
  const hint = cause.hint === undefined ? "" : ` (${cause.hint})`;
  return `${result.reason}: ${cause.message}${hint}`;
}

/** Returns whether changes are lost that will be missed, according to the problems. */
export function isLossTold({ problems }: Explanation): boolean {
  return problems.some(({ isReason }) => isReason);
}

function explainProblem(
  { isRefusal, isOfInitramfs, ...problem }: Problem,
  { isRefused }: SessionResult,
): ExplainedProblem {
  return isRefusal && isRefused ? { ...problem, isReason: true } : problem;
}

/** Lists failures of optional steps of the completed plan that a person would notice. */
function listNotable({
  plan: { title },
  failures = [],
}: {
  plan: Plan<SessionResult>;
  failures?: readonly StepFailure[];
}): ExplainedProblem[] {
  return failures
    .filter(({ plan, step }) => plan === title && step === "make-configuration")
    .map(({ message }) => ({ message }));
}

/**
 * A store that was requested or exists, but is not used or not written to, is a problem like any
 * other.
 */
function missedStore(
  { isMissed, isRefused }: SessionResult,
  reason: string | undefined,
): ExplainedProblem[] {
  if (reason === undefined || !isMissed || isRefused) return [];
  return [{ message: `Cannot keep changes: ${reason}`, isReason: true }];
}

/**
 * A device that was chosen but could not be used is not accepted; the session's reason says why.
 */
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

function summarise(facts: SrmFacts): MediumSummary {
  const { device, layout, release, fingerprint } = facts.medium;
  return {
    device: device.path,
    type: device.superblock?.type,
    label: device.superblock?.label,
    layout: layout.name,
    image: layout.image,
    release,
    fingerprint,
    ...withModules(listBaseModules(facts)),
  };
}

/**
 * Describes the result of a check in a sentence; undefined if all is well, and if the resulting
 * session already says so, or does not write to the store.
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
        : `The ${type} file system of ${store} has a corrupt block with a good second copy: ${said} ("btrfs scrub" repairs it)`;
    case "repaired":
      return `The ${type} file system of ${store} was repaired because ${because}: ${said ?? `${tool} found nothing else`}`;
    case "unchecked":
      return session === "persistent"
        ? `The ${type} file system of ${store} was not checked although ${because}: ${formatLine(says ?? "")}`
        : undefined;
    case "damaged":
      return undefined;
  }
}
