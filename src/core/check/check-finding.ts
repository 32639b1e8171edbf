// What is wrong with a store that was checked, as data: how much it matters, what can be done, and which exit status it
// comes to.
import { exitStatus, type FailureCode } from "../text/failure.ts";
import { formatPath } from "../text/quoted.ts";

/** Is one thing that was found. */
export interface CheckFinding {
  /** "error": changes are lost, cannot be read, or cannot be kept; "warning": they may come to that; "note": good to know. */
  readonly severity: "error" | "warning" | "note";
  /** The store as sentences call it, quoted. */
  readonly store: string;
  /** What was found, a clause that begins with "it", "its" or a noun, without a full stop. */
  readonly sentence: string;
  /** What a person can do. */
  readonly hint?: string;
  /** What --repair does about it; missing where it does nothing. */
  readonly repair?: RepairKind;
  /** The row of the table of exit statuses that it comes to; missing where checking went well all the same. */
  readonly code?: FailureCode;
}

/** Is a finding whose store is known from what it was found in. */
export type Found = Omit<CheckFinding, "store">;

/** Says how a thing is repaired, or that its host has to be mounted for that. */
export function repairHint(path: string | undefined): string {
  return path === undefined
    ? "mount the file system it lies on, and repair it there: backstore check --repair DIRECTORY"
    : `repair it: backstore check --repair ${formatPath(path)}`;
}

/** Names what can be done about a finding, in the order in which it is done. */
export const repairKinds = ["remove-remains", "finish-resize", "replay", "file-system"] as const;

/** Names one of them. */
export type RepairKind = (typeof repairKinds)[number];

const severities = ["error", "warning", "note"] as const;

// What is lost comes before what cannot be kept, and that before what could not be seen.
const codesByWeight: readonly FailureCode[] = ["damaged", "unsafe", "no-room", "in-use", "tool"];

/** Sorts findings, the worst first and otherwise as they were. */
export function sortCheckFindings(findings: readonly CheckFinding[]): CheckFinding[] {
  const rank = ({ severity, code }: CheckFinding) =>
    severities.indexOf(severity) * 10 +
    (code === undefined ? codesByWeight.length : codesByWeight.indexOf(code));
  return [...findings].sort((one, other) => rank(one) - rank(other));
}

/** Gives the exit status of a check: that of its weightiest finding that has one. */
export function statusOf(findings: readonly CheckFinding[]): number {
  const code = codesByWeight.find((one) => findings.some((finding) => finding.code === one));
  return code === undefined ? 0 : exitStatus[code];
}
