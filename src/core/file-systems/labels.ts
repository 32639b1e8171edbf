// What the label of a file system may be: what its field can hold, and what a boot option and a
// terminal can handle.

import { encodeUtf8 } from "../bytes/utf.ts";
import { formatQuoted } from "../text/quoted.ts";

/** The maximum length of the labels of a type, in bytes of UTF-8 or in units of UTF-16. */
export interface LabelLimit {
  readonly type: string;
  readonly longest: number;
  readonly unit: "bytes" | "characters";
}

/** Returns what is wrong with a label; undefined if nothing is. */
export function findLabelFault(
  label: string,
  { type, longest, unit }: LabelLimit,
): string | undefined {
  if (label === "") return "the label is empty";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are meant
  if (/[\u0000-\u001f\u007f\ufffd\ud800-\udfff]/u.test(label))
    return `the label ${formatQuoted(label)} holds what is no text`;
  const length = unit === "bytes" ? encodeUtf8(label).length : label.length;
  if (length <= longest) return undefined;
  return `the label ${formatQuoted(label)} has ${length} ${unit}, and ${type} holds ${longest} at most`;
}
