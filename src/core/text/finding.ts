// What is wrong with a session or a store, in words, and how much it matters.

/** One thing that is wrong; "error" if changes are lost or will be. */
export interface Finding {
  readonly level: "error" | "warning";
  /** A sentence without its full stop. */
  readonly message: string;
}

/** Sorts findings, the most serious first and otherwise in the given order. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  const rank = ({ level }: Finding) => (level === "error" ? 0 : 1);
  return [...findings].sort((one, other) => rank(one) - rank(other));
}
