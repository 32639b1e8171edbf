// backstore check: checks whether stores are in order and, if requested, repairs what can be
// repaired.

import type { CheckFacts } from "../../core/check/check-facts.ts";
import { sortCheckFindings, statusOf } from "../../core/check/check-finding.ts";
import { checkStore } from "../../core/check/check-store.ts";
import type { Repaired } from "../../core/check/plan-repair.ts";
import { readOptions } from "../../core/options/read-options.ts";
import type { Plan } from "../../core/steps/step.ts";
import { exitStatus, Failure } from "../../core/text/failure.ts";
import { type CheckReport, renderCheck, summariseCheck } from "../../report/check.ts";
import { findAll, findNamed, findOnNamed } from "../../system/check/check-subjects.ts";
import { inspectCheck } from "../../system/check/inspect-check.ts";
import { decideRepairs, type RepairRequest, repairStore } from "../../system/check/repair-store.ts";
import { withLookingPlace } from "../../system/looking/looking-place.ts";
import { usage } from "../command-line/arguments.ts";
import { askedDevices, commandLineOf, credentialOf } from "../command-line/asked-machine.ts";
import type { Command, Invocation } from "../command-line/command.ts";
import { findSessionStore } from "../command-line/session-store.ts";
import { quietFlag, tell } from "../command-line/tell.ts";

/** Checks stores. */
export const command: Command = {
  name: "check",
  usage: "check [STORE] [OPTION]...",
  description: `
Checks stores and reports what it finds, the worst first: the file system, by its own checker unless
it is in use; what an interrupted command left behind; free room, allocation and contents. STORE is
the file of a store, the directory in which it is named sysrcd.bs, a directory store, or a device.
Without it, the store of the running session is checked, or, if that has none or with --all, every
store that "backstore list" finds.

Nothing is changed without --repair. With it, what can be repaired safely is repaired; a repair that
may lose data has to be confirmed, at the terminal or with --yes.`,
  flags: [
    {
      name: "image",
      value: "FILE",
      repeated: true,
      help: "an image file in place of a disk (default: the disks of this machine)",
    },
    { name: "all", help: "check all stores, even in a session that has one" },
    { name: "repair", help: "repair what can be repaired" },
    { name: "yes", help: "confirm repairs that may lose data" },
    { name: "dry-run", help: "show what --repair would do without doing it" },
    { name: "json", help: "print JSON (docs/check-json.md)" },
    quietFlag,
  ],
  operands: ["[STORE]"],
  run,
};

interface Checked {
  readonly requests: readonly RepairRequest[];
  readonly unseen: CheckReport["unseen"];
}

function run(invocation: Invocation): number {
  const { system, arguments: given } = invocation;
  const [named] = given.operands;
  const images = [...new Set(given.values.get("image"))];
  const isAll = given.switches.has("all");
  if (named !== undefined && images.length > 0)
    throw usage(command, '"--image" cannot be used with STORE');
  if (isAll && (named !== undefined || images.length > 0))
    throw usage(command, '"--all" cannot be used with STORE or "--image"');
  const isSession = named === undefined && images.length === 0 && !isAll;
  const store = isSession ? sessionPath(invocation) : named;
  const isDry = given.switches.has("dry-run");
  const look = () => lookAll(invocation, { store, images });
  const first = look();
  const mayRepair = given.switches.has("repair") || isDry;
  const asked = mayRepair ? first.requests.filter(isRepairable) : [];
  if (asked.length > 1 && store === undefined && images.length === 0) throw manyFailure(asked);
  if (isDry || asked.length === 0) {
    const plans = isDry ? asked.flatMap((request) => decideRepairs(system, request)) : undefined;
    return tellChecked(invocation, first, { repaired: [], plans });
  }
  return repairAll(invocation, { first, asked, look });
}

/** Others than root cannot see it; what they can see of all stores says more. */
function sessionPath({ system, context }: Invocation): string | undefined {
  const store = context.isRoot ? findSessionStore(system) : undefined;
  return store !== undefined && system.status(store.path) !== undefined ? store.path : undefined;
}

