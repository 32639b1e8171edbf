// backstore run: a shell or a program in a base with a store, without a reboot.

import { readOptions } from "../../core/options/read-options.ts";
import { planRun, type RunMode, runRoot, runStore } from "../../core/run/plan-run.ts";
import { planRunEnd } from "../../core/run/plan-run-end.ts";
import type { ApartLayer, SessionFacts, SessionResult } from "../../core/session/session.ts";
import type { Plan } from "../../core/steps/step.ts";
import { formatEndedRecord, mostRecordBytes, recordFile } from "../../core/stores/store-record.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatLine } from "../../core/text/quoted.ts";
import { findSessionChanges } from "../../system/changes/open-changes.ts";
import { discoverDevices } from "../../system/devices/discover-devices.ts";
import { withLookingPlace } from "../../system/looking/looking-place.ts";
import { ifPossible } from "../../system/port/errors.ts";
import { readBelow } from "../../system/port/files.ts";
import type { Ended, System } from "../../system/port/system.ts";
import { inspectBaseMedium, inspectLayer } from "../../system/run/inspect-layer.ts";
import { inspectRunStore, type RunStore } from "../../system/run/inspect-run-store.ts";
import { runInside } from "../../system/run/run-inside.ts";
import { startSessionFacts } from "../../system/session/session-facts.ts";
import { execute } from "../../system/steps/execute.ts";
import { newId, readBootId } from "../../system/stores/inspect-machine.ts";
import { withLocks } from "../../system/usage/locked.ts";
import { usage } from "../command-line/arguments.ts";
import { overlayParametersOf } from "../command-line/asked-machine.ts";
import type { Arguments, Command, Invocation } from "../command-line/command.ts";
import { planTelling, tellPlan } from "../command-line/tell.ts";

/** Runs a program in a system. */
export const command: Command = {
  name: "run",
  usage:
    "run [--base BASE]... [--store STORE] [--readonly|--volatile] [--] [COMMAND [ARGUMENT]...]",
  description: `
Puts a system together as a boot does, from a base and a store, and runs a shell or COMMAND in it as
root, without a reboot. BASE is an image of the base or a directory with its files, the topmost first
if it has several layers; without one it is the base of the running session. STORE is a directory
store, the file of a store, or a device with one, that nobody uses; without one, changes are in
memory and lost at the end.

Everything is mounted for this program alone, and unmounted when COMMAND has ended, with all that it
has started. The exit status is that of COMMAND.`,
  flags: [
    {
      name: "base",
      value: "BASE",
      repeated: true,
      help: "an image or directory with the base (default: that of the session)",
    },
    { name: "store", value: "STORE", help: "the store that keeps the changes" },
    { name: "readonly", help: "use the store, keep new changes in memory" },
    { name: "volatile", help: "use no store: changes are in memory" },
    { name: "dry-run", help: "show what would be mounted without doing it" },
    { name: "json", help: "print JSON, with --dry-run (docs/run-json.md)" },
  ],
  operands: ({ operands }) => operands.map(() => "[COMMAND]"),
  run,
};

function run(invocation: Invocation): number {
  const { system, arguments: given, context } = invocation;
  const mode = readMode(given);
  const [store] = given.values.get("store") ?? [];
  if (!context.isRoot)
    throw new Failure("tool", "Cannot run a system: only root can mount it", "run this as root");
  const layers = findLayers(system, given);
  return withLookingPlace(system, (at) => {
    if (at === undefined)
      throw new Failure("tool", "Cannot run a system: mounting is not permitted here");
    const assembling = { layers, mode, at };
    if (store === undefined) return runWith(invocation, assembling);
    const inspect = () => inspectRunStore(system, store, { at, devices: discoverDevices(system) });
    const { lock } = inspect();
    return withLocks(system, { paths: [lock], action: "use", subject: store }, () =>
      runWith(invocation, { ...assembling, inspect }),
    );
  });
}

function readMode({ switches, values }: Arguments): RunMode {
  const hasStore = values.has("store");
  const [isReadonly, isVolatile] = [switches.has("readonly"), switches.has("volatile")];
  if (isVolatile && (isReadonly || hasStore))
    throw usage(command, '"--volatile" cannot be used with "--store" or "--readonly"');
  if (isReadonly && !hasStore) throw usage(command, '"--readonly" needs "--store"');
  if (switches.has("json") && !switches.has("dry-run"))
    throw usage(command, '"--json" needs "--dry-run": the output is that of the program');
  if (!hasStore) return "volatile";
  return isReadonly ? "readonly" : "persistent";
}

