// The last boots, each with how long its phases took and what it came to: those in the record of
// the store, and the running session, which may be none that could write there.

import type { SessionKind } from "../session/session.ts";
import type { BootRecord } from "../status/boot-record.ts";
import { type BootPhases, measurePhases, mostBoots, type PastBoot } from "../stores/past-boots.ts";
import type { Level } from "./banner.ts";

/** The phases of a boot in their order. */
export const phaseNames = ["before", "medium", "store", "mounting"] as const;

/** One boot. */
export interface BootBar {
  /** As ISO 8601; undefined if it is not known. */
  readonly started: string | undefined;
  readonly session: SessionKind;
  readonly level: Level;
  /** Whether it is the running session, has ended, or was interrupted. */
  readonly state: "running" | "ended" | "interrupted";
  readonly phases: BootPhases;
  /** All phases together, in milliseconds. */
  readonly totalMs: number;
  /** What was wrong; undefined if nothing was. */
  readonly note: string | undefined;
}

/** The running session, and what is known of its boot. */
export interface RunningBoot {
  readonly boot: BootRecord | undefined;
  readonly level: Level;
  /** When the kernel was started, as ISO 8601. */
  readonly started: string;
  /** Whether the newest boot in the record is this one. */
  readonly isRecorded: boolean;
}

/** Lists the last boots, the newest last. */
export function listBoots(past: readonly PastBoot[], running: RunningBoot): readonly BootBar[] {
  const { boot, isRecorded } = running;
  const last = past.at(-1);
  const ended = isRecorded ? past.slice(0, -1) : past;
  const newest =
    boot === undefined ? [] : [describeRunning(boot, running, isRecorded ? last : undefined)];
  return [...ended.map(describePast), ...newest].slice(-mostBoots);
}

function describePast({ started, session, phases, note, ended }: PastBoot): BootBar {
  const isWell = session === "persistent" && note === undefined && ended !== undefined;
  return {
    ...{ started, session, phases, note, totalMs: sumPhases(phases) },
    level: isWell ? "green" : "amber",
    state: ended === undefined ? "interrupted" : "ended",
  };
}

function describeRunning(
  { session, reason, problems, times }: BootRecord,
  { level, started }: RunningBoot,
  recorded: PastBoot | undefined,
): BootBar {
  const phases = recorded?.phases ?? (times === undefined ? {} : measureAll(times));
  return {
    ...{ session, level, state: "running", phases, totalMs: sumPhases(phases) },
    started: recorded?.started ?? started,
    note: reason ?? problems[0]?.message,
  };
}

function measureAll(times: NonNullable<BootRecord["times"]>): BootPhases {
  const { store, mounted } = times;
  const phases = measurePhases(times);
  if (store === undefined || mounted === undefined) return phases;
  return { ...phases, mounting: Math.max(0, Math.round(mounted - store)) };
}

function sumPhases(phases: BootPhases): number {
  return phaseNames.reduce((sum, name) => sum + (phases[name] ?? 0), 0);
}
