// What a revert puts back, for people and for programs (docs/revert-json.md).

import type { PutBack } from "../core/revert/choose-put-backs.ts";
import type { Revert } from "../core/revert/choose-reverts.ts";
import { formatEscaped, formatPath } from "../core/text/quoted.ts";
import { formatSize } from "../core/text/size.ts";

/** What a revert does, did or would do. */
export interface RevertReport {
  readonly reverts: readonly (Revert | PutBack)[];
  /** The wanted paths that are as in the base already. */
  readonly unchanged: readonly string[];
  /** Those that neither the store nor the base has. */
  readonly missing: readonly string[];
  /** How many paths could not be compared. */
  readonly problems: number;
  /** How many of them the next boot takes out of the store; undefined for one that was named. */
  readonly next: number | undefined;
}

/** Renders what is put back, one path a line. */
export function renderReverts({ reverts, unchanged }: RevertReport): string {
  return [
    ...reverts.map(renderRevert),
    ...unchanged.map((path) => `${formatEscaped(path)} is as in the base`),
  ]
    .map((line) => `${line}\n`)
    .join("");
}

function renderRevert({ path, kind, type, paths, bytes }: Revert | PutBack): string {
  const name = type === "directory" && path !== "/" ? `${path}/` : path;
  const word = kind ?? "below";
  const more = paths > (kind === undefined ? 0 : 1) ? ` (${paths} changes)` : "";
  return `${word.padEnd(12)}${formatSize(bytes).padStart(10)}  ${formatEscaped(name)}${more}`;
}

/** Renders what was done. */
export function renderReverted(report: RevertReport): string {
  const count = report.reverts.length;
  if (count === 0) return "Nothing to put back.\n";
  const what = `Put back ${countPaths(count)}`;
  if (report.next === undefined)
    return `${what}; the store has ${formatSize(sumBytes(report))} less.\n`;
  return `${what}.${report.next > 0 ? ` The next boot takes the copies out of the store (${countPaths(report.next)}).` : ""}\n`;
}

/** Renders what would be done. */
export function renderRevertPlan(report: RevertReport): string {
  const count = report.reverts.length;
  if (count === 0) return "Nothing to put back.\n";
  if (report.next !== undefined) return `Would put back ${countPaths(count)}.\n`;
  return `Would put back ${countPaths(count)}; the store would have ${formatSize(sumBytes(report))} less.\n`;
}

/** Renders the question whether to do it. */
export function askRevert({ reverts }: RevertReport, store: string | undefined): string {
  const where = store === undefined ? "" : ` in ${formatPath(store)}`;
  return `Put back what the base has at ${countPaths(reverts.length)}${where}? What is there now is lost. [y/N] `;
}

function countPaths(count: number): string {
  return count === 1 ? "1 path" : `${count} paths`;
}

function sumBytes({ reverts }: RevertReport): number {
  return reverts.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Summarises a revert. */
export function summariseReverts(report: RevertReport): object {
  const { reverts, unchanged, missing, problems, next } = report;
  return {
    reverts: reverts.map(({ path, do: way, kind, type, paths, bytes }) => ({
      ...{ path, do: way, kind, type, paths, bytes },
    })),
    ...{ unchanged, missing, problems, nextBoot: next },
  };
}
