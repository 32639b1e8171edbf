// Values from outside in sentences for people: in double quotes, short, and with nothing in them that a terminal obeys.

const longest = 100;

// Controls, line separators, and the marks that turn the direction of text around, so that a name cannot forge a line.
const invisible = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** Formats a value in double quotes; controls become escapes, and what is beyond 100 characters an ellipsis. */
export function formatQuoted(value: string): string {
  return formatPath(value.length > longest ? `${value.slice(0, longest)}…` : value);
}

/** Formats a sentence that quotes its names already: controls become escapes, and all else stays as it is. */
export function formatLine(sentence: string): string {
  return sentence.replace(/["\\]|[^"\\]+/g, (part) =>
    /^["\\]$/.test(part) ? part : formatEscaped(part),
  );
}

/** Formats a text without quotes around it; controls become escapes. */
export function formatEscaped(text: string): string {
  return formatPath(text).slice(1, -1);
}

/** Formats a path, or what else must not be shortened, in double quotes; controls become escapes. */
export function formatPath(path: string): string {
  return JSON.stringify(path).replace(
    invisible,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Formats a word of a command line as a shell takes it, where it is a plain one; else as a path. */
export function formatShellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : formatPath(word);
}
