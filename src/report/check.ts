// The findings of a check of stores, for a terminal and as one object for programs
// (docs/check-json.md).

import type { CheckFacts } from "../core/check/check-facts.ts";
import type { CheckFinding } from "../core/check/check-finding.ts";
import type { Repaired } from "../core/check/plan-repair.ts";
import type { Device } from "../core/devices/device.ts";
import { describe, type Plan } from "../core/steps/step.ts";
import {
  identifyLastSession,
  identifySeen,
  summariseRecord,
  superblockOf,
} from "../core/stores/seen-store.ts";
import { formatEscaped } from "../core/text/quoted.ts";
import { formatSize } from "../core/text/size.ts";
import { summariseStep } from "./plan.ts";

/** The facts that a check reports. */
export interface CheckReport {
  readonly stores: readonly CheckFacts[];
  /** Of all stores, the worst first. */
  readonly findings: readonly CheckFinding[];
  readonly unseen: readonly { readonly device: Device; readonly reason: string }[];
  /** What was repaired; the findings that are left are among `findings`. */
  readonly repaired: readonly Plan<Repaired>[];
  /** What would be done; undefined unless it was requested. */
  readonly plans: readonly Plan<Repaired>[] | undefined;
}

/** Renders a check for a terminal: the findings, the worst first, then each store. */
export function renderCheck(report: CheckReport): string {
  const { stores, findings, unseen, repaired, plans } = report;
  const lines = [
    ...repaired.map(({ title }) => `Done: ${title}`),
    ...(stores.length === 0
      ? [repaired.length === 0 ? "No store was found." : "No store is left."]
      : []),
    ...findings.flatMap(describeFinding),
    ...stores.map((store) => describeStore(store, findings)),
    ...unseen.map(
      ({ device, reason }) => `not inspected: ${formatEscaped(device.path)}: ${reason}`,
    ),
    ...(plans === undefined ? [] : describePlans(plans)),
  ];
  return `${lines.join("\n")}\n`;
}

/** Returns a check as an object for programs. */
export function summariseCheck({ stores, findings, unseen, repaired, plans }: CheckReport): object {
  const names = new Map(stores.map(({ store, name }) => [store, name]));
  return {
    stores: stores.map((facts) => ({
      store: facts.name,
      kind: facts.seen.kind,
      state: identifySeen(facts.seen).kind,
      device: facts.seen.device.path,
      path: facts.seen.path,
      type: typeOf(facts),
      checked: isChecked(facts),
      record: summariseRecord(facts.seen),
      lastSession: identifyLastSession(facts.seen),
      inUse: facts.seen.use,
      totalBytes: facts.room?.totalBytes,
      usedBytes: facts.room?.usedBytes,
    })),
    findings: findings.map(({ severity, store, sentence, hint, repair }) => ({
      level: severity,
      store: names.get(store),
      message: sentence,
      hint,
      repair,
    })),
    unseen: unseen.map(({ device, reason }) => ({ device: device.path, reason })),
    repaired: repaired.map(({ title, result }) => ({ repair: result.kind, title })),
    plans: plans?.map(summariseRepair),
  };
}

function describeFinding({ severity, store, sentence, hint }: CheckFinding): string[] {
  return [
    `${severity}: ${store}: ${sentence}`,
    ...(hint === undefined ? [] : [`    hint: ${hint}`]),
  ];
}

function describeStore(facts: CheckFacts, findings: readonly CheckFinding[]): string {
  const { store, room } = facts;
  const own = findings.filter((finding) => finding.store === store);
  const counts = (["error", "warning", "note"] as const).flatMap((severity) => {
    const count = own.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [`${count} ${severity}${count === 1 ? "" : "s"}`];
  });
  const isNew = identifySeen(facts.seen).kind === "new";
  const inOrder = isNew ? "is a new, empty store" : "is in order";
  // Of what is left of a store that was never completed there is nothing to check.
  const isBad = typeOf(facts) === undefined || own.some(({ severity }) => severity === "error");
  const state = isBad ? "has problems" : isChecked(facts) ? inOrder : unchecked;
  const size =
    room === undefined
      ? ""
      : `, ${formatSize(room.usedBytes)} of ${formatSize(room.totalBytes)} used`;
  const hasWarnings = own.some(({ severity }) => severity === "warning");
  const join = hasWarnings && !isBad && isChecked(facts) ? ", with " : ": ";
  const told = counts.length === 0 ? "" : `${join}${counts.join(", ")}`;
  return `${store} (${facts.seen.kind}, ${typeOf(facts) ?? "?"}${size}) ${state}${told}`;
}

const unchecked = "was not checked, but no problem was found";

function describePlans(plans: readonly Plan<Repaired>[]): string[] {
  if (plans.length === 0) return ["Nothing would be repaired."];
  return plans.flatMap((plan) => describePlan(plan, plan.result.needsConsent));
}

function describePlan(
  { title, steps, otherwise }: Plan<Repaired>,
  needsConsent: boolean,
): string[] {
  return [
    `${title}${needsConsent ? ", if confirmed (--yes)" : ""}`,
    ...steps.map((step) => `  ${describe(step)}`),
    ...(otherwise === undefined
      ? []
      : ["or, if that is declined:", ...describePlan(otherwise, otherwise.result.needsConsent)]),
  ];
}

function summariseRepair({ title, steps, result, otherwise }: Plan<Repaired>): object {
  return {
    repair: result.kind,
    title,
    needsConsent: result.needsConsent,
    steps: steps.map(summariseStep),
    otherwise: otherwise && summariseRepair(otherwise),
  };
}

function isChecked({ checker }: CheckFacts): boolean {
  return checker.kind !== "not-asked" && checker.kind !== "failed";
}

function typeOf({ seen }: CheckFacts): string | undefined {
  return superblockOf(seen)?.type;
}