function findLayers(system: System, given: Arguments): readonly ApartLayer[] {
  const named = given.values.get("base") ?? [];
  if (named.length > 0) return named.map((one) => inspectLayer(system, one));
  try {
    const { lower } = findSessionChanges(system);
    return lower.map((path) => ({ kind: "directory", path }));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw usage(command, "the base is not named, and there is no session with one");
  }
}

/** How a system is put together. */
interface Assembling {
  readonly layers: readonly ApartLayer[];
  readonly mode: RunMode;
  readonly at: string;
  /** Undefined without a store. */
  readonly inspect?: () => RunStore;
}

function runWith(invocation: Invocation, assembling: Assembling): number {
  const { system, arguments: given, context } = invocation;
  const { at } = assembling;
  const plan = () => planRun(learnFacts(invocation, assembling), assembling);
  const first = plan();
  if (tellPlan(invocation, () => planTelling({ ...first, result: { session: assembling.mode } })))
    return 0;
  const done = executeLearned(invocation, first, plan);
  for (const finding of done.result.findings)
    system.say("stderr", `Warning: ${formatLine(finding)}\n`);
  const { terminal } = context;
  if (given.operands.length === 0 && terminal.stdin && terminal.stderr)
    system.say("stderr", `${formatLine(done.title)}; leave with "exit"\n`);
  try {
    const request = { root: runRoot(at), at, argv: given.operands };
    return statusOf(runInside(system, { ...request, variables: terminal.variables ?? [] }));
  } finally {
    takeDown(system, { plan: done, at });
  }
}

function statusOf({ status, signal = 0 }: Ended): number {
  return status ?? 128 + signal;
}

function learnFacts(
  { system, context }: Invocation,
  { layers, mode, inspect }: Assembling,
): SessionFacts {
  const found = inspect?.();
  const isBound = found === undefined || found.mounted !== undefined;
  const view = isBound || found.store.kind === "file" ? undefined : found.store.device.view;
  const words = { persistent: "required", readonly: "required,readonly", volatile: "off" };
  const flags = view === undefined ? "" : ` cow_flags=${view}`;
  const { options } = readOptions({
    ...{ defaults: undefined, yaml: [], credential: undefined },
    commandLine: `backstore=${words[mode]}${flags}`,
  });
  const factsOf = startSessionFacts(system, {
    options,
    medium: inspectBaseMedium(system, layers),
    overlayParameters: overlayParametersOf(system, []),
    record: {
      id: newId(system),
      version: context.version,
      started: new Date().toISOString(),
    },
  });
  const finding = found?.store ?? { kind: "none", reason: "no store is named", isMissed: false };
  const devices = found === undefined ? [] : discoverDevices(system);
  const learned = { devices, candidates: [], finding, isFinal: true } as const;
  return {
    ...factsOf(learned),
    ...(found?.mounted !== undefined && { isChecked: true }),
    apart: { layers, file: found?.file, directory: found?.mounted },
    isCopied: false,
  };
}

/** What a journal has told is planned with again. */
function executeLearned(
  { system }: Invocation,
  first: Plan<SessionResult>,
  plan: () => Plan<SessionResult>,
): Plan<SessionResult> {
  let current = first;
  for (let round = 1; ; round++) {
    const { outdated, plan: done } = execute(system, current, {
      checking: ({ type, store, because }) =>
        system.say("stderr", `Checking the ${type} file system of ${store}, because ${because}\n`),
    });
    if (outdated === undefined) return done;
    if (round === mostRounds) throw new Failure("damaged", outdated.message);
    current = plan();
  }
}

/** A host is replayed, then the file system in the file. */
const mostRounds = 3;

function takeDown(system: System, { plan, at }: { plan: Plan<SessionResult>; at: string }): void {
  // The first call after an interruption fails, and none of these may.
  try {
    system.uptimeMs();
  } catch {}
  const root = runRoot(at);
  const { failures } = execute(
    system,
    planRunEnd({ plan, root, record: endRecord(system, plan, at) }),
  );
  for (const { message } of failures) system.say("stderr", `Warning: ${formatLine(message)}\n`);
}

/** A store that was only read is not marked. */
function endRecord(system: System, { result }: Plan<SessionResult>, at: string) {
  if (result.session !== "persistent" || result.store === undefined) return undefined;
  const { directory } = result.store;
  const path = directory === "" ? recordFile : `${directory}/${recordFile}`;
  const read = () => readBelow(system, { root: runStore(at), path }, mostRecordBytes);
  const text = formatEndedRecord(ifPossible(read) ?? "", {
    boot: readBootId(system),
    ended: new Date().toISOString(),
  });
  return text === undefined ? undefined : { path: `${runStore(at)}/${path}`, text };
}
