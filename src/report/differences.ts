// How the files of a store differ from the base's, for people and for programs.

import { formatEscaped } from "../core/text/quoted.ts";
import type { Difference } from "../system/changes/inspect-differences.ts";

/**
 * Renders a difference as diff does. On a terminal, control characters are escaped; elsewhere, as
 * in a file for patch(1), lines are as they are.
 */
export function renderDifference(difference: Difference, isForTerminal: boolean): string {
  const { path, kind, lines } = difference;
  const name = formatEscaped(path);
  const [before, after] = [`a${name}`, `b${name}`];
  if (lines === "binary") return `Binary files ${before} and ${after} differ\n`;
  if (lines === "large") return `Files ${before} and ${after} differ\n`;
  if (lines === "type") return `${describeOther(difference, name)}\n`;
  const told = [
    `--- ${kind === "added" ? "/dev/null" : before}`,
    `+++ ${kind === "deleted" ? "/dev/null" : after}`,
    ...lines,
  ];
  return told.map((line) => `${isForTerminal ? escapeControls(line) : line}\n`).join("");
}

function describeOther({ kind, type }: Difference, name: string): string {
  if (kind === "added") return `Only in the store: ${name}`;
  if (kind === "deleted") return `Only in the base: ${name}`;
  if (kind === "replaced") return `Directory a${name} is hidden by b${name}`;
  if (kind === "type") return `File a${name} is of another type than b${name}`;
  return type === "link"
    ? `Symbolic links a${name} and b${name} differ`
    : `Files a${name} and b${name} differ`;
}

function escapeControls(line: string): string {
  return line
    .split("\t")
    .map((part) => formatEscaped(part).replace(/\\(["\\])/g, "$1"))
    .join("\t");
}

/** Summarises a difference. */
export function summariseDifference({ path, kind, type, lines }: Difference): object {
  const isShown = typeof lines === "object";
  return { path, kind, type, lines: isShown ? lines : null, unshown: isShown ? null : lines };
}
