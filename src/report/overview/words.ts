// The sentences of a report, the same on a page and on a console.

import type { Banner } from "../../core/overview/banner.ts";
import type { BootBar, phaseNames } from "../../core/overview/boot-bars.ts";
import type { ChangeGroup, ChangeNode } from "../../core/overview/change-tree.ts";
import type { DiskPart } from "../../core/overview/disk-bars.ts";
import type { MapLeaf } from "../../core/overview/tree-map.ts";
import { usedPercent } from "../../core/stores/room.ts";
import { formatEscaped, formatLine, formatQuoted } from "../../core/text/quoted.ts";
import { formatSize } from "../../core/text/size.ts";
import { formatWord } from "../status.ts";

/** What a session keeps, in a headline. */
export function describeHeadline({ word, level }: Banner): string {
  const sentences = {
    persistent: {
      green: "every change is kept",
      amber: "every change is kept, but something needs attention",
      red: "some changes are lost or cannot be read",
    }[level],
    readonly: "the store is used, but new changes are lost at power-off",
    foreign: "no store is used, and the distribution decides what becomes of changes",
    volatile: "changes are in memory and lost at power-off",
    unknown: "whether changes are kept cannot be seen from here",
    none: "this system was not booted by backstore",
  };
  return `${formatWord(word)}: ${sentences[word]}`;
}

/** Describes the room for changes; undefined if it is not known. */
export function describeRoom({ room }: Banner): string | undefined {
  if (room === undefined) return undefined;
  const free = formatSize(Math.max(0, room.totalBytes - room.usedBytes));
  const where = room.isInMemory ? " of memory" : "";
  return `${free} free of ${formatSize(room.totalBytes)}${where} (${usedPercent(room)} % used)`;
}

/** Describes how fast the room is used; undefined if that is not known. */
export function describePace({ room }: Banner): string | undefined {
  if (room?.pace === undefined) return undefined;
  const { bytesPerDay, sinceMs, fullAtMs } = room.pace;
  const since = `since ${formatDay(sinceMs)}`;
  if (bytesPerDay <= 0) return `not filling ${since}`;
  const rate = `${formatSize(bytesPerDay)} a day ${since}`;
  return fullAtMs === undefined ? rate : `full on ${formatDay(fullAtMs)} at this pace (${rate})`;
}

function formatDay(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}

/** Formats a time of a record to the minute. */
export function formatMinute(time: string): string {
  return `${time.slice(0, 10)} ${time.slice(11, 16)}`;
}

/** Formats the duration of a phase. */
export function formatSeconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

/** The names of groups of changes in a legend. */
export const groupWords: Readonly<Record<ChangeGroup, string>> = {
  added: "added",
  changed: "changed",
  deleted: "deleted (its size in the base)",
  same: "same as the base",
};

/** The names of the phases of a boot in a legend. */
export const phaseWords: Readonly<Record<(typeof phaseNames)[number], string>> = {
  before: "before backstore",
  medium: "finding the medium",
  store: "finding the store",
  mounting: "checking and mounting",
};

/** Describes what a boot came to. */
export function describeBoot({ session, state, note }: BootBar): string {
  const ends = { running: "this session", ended: "", interrupted: "interrupted" };
  const words = [formatWord(session), ...(ends[state] === "" ? [] : [ends[state]])].join(", ");
  return note === undefined ? words : `${words}: ${formatLine(note)}`;
}

/** Describes a part of a disk, without its size. */
export function describePart({ path, type, label, role, reason }: DiskPart): string {
  if (path === undefined) return "no partition";
  const name = [
    formatEscaped(path),
    ...(type === undefined ? [] : [formatEscaped(type)]),
    ...(label === undefined ? [] : [formatQuoted(label)]),
  ].join(" ");
  const words = [
    ...(role === undefined ? [] : [role]),
    ...(reason === undefined ? [] : [formatLine(reason)]),
  ];
  return words.length === 0 ? name : `${name}: ${words.join("; ")}`;
}

/** Formats how many changes there are. */
export function formatCount(paths: number): string {
  return paths === 1 ? "1 change" : `${paths} changes`;
}

/** Describes how much has changed. */
export function describeChanges({ bytes, paths }: ChangeNode): string {
  return paths === 0 ? "No changes" : `${formatSize(bytes)} in ${formatCount(paths)}`;
}

/** Names the rectangle of a change. */
export function nameLeaf({ path, paths, isSum }: MapLeaf): string {
  return isSum ? `${paths} smaller` : formatEscaped(path.slice(path.lastIndexOf("/") + 1));
}
