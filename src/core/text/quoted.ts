// Values from outside in sentences for people: in double quotes, short, and without anything that a
// terminal would act on.

const longest = 100;

// Control characters, line separators, and marks that change the direction of text, so that a name
// cannot forge a line.
const invisible = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/**
 * Formats a value in double quotes; control characters are escaped, and everything beyond 100
 * characters becomes an ellipsis.
 */
export function formatQuoted(value: string): string {
  return formatPath(value.length > longest ? `${value.slice(0, longest)}…` : value);
}

/**
 * Formats a sentence whose names are already quoted: control characters are escaped, everything
 * else is unchanged.
 */
export function formatLine(sentence: string): string {
  return sentence.replace(/["\\]|[^"\\]+/g, (part) =>
    /^["\\]$/.test(part) ? part : formatEscaped(part),
  );
}

/** Formats a text without quotes around it; control characters are escaped. */
export function formatEscaped(text: string): string {
  return formatPath(text).slice(1, -1);
}

/**
 * Formats a path, or anything else that must not be shortened, in double quotes; control characters
 * are escaped.
 */
export function formatPath(path: string): string {
  return JSON.stringify(path).replace(
    invisible,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/**
 * Formats a word of a command line as a shell accepts it if it is a plain one, otherwise as a path.
 */
export function formatShellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : formatPath(word);
}

/** Formats words as a list in a sentence: "a", "a and b", "a, b and c". */
export function formatList(words: readonly string[], conjunction: "and" | "or" = "and"): string {
  const [last = "", ...before] = words.toReversed();
  return before.length === 0 ? last : `${before.toReversed().join(", ")} ${conjunction} ${last}`;
}

/** Formats words of which a disk decides how many there are: the first, and how many more. */
export function formatFew(words: readonly string[]): string {
  if (words.length <= mostNamed) return formatList(words);
  return formatList([...words.slice(0, mostNamed), `${words.length - mostNamed} more`]);
}

/** Joins sentences in the same way. */
export function joinFew(sentences: readonly string[]): string {
  const more = sentences.length - mostNamed;
  return [...sentences.slice(0, mostNamed), ...(more > 0 ? [`and ${more} more`] : [])].join("; ");
}

const mostNamed = 8;
