// The report of a boot when it has decided: three lines on the console at most, one in the kernel
// log, what a login shows of it (agetty(8), pam_motd(8)), which devices file managers leave alone
// (udev(7)), and everything in /run/backstore/boot.json (docs/boot-json.md).

import { formatDeviceNumber } from "../core/kernel/device-number.ts";
import { findMountAbove, type Mount } from "../core/kernel/mount-table.ts";
import {
  deviceRulesPath,
  formatDeviceRules,
  listSessionDevices,
} from "../core/session/device-rules.ts";
import {
  type ExplainedProblem,
  type Explanation,
  isLossTold,
} from "../core/session/explanation.ts";
import { places } from "../core/session/places.ts";
import { bootRecordPath } from "../core/status/boot-record.ts";
import type { StepFailure } from "../core/steps/step.ts";
import type { BallastOutcome } from "../core/stores/ballast.ts";
import { checkRoom, type RoomMeasure } from "../core/stores/room.ts";
import { isLeftAlone, type LeftAlone, type LiveRoot } from "../core/takeover/live-root.ts";
import { directoryOf } from "../core/text/path.ts";
import { describeForLogin, renderIssue, renderMotd } from "../report/console/login-message.ts";
import { headOf, renderJson } from "../report/json.ts";
import { describeProblem } from "../report/problem.ts";
import { ifPossible, reasonOf } from "../system/port/errors.ts";
import { makeDirectories, readIfPresent, writeWhole } from "../system/port/files.ts";
import type { System } from "../system/port/system.ts";
import { measureRoom } from "../system/stores/measure-room.ts";

/** The end of each phase, in milliseconds of uptime. */
export interface PhaseTimes {
  started: number;
  medium?: number;
  store?: number;
  mounted?: number;
}

/** The facts that a verdict reports. */
export interface Verdict {
  readonly version: string;
  readonly explanation: Explanation;
  readonly failures: readonly StepFailure[];
  /** What failed when the base was to be copied into memory or verified. */
  readonly baseFailures: readonly StepFailure[];
  /** Modules that could not be loaded, in words. */
  readonly modules: readonly string[];
  /** The root that another initramfs has assembled. */
  readonly live?: LiveRoot | LeftAlone | undefined;
  readonly times: PhaseTimes;
  /** What happened to the store's ballast. */
  readonly ballast?: BallastOutcome | undefined;
}

/** Reports the verdict on the console, in the kernel log and at logins, and writes boot.json. */
export function tellVerdict(system: System, verdict: Verdict): void {
  const { explanation, failures, version, times, live } = verdict;
  const mounts = system.mounts();
  const root = live?.root ?? places.root;
  const mounted = mounts.findLast(({ target }) => target === root);
  const room = measurePlace(system, verdict, mounts);
  const record = {
    ...headOf(version),
    version,
    ...explanation,
    failures: [...verdict.baseFailures, ...failures],
    modules: verdict.modules,
    mounted: mounted && { type: mounted.type, options: mounted.superOptions },
    times,
    room,
    ballast: verdict.ballast,
    peakBytes: peakBytes(system),
  };
  const lines = describeVerdict(explanation);
  system.say("stderr", lines.map((line) => `backstore: ${line}\n`).join(""));
  system.say(
    "kernel",
    `<${levelOf(explanation)}>backstore: session ${explanation.session}${describeChooser(explanation)}${explanation.reason === undefined ? "" : `: ${explanation.reason}`}\n`,
  );
  keepAll(system, [
    [bootRecordPath, renderJson(record)],
    ...renderForLogins(verdict, room),
    ...renderDeviceRules(system, mounts),
  ]);
}

/**
 * Returns the level of the line in the kernel log, as syslog(3) has it, by which journals and
 * monitors find sessions that lose changes.
 */
function levelOf(explanation: Explanation): number {
  const isWarning = explanation.session === "stopped" || isLossTold(explanation);
  return isWarning ? 4 : 5;
}

/** udev has not started yet, or starts anew with the system; without a session's mounts, none. */
function renderDeviceRules(
  system: System,
  mounts: readonly Mount[],
): (readonly [path: string, text: string])[] {
  const numbers = listSessionDevices(mounts).flatMap((path) => {
    const number = ifPossible(() => system.status(path))?.deviceNumber ?? 0;
    return number === 0 ? [] : [formatDeviceNumber(number)];
  });
  return numbers.length === 0 ? [] : [[deviceRulesPath, formatDeviceRules(numbers)]];
}

