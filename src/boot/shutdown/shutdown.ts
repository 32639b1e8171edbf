// The program at the very end of a session: systemd makes /run/initramfs the root and starts
// /shutdown there as PID 1, with the requested action as the first word
// (systemd.io/INITRD_INTERFACE). It learns, decides and acts, and once more if that did not
// complete; then the machine goes off, whatever happened.

import {
  type EndedRecord,
  findStorePlace,
  hasStore,
  planForcedShutdown,
  planShutdown,
  type ShutdownFacts,
} from "../../core/session/plan-shutdown.ts";
import { bootRecordPath, parseBootRecord } from "../../core/status/boot-record.ts";
import type { Plan } from "../../core/steps/step.ts";
import { formatEndedRecord, mostRecordBytes, recordFile } from "../../core/stores/store-record.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { ifPossible } from "../../system/port/errors.ts";
import { listIfPresent, readBelow, readIfPresent } from "../../system/port/files.ts";
import type { Ending, System } from "../../system/port/system.ts";
import { readBootId } from "../../system/stores/inspect-machine.ts";
import { measureRoom } from "../../system/stores/measure-room.ts";
import { endMachine } from "../end-machine.ts";
import { attemptStep, type Patience } from "./attempt-step.ts";
import { endRemainingProcesses } from "./remaining-processes.ts";

/** The arguments that systemd starts this program with. */
export interface ShutdownCall {
  readonly words: readonly string[];
  /** Describes a bug for a report. */
  readonly describeBug: (error: unknown) => string;
}

/**
 * Unmounts the system and ends the machine as requested; a bug in the first must not prevent the
 * second.
 */
export function shutDown(system: System, { words, describeBug }: ShutdownCall): never {
  try {
    takeDown(system);
  } catch (error) {
    system.say("stderr", describeBug(error));
  }
  // Where "systemctl reboot --reboot-argument=" puts its argument.
  const argument = readIfPresent(system, "/run/systemd/reboot-param")?.trim() || undefined;
  return endMachine(system, endings.find((how) => words.includes(how)) ?? "poweroff", argument);
}

const endings: readonly Ending[] = ["poweroff", "reboot", "halt", "kexec"];

function takeDown(system: System): void {
  const patience: Patience = { stuck: 0 };
  const facts = inspectRemains(system);
  for (const clearTheWay of [() => {}, () => endRemainingProcesses(system)]) {
    clearTheWay();
    executePlan(system, planShutdown(inspectRemains(system)), patience);
    if (planShutdown(inspectRemains(system)).steps.length > 0) continue;
    if (hasStore(facts)) system.say("stderr", "backstore: the store is unmounted\n");
    return;
  }
  const remains = inspectRemains(system);
  system.say("stderr", `backstore: still in use: ${describeRemains(remains)}\n`);
  executePlan(system, planForcedShutdown(remains), patience);
}

/**
 * Continues after an optional step that failed; any other failure ends the plan, because the next
 * steps rely on it.
 */
function executePlan(system: System, { steps }: Plan<undefined>, patience: Patience): void {
  for (const step of steps) {
    const countMounts = () =>
      step.do === "unmount"
        ? system.mounts().filter(({ target }) => target === step.target).length
        : 0;
    const before = countMounts();
    attemptStep(system, step, patience);
    if (!step.optional && before > 0 && countMounts() >= before) return;
  }
}

function inspectRemains(system: System): ShutdownFacts {
  const files = new Map(
    listIfPresent(system, "/sys/block")
      .filter((name) => /^loop\d+$/.test(name))
      .flatMap((name) => {
        const file = system.loopFile(`/dev/${name}`);
        return file === undefined ? [] : [[`/dev/${name}`, file] as const];
      }),
  );
  const facts = { mounts: system.mounts(), loops: [...files.keys()], files };
  return { ...facts, record: inspectRecord(system, facts) };
}

/**
 * Returns the record to write if this very session keeps its changes in the store; a read-only one
 * never marks it.
 */
function inspectRecord(
  system: System,
  facts: Omit<ShutdownFacts, "record">,
): EndedRecord | undefined {
  const { mounts } = facts;
  const place = findStorePlace(facts);
  if (place === undefined) return undefined;
  const boot = parseBootRecord(readIfPresent(system, bootRecordPath) ?? "");
  if ("unreadable" in boot || boot.session !== "persistent" || boot.store === undefined)
    return undefined;
  const parts = boot.store.directory.split("/").filter((part) => part !== "");
  if (parts.includes("..")) return undefined;
  const path = [...parts, recordFile].join("/");
  const read = () => readBelow(system, { root: place, path }, mostRecordBytes);
  const text = formatEndedRecord(ifPossible(read) ?? "", {
    boot: readBootId(system),
    ended: new Date().toISOString(),
    usedBytes: measureRoom(system, {
      path: place,
      type: mounts.findLast(({ target }) => target === place)?.type ?? "",
      directory: [place, ...parts].join("/"),
    })?.usedBytes,
  });
  return text === undefined ? undefined : { path, text };
}

function describeRemains(remains: ShutdownFacts): string {
  const places = planShutdown(remains).steps.flatMap((step) => {
    if (step.do === "unmount") return [step.target];
    return step.do === "detach-loop" ? [step.device] : [];
  });
  return places.map(formatPath).join(", ");
}
