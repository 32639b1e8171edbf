// What a revert puts back, for people and for programs (docs/revert-json.md).

import type { Revert } from "../core/revert/choose-reverts.ts";
import { formatEscaped, formatPath } from "../core/text/quoted.ts";
import { formatSize } from "../core/text/size.ts";

/** What a revert does, did or would do. */
export interface RevertReport {
  readonly reverts: readonly Revert[];
  /** The wanted paths that are as in the base already. */
  readonly unchanged: readonly string[];
  /** Those that neither the store nor the base has. */
  readonly missing: readonly string[];
  /** How many paths could not be compared. */
  readonly problems: number;
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

function renderRevert({ path, kind, type, paths, bytes }: Revert): string {
  const name = type === "directory" && path !== "/" ? `${path}/` : path;
  const word = kind ?? "below";
  const more = paths > (kind === undefined ? 0 : 1) ? ` (${paths} changes)` : "";
  return `${word.padEnd(12)}${formatSize(bytes).padStart(10)}  ${formatEscaped(name)}${more}`;
}

/** Renders what was done. */
export function renderReverted(report: RevertReport): string {
  const count = report.reverts.length;
  if (count === 0) return "Nothing to put back.\n";
  return `Put back ${countPaths(count)}; the store has ${formatSize(sumBytes(report))} less.\n`;
}

/** Renders what would be done. */
export function renderRevertPlan(report: RevertReport): string {
  const count = report.reverts.length;
  if (count === 0) return "Nothing to put back.\n";
  return `Would put back ${countPaths(count)}; the store would have ${formatSize(sumBytes(report))} less.\n`;
}

/** Renders the question whether to do it. */
export function askRevert({ reverts }: RevertReport, where: string): string {
  return `Put back what the base has at ${countPaths(reverts.length)} in ${formatPath(where)}? What the store has there is lost. [y/N] `;
}

function countPaths(count: number): string {
  return count === 1 ? "1 path" : `${count} paths`;
}

function sumBytes({ reverts }: RevertReport): number {
  return reverts.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Summarises a revert. */
export function summariseReverts(report: RevertReport): object {
  const { reverts, unchanged, missing, problems } = report;
  return { reverts: reverts.map(({ like: _, ...revert }) => revert), unchanged, missing, problems };
}