/** A login shows as much as the console did, and the free space. */
function renderForLogins(
  { explanation }: Verdict,
  room: RoomMeasure | undefined,
): (readonly [path: string, text: string])[] {
  const { session, store } = explanation;
  if (session === "stopped") return [];
  const full = room ? checkRoom(room, session === "persistent" ? "store" : "memory") : [];
  const lines = describeForLogin({
    session,
    isLoss: isLossTold(explanation),
    store,
    details: [
      ...(explanation.reason === undefined ? [] : [explanation.reason]),
      ...full.map(({ message }) => message),
      ...findOthers(explanation).map(describeProblem),
    ],
  });
  return [
    ["/run/issue.d/backstore.issue", renderIssue(lines)],
    ["/run/motd.d/backstore", renderMotd(lines)],
  ];
}

/** Measures the space of the place where the changes go. */
function measurePlace(
  system: System,
  { explanation: { session, store }, live }: Verdict,
  mounts: readonly Mount[],
): RoomMeasure | undefined {
  if (session === "stopped" || (live !== undefined && isLeftAlone(live))) return undefined;
  if (session === "volatile" && live !== undefined) {
    const { type = "" } = findMountAbove(mounts, live.upper) ?? {};
    return measureRoom(system, { path: live.upper, type, directory: live.upper });
  }
  const path = session === "persistent" ? places.store : places.memory;
  const { type = "" } = mounts.findLast(({ target }) => target === path) ?? {};
  const below = session === "persistent" && store?.directory ? `/${store.directory}` : "";
  return measureRoom(system, { path, type, directory: `${path}${below}` });
}

/** If a file cannot be written, that is reported once, and does not stop a boot. */
function keepAll(system: System, texts: readonly (readonly [path: string, text: string])[]): void {
  for (const [path, text] of texts) {
    try {
      makeDirectories(system, directoryOf(path), 0o755);
      writeWhole(system, path, text);
    } catch (error) {
      system.say("stderr", `backstore: Cannot write "${path}": ${reasonOf(error)}\n`);
      return;
    }
  }
}

/** Describes the verdict in at most three lines. */
export function describeVerdict(explanation: Explanation): string[] {
  const { session, reason, plan } = explanation;
  const why = reason === undefined ? [] : [reason];
  const others = findOthers(explanation);
  if (session === "volatile" && reason !== undefined && !isLossTold(explanation))
    return [
      `volatile session: changes are in memory (${why.join("")})`,
      ...summariseProblems(others, mostLines - 1),
    ];
  if (session === "foreign" && !isLossTold(explanation))
    return [plan.title, ...summariseProblems(others, mostLines - 1)];
  const headlines = {
    persistent: `${plan.title}${describeChooser(explanation)}`,
    readonly: "*** READ-ONLY SESSION: the store is used, but new changes are lost at power-off ***",
    volatile: "*** VOLATILE SESSION: every change is lost at power-off ***",
    foreign: "*** NO STORE IS USED: changes may be lost at power-off ***",
    stopped: plan.title,
  };
  return [headlines[session], ...why, ...summariseProblems(others, mostLines - 1 - why.length)];
}

/** A screen has space for more, but nobody would read it. */
const mostLines = 3;

/** Describes that the session is on a store because the user chose it at the console. */
function describeChooser({ chosenBy, store }: Explanation): string {
  return chosenBy === undefined || store === undefined ? "" : ", as chosen at the console";
}

/** Returns the problems that are not part of the reason. */
function findOthers({ problems }: Explanation): readonly ExplainedProblem[] {
  return problems.filter(({ isReason }) => !isReason);
}

/** Lists as many as there are lines, and with the last one the number of others. */
function summariseProblems(problems: readonly ExplainedProblem[], lines: number): string[] {
  const shown = problems.slice(0, lines).map(describeProblem);
  const more = problems.length - shown.length;
  if (more === 0) return shown;
  const last = shown.pop() ?? "";
  return [...shown, `${last} (${more} more in /run/backstore/boot.json)`];
}

/** Returns the peak memory of this process. */
function peakBytes(system: System): number | undefined {
  const match = /^VmHWM:\s*(\d+) kB$/m.exec(readIfPresent(system, "/proc/self/status") ?? "");
  return match ? Number(match[1]) * 1024 : undefined;
}
