// What is wrong with a session or a store, in words, and how much it matters.

/** Is one thing that is wrong; "error" where changes are lost or will be. */
export interface Finding {
  readonly level: "error" | "warning";
  /** A sentence without its full stop. */
  readonly message: string;
}

/** Sorts findings, the worst first and otherwise as they were. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  const rank = ({ level }: Finding) => (level === "error" ? 0 : 1);
  return [...findings].sort((one, other) => rank(one) - rank(other));
}
