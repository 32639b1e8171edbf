// From the medium to a running session: reads the options on it, finds the store or asks for it,
// decides, acts, and reports the verdict. It ends with a session, or waits for the user.

import { describeOthers, type MediumChoice } from "../core/medium/choose-medium.ts";
import type { Problem } from "../core/options/option-source.ts";
import type { Options } from "../core/options/options.ts";
import { type OptionTexts, readOptions } from "../core/options/read-options.ts";
import { explain } from "../core/session/explanation.ts";
import type { SessionKind } from "../core/session/session.ts";
import type { LiveRoot } from "../core/takeover/live-root.ts";
import { listProblems } from "../system/session/session-facts.ts";
import { askForStore, type StoreDecision } from "./ask-store.ts";
import { checkBallast } from "./ballast-outcome.ts";
import { findStore } from "./find-store.ts";
import type { Hardware } from "./hardware.ts";
import { type PreparedBase, runSession } from "./run-session.ts";
import { type PhaseTimes, tellVerdict } from "./verdict.ts";
import { acceptFault } from "./verify-base.ts";
import { waitForEver } from "./wait.ts";

/** What is known of a boot once its medium is. */
interface KnownBoot {
  /** The options outside the medium, as texts. */
  readonly texts: OptionTexts;
  /** The same, read. */
  readonly before: ReturnType<typeof readOptions>;
  readonly choice: MediumChoice;
  readonly times: PhaseTimes;
  readonly version: string;
  /** The root to take over; undefined where this is the only initramfs. */
  readonly live?: LiveRoot | undefined;
}

/** Starts a session, and returns its kind. */
export function startSession(hardware: Hardware, known: KnownBoot): SessionKind {
  const { system } = hardware;
  const { texts, before, choice, times, version, live } = known;
  const { medium } = choice;
  times.medium = system.uptimeMs();
  const { options, problems } =
    medium.yaml.length === 0 ? before : readOptions({ ...texts, yaml: medium.yaml });
  const told = problems.filter(({ isOfInitramfs }) => live === undefined || !isOfInitramfs);
  const asking = { options, problems: [...told, ...describeOthers(choice)], medium };
  const { off, ask } = options.backstore.value;
  const asked = ask && !off ? askForStore(hardware, { ...asking, occasion: "ask" }) : undefined;
  const boot: Boot = { options, problems, hardware, version, choice, times, live };
  let decision: StoreDecision = asked ?? {
    options,
    learned: findStore(hardware, { options, medium }),
  };
  times.store = system.uptimeMs();
  let session = attemptSession(boot, decision, {});
  while (session.kind === "stopped") {
    decision =
      askForStore(hardware, { ...asking, occasion: "stopped" }) ??
      waitForEver(
        system,
        `${stopper(options, session.base)}: press Ctrl-Alt-Del to restart, or restart without it`,
      );
    const { copying, verification } = session.base;
    // Who has read that the base is damaged, and goes on, accepts that.
    session = attemptSession(boot, decision, {
      copying,
      verification: verification && acceptFault(verification),
    });
  }
  return session.kind;
}

/** The state of a boot that is constant while it tries to start a session. */
interface Boot {
  readonly hardware: Hardware;
  readonly version: string;
  readonly choice: MediumChoice;
  /** The given options, whatever the user chooses. */
  readonly options: Options;
  readonly problems: readonly Problem[];
  readonly times: PhaseTimes;
  readonly live: LiveRoot | undefined;
}

/**
 * Decides, acts, and reports the verdict; a base that was copied into memory before stays there.
 */
function attemptSession(
  { hardware, version, choice, options, problems, times, live }: Boot,
  decision: StoreDecision,
  before: PreparedBase,
): { readonly kind: SessionKind; readonly base: PreparedBase } {
  const { system } = hardware;
  const { medium } = choice;
  const run = runSession(hardware, { medium, live, version, times, decision, before });
  times.mounted = system.uptimeMs();

  const { copying, verification, refusedSrms } = run;
  const { devices, candidates, finding } = run.learned;
  const { plan: done, failures, checks } = run.execution;
  const ballast = checkBallast(system, finding, done.result);
  const explanation = explain({
    options,
    problems: [...ballast.problems, ...listProblems(problems, choice, { devices, options })],
    candidates,
    copy: copying.plan,
    verification: verification.plan,
    plan: done,
    medium,
    live,
    refusedSrms,
    chosenBy: decision.chosenBy,
    failures,
    checks,
  });
  tellVerdict(system, {
    version,
    explanation,
    failures,
    baseFailures: [...copying.failures, ...verification.failures],
    live,
    times,
    modules: hardware.problems,
    ballast: ballast.outcome,
  });
  // If the session was to stop from the start, neither was planned.
  const base = {
    copying: copying.plan && copying,
    verification: verification.plan && verification,
  };
  return { kind: done.result.session, base };
}

/** Names the option that keeps the system from running. */
function stopper({ backstore }: Options, { verification }: PreparedBase): string {
  if (verification?.plan?.result.fault !== undefined) return "checksum";
  return backstore.value.required ? "backstore=required" : "backstore=base=stop";
}
