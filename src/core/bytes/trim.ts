// What a regular expression such as /\n+$/ would take quadratic time for: it is tried anew from
// each newline of a long run that does not reach the end.

/** Removes characters that are among `characters` from the end of a text. */
export function trimEnd(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

/**
 * Splits a name into what is before the digits at its end, and those digits ("sda10": "sda", "10").
 */
export function splitNumber(name: string): readonly [stem: string, digits: string] {
  const stem = trimEnd(name, "0123456789");
  return [stem, name.slice(stem.length)];
}
