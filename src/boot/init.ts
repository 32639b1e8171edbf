// The program of the initramfs: started by the kernel as PID 1 with only its own root in memory, it
// ends by executing the system's own init, with the system's root mounted and the verdict reported.
// It has three phases, the first in two rounds, because the store's directory can be named only
// once the medium is known: learn, decide, act.
import { defaultOptionsFile } from "../core/initramfs/initramfs-contents.ts";
import { describeOthers, type MediumChoice } from "../core/medium/choose-medium.ts";
import type { Problem } from "../core/options/option-source.ts";
import type { Options } from "../core/options/options.ts";
import { readOptions } from "../core/options/read-options.ts";
import { explain } from "../core/session/explanation.ts";
import { places } from "../core/session/places.ts";
import type { SessionKind } from "../core/session/session.ts";
import { Failure } from "../core/text/failure.ts";
import { readIfPresent } from "../system/port/files.ts";
import type { System } from "../system/port/system.ts";
import { summariseBug } from "../system/port/trace.ts";
import { listProblems } from "../system/session/session-facts.ts";
import { execute } from "../system/steps/execute.ts";
import { askForStore, type StoreDecision } from "./ask-store.ts";
import { checkBallast } from "./ballast-outcome.ts";
import type { Copying } from "./copy-base.ts";
import { findMedium } from "./find-medium.ts";
import { findStore } from "./find-store.ts";
import { handOver } from "./hand-over.ts";
import { type Hardware, startHardware } from "./hardware.ts";
import type { SummariseBug } from "./last-guard.ts";
import { runSession } from "./run-session.ts";
import { startPlan } from "./start-plan.ts";
import { type PhaseTimes, tellVerdict } from "./verdict.ts";
import { waitForEver } from "./wait.ts";

/** The arguments that the kernel starts this program with, and the version. */
interface BootCall {
  /** The words that the kernel passes on to init. */
  readonly words: readonly string[];
  readonly version: string;
  /** Describes a bug in one line. */
  readonly summariseBug?: SummariseBug;
}

/** Boots the system: executes its init, or waits for the user if nothing else is right. */
export function boot(system: System, call: BootCall): never {
  try {
    return bootSystem(system, call);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return waitForEver(system, `${error.message}; press Ctrl-Alt-Del to restart`);
  }
}

function bootSystem(system: System, call: BootCall): never {
  const { words, version } = call;
  const summarise: SummariseBug = call.summariseBug ?? ((error) => summariseBug(error, undefined));
  execute(system, startPlan);
  const times: PhaseTimes = { started: system.uptimeMs() };
  const hardware = startHardware(system, summarise);

  const texts = {
    defaults: readIfPresent(system, defaultOptionsFile),
    commandLine: readIfPresent(system, "/proc/cmdline") ?? "",
  };
  const before = readOptions({ ...texts, yaml: [] });
  const choice = findMedium(hardware, before.options);
  const { medium } = choice;
  times.medium = system.uptimeMs();
  const { options, problems } =
    medium.yaml.length === 0 ? before : readOptions({ ...texts, yaml: medium.yaml });
  const asking = { options, problems: [...problems, ...describeOthers(choice)], medium };
  const { off, ask } = options.backstore.value;
  const asked = ask && !off ? askForStore(hardware, { ...asking, occasion: "ask" }) : undefined;
  const boot: Boot = { options, problems, hardware, version, choice, times };
  let decision: StoreDecision = asked ?? {
    options,
    learned: findStore(hardware, { options, medium }),
  };
  times.store = system.uptimeMs();
  let session = startSession(boot, decision, undefined);
  while (session.kind === "stopped") {
    decision =
      askForStore(hardware, { ...asking, occasion: "stopped" }) ??
      waitForEver(
        system,
        `${stopper(options)}: press Ctrl-Alt-Del to restart, or restart without it`,
      );
    session = startSession(boot, decision, session.copying);
  }
  return handOver(system, { root: places.root, words, commandLine: texts.commandLine });
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
}

/**
 * Decides, acts, and reports the verdict; a base that was copied into memory before stays there.
 */
function startSession(
  { hardware, version, choice, options, problems, times }: Boot,
  decision: StoreDecision,
  copiedBefore: Copying | undefined,
): { readonly kind: SessionKind; readonly copying: Copying | undefined } {
  const { system } = hardware;
  const { medium } = choice;
  const run = runSession(hardware, { medium, version, decision, copiedBefore });
  times.mounted = system.uptimeMs();

  const { copying } = run;
  const { devices, candidates, finding } = run.learned;
  const { plan: done, failures, checks } = run.execution;
  const ballast = checkBallast(system, finding, done.result);
  const explanation = explain({
    options,
    problems: [...ballast.problems, ...listProblems(problems, choice, { devices, options })],
    candidates,
    copy: copying.plan,
    plan: done,
    medium,
    chosenBy: decision.chosenBy,
    failures,
    checks,
  });
  tellVerdict(system, {
    version,
    explanation,
    failures,
    copyFailures: copying.failures,
    times,
    modules: hardware.problems,
    ballast: ballast.outcome,
  });
  // If the session was to stop from the start, copying was not planned either.
  return { kind: done.result.session, copying: copying.plan && copying };
}

/** Names the option that keeps the system from running. */
function stopper({ backstore }: Options): string {
  return backstore.value.required ? "backstore=required" : "backstore=base=stop";
}
