// The program of the initramfs: started by the kernel as PID 1 with nothing but its own root in memory, it ends by
// becoming the system's own init, with the system's root mounted and the verdict told. Three moves, of which the first
// has two rounds, because the store's directory can be named only once the medium is known: learn, decide, act.
import { describeOthers, describeTwins } from "../core/choose-medium.ts";
import { explain } from "../core/explanation.ts";
import { Failure } from "../core/failure.ts";
import type { Options } from "../core/options.ts";
import { planSession } from "../core/plan-session.ts";
import { places } from "../core/session-steps.ts";
import { readOptions } from "../core/sources.ts";
import { execute } from "../system/execute.ts";
import { listIfPresent, readIfPresent } from "../system/files.ts";
import { inspectMachine } from "../system/inspect-machine.ts";
import type { System } from "../system/system.ts";
import { copyBase } from "./copy.ts";
import { handOver } from "./hand-over.ts";
import { findMedium } from "./search.ts";
import { findStore } from "./search-store.ts";
import { startPlan } from "./start.ts";
import { startSearch } from "./survey.ts";
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
  const { devices, candidates, finding } = findStore(search, { options, medium });
  marks.store = system.uptimeMs();

  const facts = {
    options,
    medium,
    devices,
    store: finding,
    overlayParameters: listIfPresent(system, "/sys/module/overlay/parameters"),
    record: { id: newId(system), version, started: now(), ...inspectMachine(system) },
  };
  const copying = copyBase(system, facts);
  const plan = planSession({ ...facts, isCopied: copying.plan?.result.isCopied === true });
  const execution = execute(system, plan);
  marks.mounted = system.uptimeMs();

  const { plan: done, failures } = execution;
  const explanation = explain({
    options,
    problems: [
      ...problems,
      ...describeOthers(choice),
      ...describeTwins(choice, { devices, options }),
    ],
    candidates,
    copy: copying.plan,
    plan: done,
    medium,
  });
  tellVerdict(system, {
    version,
    explanation,
    failures,
    copyFailures: copying.failures,
    marks,
    modules: search.problems,
  });
  if (done.result.session === "stopped")
    waitForEver(
      system,
      `${stopper(options)}: press Ctrl-Alt-Del to restart, or restart without it`,
    );
  return handOver(system, { root: places.root, words, commandLine: search.texts.commandLine });
}

/** Names the option that keeps the system from running. */
function stopper({ backstore }: Options): string {
  return backstore.value.required ? "backstore=required" : "backstore=base=stop";
}

/** The kernel makes it; nothing here is random. */
function newId(system: System): string {
  return (readIfPresent(system, "/proc/sys/kernel/random/uuid") ?? "").trim();
}

function now(): string {
  return new Date().toISOString();
}
