// What a boot says when it has decided: three lines on the console at most, one in the kernel log, and everything in
// /run/backstore/boot.json (docs/boot-json.md).
import { describeLoss, type Explanation, isLossTold } from "../core/explanation.ts";
import type { Problem } from "../core/option-source.ts";
import { describeProblem } from "../report/explanation.ts";
import { renderJson } from "../report/json.ts";
import { reasonOf, type StepFailure } from "../system/execute.ts";
import { makeDirectories, readIfPresent, writeWhole } from "../system/files.ts";
import type { System } from "../system/system.ts";

/** Holds when each phase ended, in milliseconds of uptime. */
export interface Marks {
  started: number;
  medium?: number;
  store?: number;
  mounted?: number;
}

/** Is all that a verdict tells. */
export interface Verdict {
  readonly version: string;
  readonly explanation: Explanation;
  readonly failures: readonly StepFailure[];
  /** What could not be done when the base was to be copied into memory. */
  readonly copyFailures: readonly StepFailure[];
  /** Modules that could not be loaded, in words. */
  readonly modules: readonly string[];
  readonly marks: Marks;
}

/** Tells the verdict on the console and in the kernel log, and writes boot.json. */
export function tellVerdict(system: System, verdict: Verdict): void {
  const { explanation, failures, version, marks } = verdict;
  const mounted = system.mounts().find(({ target }) => target === "/sysroot");
  const record = {
    version,
    ...explanation,
    failures: [...verdict.copyFailures, ...failures],
    modules: verdict.modules,
    mounted: mounted && { type: mounted.type, options: mounted.superOptions },
    times: marks,
    peakBytes: peakBytes(system),
  };
  const lines = describeVerdict(explanation, failures);
  system.say("stderr", lines.map((line) => `backstore: ${line}\n`).join(""));
  system.say(
    "kernel",
    `backstore: session ${explanation.session}${explanation.reason === undefined ? "" : `: ${explanation.reason}`}\n`,
  );
  writeVerdict(system, renderJson(record));
}

/** A verdict that cannot be kept is told all the same, and no reason to stop a boot. */
function writeVerdict(system: System, text: string): void {
  try {
    makeDirectories(system, "/run/backstore", 0o755);
    writeWhole(system, "/run/backstore/boot.json", text);
  } catch (error) {
    const reason = reasonOf(error);
    system.say("stderr", `backstore: Cannot write "/run/backstore/boot.json": ${reason}\n`);
  }
}

/** Describes the verdict in at most three lines. */
export function describeVerdict(
  explanation: Explanation,
  failures: readonly StepFailure[],
): string[] {
  const { session, reason, plan, problems } = explanation;
  const [failure] = failures;
  const cause = failure ? `: ${failure.message}` : "";
  const why = reason === undefined ? [] : [`${reason}${cause}`];
  const told = reason === undefined ? [] : [reason, describeLoss(reason)];
  const others = problems.filter(({ message }) => !told.includes(message));
  if (session === "volatile" && !isLossTold(explanation)) {
    return [
      `volatile session: changes are in memory (${reason}${cause})`,
      ...summariseProblems(others),
    ];
  }
  const headlines = {
    persistent: plan.title,
    readonly: "*** READ-ONLY SESSION: the store is used, and new changes are lost at power-off ***",
    volatile: "*** VOLATILE SESSION: every change is lost at power-off ***",
    stopped: plan.title,
  };
  return [headlines[session], ...why, ...summariseProblems(others)];
}

function summariseProblems(problems: readonly Problem[]): string[] {
  const [first, ...others] = problems;
  if (!first) return [];
  const more = others.length === 0 ? "" : ` (${others.length} more in /run/backstore/boot.json)`;
  return [`${describeProblem(first)}${more}`];
}

/** The most memory that this process had at once. */
function peakBytes(system: System): number | undefined {
  const match = /^VmHWM:\s*(\d+) kB$/m.exec(readIfPresent(system, "/proc/self/status") ?? "");
  return match ? Number(match[1]) * 1024 : undefined;
}
