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
  /** Whether what is free in the store is given back. */
  readonly trim: boolean;
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
  const size = formatSize(sumTaken(report));
  const won =
    countTaken(report) === 0
      ? "Nothing to reclaim."
      : `The store ${isDry ? "would have" : "has"} ${size} less.`;
  const trimmed = `What is free in it ${isDry ? "would be" : "was"} given back to its disk.`;
  return report.trim ? `${won}\n${trimmed}\n` : `${won}\n`;
}

/** Renders the question whether to do it. */
export function askReclaim(report: ReclaimReport, store: string): string {
  const taking = `Take ${formatSize(sumTaken(report))} out of ${formatPath(store)}`;
  return `${taking}${report.trim ? ", and give back what is free in it" : ""}? [y/N] `;
}

/** Returns how many paths are reclaimed. */
export function countTaken({ sums }: ReclaimReport): number {
  return sums.reduce((all, { paths, isTaken }) => all + (isTaken ? paths : 0), 0);
}

function sumTaken({ sums }: ReclaimReport): number {
  return sums.reduce((all, { bytes, isTaken }) => all + (isTaken ? bytes : 0), 0);
}

/** Summarises it. */
export function summariseReclaims({ sums, problems, trim }: ReclaimReport): object {
  return { reclaims: sums, trim, problems };
}
