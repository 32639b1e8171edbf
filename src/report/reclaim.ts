// What room is won in a store, for people and for programs (docs/reclaim-json.md).

import type { ReclaimKind, ReclaimSum } from "../core/revert/choose-reclaims.ts";
import { formatPath } from "../core/text/quoted.ts";
import { formatSize } from "../core/text/size.ts";
import { renderTable } from "./table.ts";

/** What is reclaimed, or would be. */
export interface ReclaimReport {
  readonly sums: readonly ReclaimSum[];
  /** How many paths could not be compared. */
  readonly problems: number;
}

const words: Readonly<Record<ReclaimKind, string>> = {
  copies: "copies that are like the base's",
  marks: "deletions of what the base does not have",
  leftovers: "left by commands that were killed",
  caches: "downloaded packages",
  logs: "logs",
};

/** Renders what each kind comes to. */
export function renderReclaims({ sums }: ReclaimReport, columns: number | undefined): string {
  const rows = sums
    .filter(({ paths }) => paths > 0)
    .map(({ kind, paths, bytes, isTaken }) => [
      words[kind],
      paths === 1 ? "1 path" : `${paths} paths`,
      formatSize(bytes),
      isTaken ? "" : `stay without --${kind}`,
    ]);
  return renderTable(rows, { alignments: ["left", "right", "right"], columns })
    .map((line) => `${line}\n`)
    .join("");
}

/** Renders what was done, or with `would` what would be. */
export function renderReclaimed(report: ReclaimReport, { isDry }: { isDry: boolean }): string {
  if (countTaken(report) === 0) return "Nothing to reclaim.\n";
  const size = formatSize(sumTaken(report));
  return isDry ? `The store would have ${size} less.\n` : `The store has ${size} less.\n`;
}

/** Renders the question whether to do it. */
export function askReclaim(report: ReclaimReport, store: string): string {
  return `Take ${formatSize(sumTaken(report))} out of ${formatPath(store)}? [y/N] `;
}

/** Returns how many paths are reclaimed. */
export function countTaken({ sums }: ReclaimReport): number {
  return sums.reduce((all, { paths, isTaken }) => all + (isTaken ? paths : 0), 0);
}

function sumTaken({ sums }: ReclaimReport): number {
  return sums.reduce((all, { bytes, isTaken }) => all + (isTaken ? bytes : 0), 0);
}

/** Summarises it. */
export function summariseReclaims({ sums, problems }: ReclaimReport): object {
  return { reclaims: sums, problems };
}
