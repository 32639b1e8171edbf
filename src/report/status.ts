// What the running session keeps, as text, as one word for a prompt, and as an object for programs
// (docs/status-json.md).

import type { SessionKind } from "../core/session/session.ts";
import {
  type BootRecord,
  bootRecordPath,
  type RecordedMedium,
} from "../core/status/boot-record.ts";
import type { StatusKind } from "../core/status/check-claim.ts";
import { checkRoom, measureFilling, type RoomMeasure, usedPercent } from "../core/stores/room.ts";
import type { Finding } from "../core/text/finding.ts";
import { formatEscaped, formatFew, formatLine, formatQuoted } from "../core/text/quoted.ts";
import { formatSize } from "../core/text/size.ts";
import { formatDuration } from "./duration.ts";
import { describeProblem, summariseProblem } from "./problem.ts";
import { describeStore } from "./store-name.ts";
import { renderPairs } from "./table.ts";

/** The facts about the running session. */
export interface StatusReport {
  /** "none" if the system was not booted by backstore. */
  readonly word: StatusKind | "none";
  readonly boot: BootRecord | undefined;
  /** The version of the add-on on the medium; undefined if there is none, or it is not seen. */
  readonly addon?: string | undefined;
  /** What is wrong now, the worst first. */
  readonly findings: readonly Finding[];
  /** Whether changes are kept, but some that were made before cannot be reached. */
  readonly hidesChanges: boolean;
  /** Whether changes are kept, but some of this session were lost on the way to the disk. */
  readonly lostChanges: boolean;
  readonly room: (RoomMeasure & { readonly type: string }) | undefined;
  readonly uptimeMs: number;
}

/** Renders the report for a terminal. */
export function renderStatus(report: StatusReport, columns?: number): string {
  const { word, boot, addon, findings, room, uptimeMs } = report;
  const headline = `${formatWord(word)}: ${describeWord(report)}`;
  if (word === "none") return `${headline}\n`;
  const rows: (readonly [name: string, value: string])[] = [
    ...(boot?.reason === undefined ? [] : [["reason", formatLine(boot.reason)] as const]),
    ...(boot?.store ? [["store", describeStore(boot.store)] as const] : []),
    ...(boot?.medium ? describeMedium(boot.medium, addon) : []),
    ...(room ? [["room", describeRoom(room, boot?.room)] as const] : []),
    [
      "up",
      `${formatDuration(uptimeMs)}${boot?.version === undefined ? "" : `, booted by backstore ${formatEscaped(boot.version)}`}`,
    ],
  ];
  const wrong = [...findings.map(({ message }) => message), ...bootProblems(report)];
  return `${[
    headline,
    ...renderPairs(rows, columns),
    ...(wrong.length === 0
      ? []
      : ["", "Problems", ...wrong.map((line) => `  ${formatLine(line)}`)]),
    ...advise(report),
  ].join("\n")}\n`;
}

/** A file store can be grown while it is in use. */
function advise({ boot, room }: StatusReport): string[] {
  if (
    boot?.store?.file === undefined ||
    room === undefined ||
    checkRoom(room, "store").length === 0
  )
    return [];
  if (boot?.session !== "persistent") return [];
  return ["", "Hint: enlarge the store: backstore grow SIZE"];
}

/** Formats the kind of a session for display. */
export function formatWord(word: StatusReport["word"] | SessionKind): string {
  return word === "readonly" ? "read-only" : word;
}

