// Lists in sentences.

/** Formats words as a list in a sentence: "a", "a and b", "a, b and c". */
export function formatList(words: readonly string[], conjunction: "and" | "or" = "and"): string {
  const [last = "", ...before] = words.toReversed();
  return before.length === 0 ? last : `${before.toReversed().join(", ")} ${conjunction} ${last}`;
}
