// The changes in a store, for people and, one object a line, for programs.

import {
  type Change,
  changeKinds,
  sumTotals,
  type Total,
  type Totals,
} from "../core/changes/change.ts";
import type { Listed } from "../core/changes/group-changes.ts";
import type { LayerTime } from "../core/changes/layer.ts";
import { formatEscaped } from "../core/text/quoted.ts";
import { formatSize } from "../core/text/size.ts";
import { renderTable } from "./table.ts";

/** What is known once all changes are told. */
export interface ChangesSummary {
  readonly totals: Totals;
  /** How many paths could not be compared. */
  readonly problems: number;
  /** Whether the changes are in memory alone; undefined for a store that was named. */
  readonly isInMemory: boolean | undefined;
}

/** Renders one line of the list. */
export function renderListed(listed: Listed): string {
  if ("totals" in listed) {
    const { paths, bytes } = sumTotals(listed.totals);
    return renderLine(paths === 1 ? "1 path" : `${paths} paths`, bytes, `${listed.path}/`);
  }
  const { kind, bytes, path, type, from } = listed;
  const name = type === "directory" && path !== "/" ? `${path}/` : path;
  const moved = from === undefined ? "" : ` (moved from ${formatEscaped(from)})`;
  const nothing = type === "whiteout" ? " (a mark that deletes nothing)" : "";
  return `${renderLine(kind, bytes, name)}${moved}${nothing}`;
}

function renderLine(word: string, bytes: number, path: string): string {
  return `${word.padEnd(12)}${formatSize(bytes).padStart(10)}  ${formatEscaped(path)}`;
}

/** Renders what comes after the list. */
export function renderChangesSummary(
  { totals, problems, isInMemory }: ChangesSummary,
  columns: number | undefined,
): string {
  const all = sumTotals(totals);
  const seen = changeKinds.filter((kind) => totals[kind].paths > 0);
  const rows = seen.map((kind) => renderTotal(kind, totals[kind]));
  const table = renderTable(rows.length > 1 ? [...rows, renderTotal("all", all)] : rows, {
    alignments: ["left", "right", "right", "right"],
    headings: ["kind", "paths", "in the store", "in the base"],
    columns,
  });
  return [
    ...(all.paths === 0 ? ["No changes."] : ["", ...table]),
    ...(problems === 0 ? [] : [`${problems} could not be compared.`]),
    ...(isInMemory && all.paths > 0
      ? ["These changes are in memory alone: they are lost when the machine is switched off."]
      : []),
  ]
    .map((line) => `${line}\n`)
    .join("");
}

function renderTotal(name: string, { paths, bytes, baseBytes }: Readonly<Total>): string[] {
  return [name, `${paths}`, formatSize(bytes), formatSize(baseBytes)];
}

/** Summarises one line of the list. */
export function summariseListed(listed: Listed): object {
  return "totals" in listed ? listed : summariseChange(listed);
}

function summariseChange({ modified, ...change }: Change): object {
  return { ...change, modified: modified && formatTime(modified) };
}

/** A file may have a time that no calendar has. */
function formatTime({ seconds }: LayerTime): string | undefined {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

/** Summarises what comes after the list. */
export function summariseChanges({ totals, problems, isInMemory }: ChangesSummary): object {
  return { totals, problems, isInMemory };
}

/** Summarises a path that could not be compared. */
export function summariseProblem(path: string, reason: string): object {
  return { path, reason };
}
