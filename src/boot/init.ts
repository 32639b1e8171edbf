// The program of the initramfs: started by the kernel as PID 1 with nothing but its own root in memory, it ends by
// becoming the system's own init, with the system's root mounted and the verdict told. Three moves, of which the first
// has two rounds, because the store's directory can be named only once the medium is known: learn, decide, act.
import { describeOthers, describeTwins, type MediumChoice } from "../core/medium/choose-medium.ts";
import type { Problem } from "../core/options/option-source.ts";
import type { Options } from "../core/options/options.ts";
import { readOptions } from "../core/options/read-options.ts";
import { explain } from "../core/session/explanation.ts";
import type { SessionKind } from "../core/session/session.ts";
import { places } from "../core/session/session-steps.ts";
import { Failure } from "../core/text/failure.ts";
import type { System } from "../system/port/system.ts";
import { execute } from "../system/steps/execute.ts";
import { askForStore, type Way } from "./ask-store.ts";
import { checkBallast } from "./ballast-outcome.ts";
import type { Copying } from "./copy-base.ts";
import { findMedium } from "./find-medium.ts";
import { findStore } from "./find-store.ts";
import { handOver } from "./hand-over.ts";
import { type Search, startSearch } from "./hardware.ts";
import { runSession } from "./run-session.ts";
import { startPlan } from "./start-plan.ts";
import { type Marks, tellVerdict } from "./verdict.ts";
import { waitForEver } from "./wait.ts";

/** Is what the kernel started this program with. */
export interface BootCall {
  /** The words that the kernel passes on to init. */
  readonly words: readonly string[];
  readonly version: string;
}

/** Boots the system: becomes its init, or waits for the person where nothing else is right. */
export function boot(system: System, call: BootCall): never {
  try {
    return bootSystem(system, call);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return waitForEver(system, `${error.message}; press Ctrl-Alt-Del to restart`);
  }
}

function bootSystem(system: System, { words, version }: BootCall): never {
  execute(system, startPlan);
  const marks: Marks = { started: system.uptimeMs() };
  const search = startSearch(system);

  const before = readOptions({ ...search.texts, yaml: [] });
  const choice = findMedium(search, before.options);
  const { medium } = choice;
  marks.medium = system.uptimeMs();
  const { options, problems } =
    medium.yaml.length === 0 ? before : readOptions({ ...search.texts, yaml: medium.yaml });
  const problemsOfMedium = [...problems, ...describeOthers(choice)];
  const asking = { options, problems: problemsOfMedium, medium };
  const { off, ask } = options.backstore.value;
  const asked = ask && !off ? askForStore(search, { ...asking, occasion: "ask" }) : undefined;
  const boot: Boot = { ...asking, search, version, choice, marks };
  let way: Way = asked ?? { options, learned: findStore(search, { options, medium }) };
  marks.store = system.uptimeMs();
  let session = startSession(boot, way, undefined);
  while (session.word === "stopped") {
    way =
      askForStore(search, { ...asking, occasion: "stopped" }) ??
      waitForEver(
        system,
        `${stopper(options)}: press Ctrl-Alt-Del to restart, or restart without it`,
      );
    session = startSession(boot, way, session.copying);
  }
  return handOver(system, { root: places.root, words, commandLine: search.texts.commandLine });
}

/** Is what does not change while a boot tries to start a session. */
interface Boot {
  readonly search: Search;
  readonly version: string;
  readonly choice: MediumChoice;
  /** What was given, whatever a person chooses. */
  readonly options: Options;
  readonly problems: readonly Problem[];
  readonly marks: Marks;
}

/** Decides, acts, and tells the verdict; a base that was copied into memory before stays there. */
function startSession(
  { search, version, choice, options, problems, marks }: Boot,
  way: Way,
  copiedBefore: Copying | undefined,
): { readonly word: SessionKind; readonly copying: Copying | undefined } {
  const { system } = search;
  const { medium } = choice;
  const run = runSession(search, { medium, version, way, copiedBefore });
  marks.mounted = system.uptimeMs();

  const { copying } = run;
  const { devices, candidates, finding } = run.learned;
  const { plan: done, failures, checks } = run.execution;
  const ballast = checkBallast(system, finding, done.result);
  const explanation = explain({
    options,
    problems: [...ballast.problems, ...problems, ...describeTwins(choice, { devices, options })],
    candidates,
    copy: copying.plan,
    plan: done,
    medium,
    chosenBy: way.chosenBy,
    failures,
    checks,
  });
  tellVerdict(system, {
    version,
    explanation,
    failures,
    copyFailures: copying.failures,
    marks,
    modules: search.problems,
    ballast: ballast.word,
  });
  // Where the session was to stop from the start, nothing was planned to be copied either.
  return { word: done.result.session, copying: copying.plan && copying };
}

/** Names the option that keeps the system from running. */
function stopper({ backstore }: Options): string {
  return backstore.value.required ? "backstore=required" : "backstore=base=stop";
}