/** Returns the report as an object for programs; unknown values are undefined. */
export function summariseStatus({
  word,
  boot,
  addon,
  findings,
  room,
  uptimeMs,
}: StatusReport): object {
  const filling = room && boot?.room && measureFilling(boot.room, room);
  return {
    session: word,
    claimed: boot?.session,
    reason: boot?.reason,
    store: boot?.store && {
      kind: boot.store.kind,
      device: boot.store.device,
      type: boot.store.type,
      label: boot.store.label,
      directory: boot.store.directory,
      file: boot.store.file,
      hostType: boot.store.hostType,
    },
    medium: boot?.medium && {
      device: boot.medium.device,
      label: boot.medium.label,
      layout: boot.medium.layout,
      image: boot.medium.image,
      modules: boot.medium.modules?.map(({ name }) => name),
      addon,
    },
    room: room && {
      type: room.type,
      totalBytes: room.totalBytes,
      usedBytes: room.usedBytes,
      usedPercent: usedPercent(room),
      totalInodes: room.totalInodes,
      usedInodes: room.usedInodes,
      moreThanAtBootBytes: filling?.moreBytes,
      sinceMs: filling?.elapsedMs,
      fullInMs: filling?.fullInMs,
    },
    findings: findings.map(({ level, message }) => ({ level, message })),
    problems: boot?.problems.map(summariseProblem),
    uptimeMs,
    version: boot?.version,
  };
}

function describeWord({ word, boot, hidesChanges, lostChanges }: StatusReport): string {
  if (word === "none") return `this system was not booted by backstore (no ${bootRecordPath})`;
  if (lostChanges) return "some changes could not be written to the store and are lost";
  if (hidesChanges) return "new changes are kept, but some earlier ones cannot be read";
  if (word === "unknown")
    return boot === undefined
      ? "the record of the boot cannot be read"
      : "whether changes are kept cannot be seen from here";
  if (boot?.session === "persistent" && word !== "persistent")
    return "changes are no longer kept, although they were at boot";
  const sentences = {
    persistent: "every change is kept",
    readonly: "the store is used, but new changes are lost at power-off",
    foreign: "no store is used, and the distribution decides what becomes of changes",
    volatile: "changes are in memory and lost at power-off",
  };
  return sentences[word];
}

function describeMedium(
  medium: RecordedMedium,
  addon: string | undefined,
): (readonly [string, string])[] {
  const { device, label, layout, image, modules = [] } = medium;
  const words = [
    ...(label === undefined ? [] : [`labelled ${formatQuoted(label)}`]),
    ...(layout === undefined ? [] : [formatEscaped(layout)]),
    ...(addon === undefined ? [] : [`with the add-on ${formatEscaped(addon)}`]),
  ];
  const more = words.length === 0 ? "" : ` (${words.join(", ")})`;
  return [
    ["medium", `${formatEscaped(device)}${more}`],
    ...(image === undefined ? [] : [["base", formatQuoted(image)] as const]),
    ...(modules.length === 0
      ? []
      : [["modules", formatFew(modules.map(({ name }) => formatQuoted(name)))] as const]),
  ];
}

function describeRoom(
  room: RoomMeasure & { readonly type: string },
  atBoot: RoomMeasure | undefined,
): string {
  const free = formatSize(Math.max(0, room.totalBytes - room.usedBytes));
  const where = room.type === "tmpfs" ? " of memory" : "";
  const now = `${free} free of ${formatSize(room.totalBytes)}${where} (${usedPercent(room)} % used)`;
  if (atBoot === undefined) return now;
  const { moreBytes, elapsedMs, fullInMs } = measureFilling(atBoot, room);
  const change =
    moreBytes < 0
      ? `${formatSize(-moreBytes)} less used than`
      : moreBytes === 0
        ? "as much used as"
        : `${formatSize(moreBytes)} more used than`;
  const soon =
    fullInMs !== undefined && fullInMs < soonMs
      ? `, full in ${formatDuration(fullInMs)} at this rate`
      : "";
  return `${now}; ${change} at boot ${formatDuration(elapsedMs)} ago${soon}`;
}

/** A time further away than a month is not worth reporting. */
const soonMs = 30 * 86_400_000;

/** Returns the boot's problems, without the one that is the reason for the kind of session. */
function bootProblems({ boot }: StatusReport): string[] {
  return (boot?.problems ?? []).filter(({ isReason }) => !isReason).map(describeProblem);
}
