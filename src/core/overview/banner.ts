// The first line of a report: is all well, why not, and the one command that mends it.

import type { BootRecord, RecordedCandidate } from "../status/boot-record.ts";
import type { StatusKind } from "../status/check-claim.ts";
import { checkRoom, type RoomMeasure } from "../stores/room.ts";
import type { Finding } from "../text/finding.ts";
import { measurePace, type Pace, type UsedAt } from "./forecast.ts";

/**
 * How good something is: changes are kept; kept with a doubt, or not kept as was wanted; lost.
 */
export type Level = "green" | "amber" | "red";

/** The facts about the running session. */
export interface SessionState {
  /** "none" if the system was not booted by backstore. */
  readonly word: StatusKind | "none";
  readonly boot: BootRecord | undefined;
  readonly findings: readonly Finding[];
  /** Whether changes are kept, but some were lost or cannot be read. */
  readonly lacksChanges: boolean;
  readonly room: (RoomMeasure & { readonly type: string }) | undefined;
}

/** What is seen first. */
export interface Banner {
  readonly level: Level;
  readonly word: SessionState["word"];
  /** Why the session is not persistent. */
  readonly reason: string | undefined;
  /** What is wrong, the worst first. */
  readonly wrong: readonly string[];
  /** The command that mends it, with capitals for what has to be chosen. */
  readonly mend: string | undefined;
  readonly room: BannerRoom | undefined;
}

/** The room for changes. */
interface BannerRoom {
  readonly totalBytes: number;
  readonly usedBytes: number;
  readonly isInMemory: boolean;
  /** How fast it is used; undefined if too little is known. */
  readonly pace: Pace | undefined;
}

/** Composes the banner; `used` is what was used of the room up to now. */
export function composeBanner(state: SessionState, used: readonly UsedAt[]): Banner {
  const { word, boot, findings, room } = state;
  const problems = boot?.problems.filter(({ isReason }) => !isReason) ?? [];
  return {
    level: chooseLevel(state),
    word,
    reason: boot?.reason,
    wrong: [...findings, ...problems].map(({ message }) => message),
    mend: chooseMend(state),
    room: room && {
      totalBytes: room.totalBytes,
      usedBytes: room.usedBytes,
      isInMemory: isInMemory(room),
      pace: isInMemory(room) ? undefined : measurePace(used, room.totalBytes),
    },
  };
}

function chooseLevel({ word, boot, findings, lacksChanges }: SessionState): Level {
  const isMissed = boot?.problems.some(({ isReason }) => isReason) === true;
  if (lacksChanges || isMissed || findings.some(({ level }) => level === "error")) return "red";
  if (word !== "persistent") return "amber";
  return findings.length > 0 || (boot?.problems.length ?? 0) > 0 ? "amber" : "green";
}

function chooseMend(state: SessionState): string | undefined {
  const { word, boot, findings, lacksChanges } = state;
  if (word === "none") return "backstore install MEDIUM";
  if (word !== "persistent") return chooseStore(state);
  if (isShort(state))
    return boot?.store?.file === undefined
      ? "backstore changes --sort size"
      : `backstore grow ${enlarge(boot.store.bytes ?? 0)}`;
  return lacksChanges || findings.length > 0 ? "backstore check" : undefined;
}

/** What a session that keeps nothing needs. */
function chooseStore({ word, boot }: SessionState): string {
  if (boot?.check?.result === "damaged") return "backstore check --repair";
  if (word === "volatile" && boot?.store === undefined && !boot?.candidates?.some(hasFile))
    return "backstore adopt TARGET";
  return "backstore explain";
}

function hasFile({ file }: RecordedCandidate): boolean {
  return file !== undefined;
}

function isShort({ room }: SessionState): boolean {
  return room !== undefined && !isInMemory(room) && checkRoom(room, "store").length > 0;
}

/** Half as much again, in whole megabytes. */
function enlarge(bytes: number): string {
  return `${Math.max(64, Math.ceil((bytes * 1.5) / 2 ** 20))}M`;
}

function isInMemory({ type }: { readonly type: string }): boolean {
  return type === "tmpfs" || type === "ramfs";
}
