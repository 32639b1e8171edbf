// Decides how the session runs, and acts. A store that was not unmounted cleanly is inspected
// without its journal; if that turns out to contain newer changes once it is replayed, nothing was
// written yet, and the store is inspected and the session planned again.

import type { Medium } from "../core/medium/medium.ts";
import { planSession } from "../core/session/plan-session.ts";
import type { RefusedSrm, SessionFacts, SessionResult } from "../core/session/session.ts";
import { findMended } from "../core/session/store-warnings.ts";
import type { CheckedStore } from "../core/steps/check-steps.ts";
import type { StepFailure } from "../core/steps/step.ts";
import type { StoreFinding } from "../core/stores/found-store.ts";
import { measurePhases } from "../core/stores/past-boots.ts";
import type { LiveRoot } from "../core/takeover/live-root.ts";
import { Failure } from "../core/text/failure.ts";
import { formatEscaped } from "../core/text/quoted.ts";
import { listIfPresent } from "../system/port/files.ts";
import type { System } from "../system/port/system.ts";
import { startSessionFacts } from "../system/session/session-facts.ts";
import { checkSeconds } from "../system/steps/check-steps.ts";
import { type Execution, execute, type Watcher } from "../system/steps/execute.ts";
import { newId } from "../system/stores/inspect-machine.ts";
import type { LearnedStore } from "../system/stores/learn-store.ts";
import type { StoreDecision } from "./ask-store.ts";
import { type Copying, copyBase } from "./copy-base.ts";
import { findStore } from "./find-store.ts";
import type { Hardware } from "./hardware.ts";
import type { SummariseBug } from "./last-guard.ts";
import type { PhaseTimes } from "./verdict.ts";
import { type Verification, verifyBase } from "./verify-base.ts";

/** The facts that a session is planned from. */
interface SessionCall {
  readonly medium: Medium;
  /** The root to take over; undefined where this is the only initramfs. */
  readonly live?: LiveRoot | undefined;
  readonly version: string;
  /** The ends of the phases until now. */
  readonly times: PhaseTimes;
  readonly decision: StoreDecision;
  /** What was copied into memory, and verified, when a session was planned before. */
  readonly before: PreparedBase;
}

/** What was done to the base before a session that then did not run. */
export interface PreparedBase {
  readonly copying?: Copying | undefined;
  readonly verification?: Verification | undefined;
}

/** A running session, with the final facts about its store. */
interface RunningSession {
  readonly learned: LearnedStore;
  readonly copying: Copying;
  readonly verification: Verification;
  /** The modules of SystemRescue that could not be mounted. */
  readonly refusedSrms: readonly RefusedSrm[];
  readonly execution: Execution<SessionResult>;
}

/** Plans a session and executes the plan. */
export function runSession(hardware: Hardware, call: SessionCall): RunningSession {
  const { system, summariseBug } = hardware;
  const { medium, live, version, times, decision, before } = call;
  const { options } = decision;
  const checks: CheckedStore[] = [];
  const mended: string[] = [];
  const factsOf = startSessionFacts(system, {
    options,
    medium,
    live,
    overlayParameters: listIfPresent(system, "/sys/module/overlay/parameters"),
    record: { id: newId(system), version, started: now(), phases: measurePhases(times) },
  });
  const accepts = decision.acceptsReadonly && { acceptsReadonly: decision.acceptsReadonly };
  let { learned } = decision;
  // Another initramfs has copied it already, if that was requested.
  const copying: Copying =
    live !== undefined
      ? { plan: undefined, failures: [] }
      : (before.copying ??
        copyBase(
          system,
          refuseFaulty({ ...factsOf(learned), ...accepts, isCopied: false }, summariseBug),
        ));
  const isCopied = copying.plan?.result.isCopied === true;
  const verification =
    before.verification ??
    verifyBase(system, refuseFaulty({ ...factsOf(learned), ...accepts, isCopied }, summariseBug));
  const refusedSrms: RefusedSrm[] = [];
  let unsettled: StepFailure | undefined;
  for (let round = 1; ; ) {
    const isChecked = checks.length > 0 && { isChecked: true as const };
    const facts = {
      ...factsOf(learned),
      ...accepts,
      ...isChecked,
      isCopied,
      mended,
      baseFault: verification.plan?.result.fault,
      refusedSrms: [...refusedSrms],
    };
    const planned = planSession(refuseFaulty(facts, summariseBug));
    const plan = (unsettled && planned.otherwise) ?? planned;
    if (plan.result.session === "persistent") sayWaiting(system, learned.finding);
    const done = execute(system, plan, { checking: sayChecking(system), summariseBug });
    checks.push(...done.checks);
    const { outdated } = done;
    if (outdated === undefined) {
      const failures = [...(unsettled ? [unsettled] : []), ...done.failures];
      return {
        learned,
        copying,
        verification,
        refusedSrms,
        execution: { ...done, checks, failures },
      };
    }
    if (outdated.step.do === "mount-srm") {
      refusedSrms.push({ path: outdated.step.path, message: outdated.message });
      continue;
    }
    if (round === mostRounds) {
      unsettled = { plan: done.plan.title, step: outdated.step.do, message: outdated.message };
      continue;
    }
    round++;
    // If the file itself was inspected once more, that came before anything was repaired.
    if (learned.finding.kind !== "none" && !learned.finding.file?.ignoredJournal)
      mended.push(...findMended(learned.finding));
    hardware.forget();
    learned = findStore(hardware, { options, medium });
  }
}

/**
 * A host is replayed, then the file system in the file; after that nothing can be outdated any
 * more. If inspection never matches, the store is not written to.
 */
const mostRounds = 3;

/** A store with which no session can be planned is not used, whatever the reason. */
function refuseFaulty(facts: SessionFacts, summariseBug: SummariseBug): SessionFacts {
  if (facts.store.kind === "none") return facts;
  try {
    planSession(facts);
    return facts;
  } catch (error) {
    const why = error instanceof Failure ? error.message : summariseBug(error);
    const reason = `${formatEscaped(facts.store.device.path)} was not used: ${why}`;
    return { ...facts, store: { kind: "none", reason, isMissed: true } };
  }
}

/** A check may take a while, and the user should know why. */
function sayChecking(system: System): NonNullable<Watcher["checking"]> {
  return ({ type, store, because }) =>
    system.say(
      "stderr",
      `backstore: checking the ${type} file system of ${store} because ${because} (at most ${checkSeconds} seconds)\n`,
    );
}

/** The kernel waits without a word, and a minute of that looks like the end. */
function sayWaiting(system: System, store: StoreFinding): void {
  if (store.kind === "none") return;
  const { device, file } = store;
  const waits = [device.superblock, file?.superblock].map((one) => one?.protection?.waitSeconds);
  const seconds = waits.reduce<number>((sum, wait) => sum + (wait ?? 0), 0);
  if (seconds > 0)
    system.say(
      "stderr",
      `backstore: the store was not unmounted and has multiple mount protection: waiting ${seconds} seconds for a sign of another machine that uses it\n`,
    );
}

/** The kernel creates it; nothing here is random. */
function now(): string {
  return new Date().toISOString();
}