function lookAll(
  { system, context }: Invocation,
  { store, images }: { store: string | undefined; images: readonly string[] },
): Checked {
  const devices = askedDevices(system, images);
  const lookAt = (at: string | undefined): Checked => {
    const { options } = readOptions({
      ...{ defaults: undefined, yaml: [] },
      credential: credentialOf(system, images),
      commandLine: commandLineOf(system, images),
    });
    const look = { at, devices, flags: options.cow_flags.value };
    const { subjects, unseen } =
      store !== undefined
        ? findNamed(system, store, look)
        : images.length > 0
          ? findOnNamed(system, look)
          : findAll(system, look);
    const requests = subjects.map((subject) => {
      const facts = inspectCheck(system, subject, look);
      return { facts, findings: checkStore(facts) };
    });
    return { requests, unseen };
  };
  return context.isRoot ? withLookingPlace(system, lookAt) : lookAt(undefined);
}

function isRepairable({ findings }: RepairRequest): boolean {
  return findings.some(({ repair }) => repair !== undefined);
}

/** It is unclear which one is meant, and the user may not own every store on the machine. */
function manyFailure(asked: readonly RepairRequest[]): Failure {
  const names = asked.map(({ facts }) => facts.store).join(", ");
  return new Failure(
    "unsafe",
    `Cannot choose what to repair: there are several stores (${names})`,
    "name one: backstore check --repair STORE",
  );
}

interface Repairing {
  readonly first: Checked;
  readonly asked: readonly RepairRequest[];
  readonly look: () => Checked;
}

/**
 * Repairs may reveal what was hidden before, so what is left is inspected, and repaired, once more.
 */
function repairAll(invocation: Invocation, { first, asked, look }: Repairing): number {
  const { system } = invocation;
  const repaired: Plan<Repaired>[] = [];
  const listener = {
    agree: (plan: Plan<Repaired>) => agree(invocation, plan, first),
    done: (plan: Plan<Repaired>) => {
      repaired.push(plan);
    },
  };
  let pending = asked;
  let last = first;
  for (let round = 0; pending.length > 0 && round < mostRounds; round++) {
    for (const request of pending) {
      try {
        repairStore(system, request, listener);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        for (const { title } of repaired) system.say("stderr", `Note: done: ${title}\n`);
        throw error;
      }
    }
    last = lookAgain(look);
    const names = asked.map(({ facts }) => facts.store);
    const tried = new Set(repaired.map(({ result }) => result.kind));
    pending = last.requests.filter(
      ({ facts, findings }) =>
        names.includes(facts.store) &&
        findings.some(({ repair }) => repair !== undefined && !tried.has(repair)),
    );
  }
  return tellChecked(invocation, last, { repaired, plans: undefined });
}

const mostRounds = 3;

/** If a store was never completed nothing may be left, and then there is nothing to find. */
function lookAgain(look: () => Checked): Checked {
  try {
    return look();
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== "not-found") throw error;
    return { requests: [], unseen: [] };
  }
}

/** Asks if the session is interactive. */
function agree(
  { system, arguments: given, context }: Invocation,
  { title, steps }: Plan<Repaired>,
  { requests }: Checked,
): boolean {
  if (given.switches.has("yes")) return true;
  if (!context.terminal.stdin || !context.terminal.stderr) return false;
  const findings = sortCheckFindings(requests.flatMap((request) => request.findings));
  for (const { severity, store, sentence } of findings)
    if (severity !== "note") system.say("stderr", `${severity}: ${store}: ${sentence}\n`);
  const [tool] = steps.flatMap((step) => (step.do === "repair-file-system" ? [step.type] : []));
  system.say(
    "stderr",
    `${title} (${tool ?? "?"})? Damaged data may be lost; it is safer to make a copy first. [y/N] `,
  );
  return /^y(es)?$/i.test(system.readLine()?.trim() ?? "");
}

function tellChecked(
  invocation: Invocation,
  { requests, unseen }: Checked,
  done: Pick<CheckReport, "repaired" | "plans">,
): number {
  const stores: CheckFacts[] = requests.map(({ facts }) => facts);
  const findings = sortCheckFindings(requests.flatMap((request) => request.findings));
  const report = { stores, findings, unseen, ...done };
  tell(invocation, { text: () => renderCheck(report), json: () => summariseCheck(report) });
  if (stores.length === 0 && done.repaired.length === 0) return exitStatus["not-found"];
  return statusOf(findings);
}
