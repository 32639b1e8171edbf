// The findings of a check, as data: their severity, what can be done, and their exit status.
import { exitStatus, type FailureCode } from "../text/failure.ts";
import { formatPath } from "../text/quoted.ts";

/** One finding. */
export interface CheckFinding {
  /**
   * "error": changes are lost, cannot be read, or cannot be kept; "warning": that may happen;
   * "note": good to know.
   */
  readonly severity: "error" | "warning" | "note";
  /** The name of the store in sentences, quoted. */
  readonly store: string;
  /** What was found: a clause that begins with "it", "its" or a noun, without a full stop. */
  readonly sentence: string;
  /** What the user can do. */
  readonly hint?: string;
  /** What --repair does about it; undefined if it does nothing. */
  readonly repair?: RepairKind;
  /**
   * The exit status that it leads to, as a row of their table; undefined if the check succeeded
   * anyway.
   */
  readonly code?: FailureCode;
}

/** A finding without its store, which the caller knows. */
export type Found = Omit<CheckFinding, "store">;

/** Formats how to repair something, or that its host has to be mounted for that. */
export function repairHint(path: string | undefined): string {
  return path === undefined
    ? "mount the file system it is on and repair it there: backstore check --repair DIRECTORY"
    : `repair it: backstore check --repair ${formatPath(path)}`;
}

/** The kinds of repairs, in the order in which they are made. */
export const repairKinds = ["remove-remains", "finish-resize", "replay", "file-system"] as const;

/** A kind of repair. */
export type RepairKind = (typeof repairKinds)[number];

const severities = ["error", "warning", "note"] as const;

// Lost changes come before those that cannot be kept, and these before what could not be inspected.
const codesByWeight: readonly FailureCode[] = ["damaged", "unsafe", "no-room", "in-use", "tool"];

/** Sorts findings, the worst first and otherwise in their order. */
export function sortCheckFindings(findings: readonly CheckFinding[]): CheckFinding[] {
  const rank = ({ severity, code }: CheckFinding) =>
    severities.indexOf(severity) * 10 +
    (code === undefined ? codesByWeight.length : codesByWeight.indexOf(code));
  return [...findings].sort((one, other) => rank(one) - rank(other));
}

/** Returns the exit status of a check: that of its worst finding that has one. */
export function statusOf(findings: readonly CheckFinding[]): number {
  const code = codesByWeight.find((one) => findings.some((finding) => finding.code === one));
  return code === undefined ? 0 : exitStatus[code];
}
