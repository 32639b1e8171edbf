// Paths: splitting, joining, and checking those from outside. A path inside a file system that is
// mounted for a store comes from whoever wrote the boot options and is used as root, so it must not
// lead out of that file system: a leading slash means its top, and ".." is refused.

import { encodeUtf8 } from "../bytes/utf.ts";
import { Failure } from "./failure.ts";
import { formatQuoted } from "./quoted.ts";

// NAME_MAX and, with room for the mount point before it, PATH_MAX of limits.h.
const longestName = 255;
const longestPath = 3072;

/**
 * Parses a path into one without a leading slash, empty names and "."; throws a Failure that calls
 * it `what`.
 */
export function parseInnerPath(text: string, what = "the path"): string {
  const names = text.split("/").filter((name) => name !== "" && name !== ".");
  const reason = findFault(names);
  if (reason === undefined) return names.join("/");
  throw new Failure("usage", `Cannot use ${what} ${formatQuoted(text)}: ${reason}`);
}

function findFault(names: readonly string[]): string | undefined {
  if (names.length === 0) return "it contains no name";
  if (names.includes("..")) return '".." would lead out of the file system';
  const path = names.join("/");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are meant
  if (/[\u0000-\u001f\u007f]/.test(path)) return "it contains control characters";
  if (path.includes("\ufffd")) return "it is not UTF-8";
  const tooLong = names.find((name) => encodeUtf8(name).length > longestName);
  if (tooLong !== undefined) return `a name is longer than ${longestName} bytes`;
  if (encodeUtf8(path).length > longestPath) return `it is longer than ${longestPath} bytes`;
  return undefined;
}

/** Returns the directory of a file with an absolute path. */
export function directoryOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

/** Returns the path of a name in a directory. */
export function joinPath(directory: string, name: string): string {
  return directory.endsWith("/") ? `${directory}${name}` : `${directory}/${name}`;
}
