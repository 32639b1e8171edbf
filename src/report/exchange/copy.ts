// A store that was copied.

import { formatPath } from "../../core/text/quoted.ts";
import {
  formatCarried,
  type Losses,
  renderLosses,
  renderOptions,
  summariseLosses,
} from "./carried.ts";

/** A copy of a store, made or planned. */
export interface CopyReport {
  readonly from: string;
  /** Whether it was in use. */
  readonly isInUse: boolean;
  readonly store: string;
  readonly kind: "file" | "directory" | "device";
  /** Whether the copy's place is made first. */
  readonly isNew: boolean;
  /** What a boot needs to find it on a device; undefined for a plan. */
  readonly options: string | undefined;
  /** The identity of the copy; undefined if no session has used the store, or for a plan. */
  readonly id: string | undefined;
  readonly entries: number;
  readonly bytes: number;
  readonly losses: Losses;
}

/** Renders a copy that was made, or that would be. */
export function renderCopy(word: "Copied" | "Copy", report: CopyReport): string {
  const { from, store, options, entries, bytes } = report;
  const amount = formatCarried(entries, bytes);
  return `${word} the store ${formatPath(from)} to ${formatPath(store)} (${amount})\n${renderOptions(options)}`;
}

/** Renders what to know about it. */
export function renderCopyNotes({ from, isInUse, losses }: CopyReport): string {
  const note = isInUse
    ? `Note: ${formatPath(from)} is in use: each file is copied whole, but not all of them at one moment\n`
    : "";
  return note + renderLosses(losses);
}

/** Returns the same as an object for programs. */
export function summariseCopy({ losses, ...report }: CopyReport): object {
  return { ...report, ...summariseLosses(losses) };
}
