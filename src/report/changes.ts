// The changes in a store, for people and, one object a line, for programs.

import {
  type ChangeKind,
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

/** Renders lines of the list. */
export function renderList(list: readonly Listed[]): string {
  const plain = list.map((listed) => renderListed(listed, asItIs));
  // Few names need escapes, and looking at many at once takes far less time.
  const lines = /^[ !#-[\]-~]*$/.test(plain.join(""))
    ? plain
    : list.map((listed) => renderListed(listed, formatEscaped));
  return `${lines.join("\n")}\n`;
}

const asItIs = (path: string) => path;

function renderListed(listed: Listed, format: (path: string) => string): string {
  if ("totals" in listed) {
    const { paths, bytes } = sumTotals(listed.totals);
    const word = (paths === 1 ? "1 path" : `${paths} paths`).padEnd(wordColumns);
    return renderLine(word, bytes, format(`${listed.path}/`));
  }
  const { kind, bytes, path, type, from } = listed;
  const name = type === "directory" && path !== "/" ? `${path}/` : path;
  const line = renderLine(kindWords[kind], bytes, format(name));
  if (from !== undefined) return `${line} (moved from ${format(from)})`;
  return type === "whiteout" ? `${line} (a mark that deletes nothing)` : line;
}

function renderLine(word: string, bytes: number, path: string): string {
  return `${word}${formatSize(bytes).padStart(10)}  ${path}`;
}

const wordColumns = 12;
const kindWords: Readonly<Record<ChangeKind, string>> = {
  added: "added".padEnd(wordColumns),
  modified: "modified".padEnd(wordColumns),
  metadata: "metadata".padEnd(wordColumns),
  deleted: "deleted".padEnd(wordColumns),
  replaced: "replaced".padEnd(wordColumns),
  type: "type".padEnd(wordColumns),
  same: "same".padEnd(wordColumns),
};

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

/** Renders lines of the list, one object each. */
export function renderListJson(list: readonly Listed[]): string {
  return list.map((listed) => `${JSON.stringify(summariseListed(listed))}\n`).join("");
}

/** Here unknown values are null already: to look for them takes half of the time. */
function summariseListed(listed: Listed): object {
  if ("totals" in listed) return listed;
  const { path, kind, type, bytes, baseBytes, modified, from = null } = listed;
  const time = modified === undefined ? undefined : formatTime(modified);
  return { path, kind, type, bytes, baseBytes, from, modified: time ?? null };
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
