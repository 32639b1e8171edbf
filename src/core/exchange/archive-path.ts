// The paths in an archive, which anybody may have written: what would lead out of the directory
// that it is unpacked into is refused before anything of the archive's is made.

import { Failure } from "../text/failure.ts";
import { formatQuoted } from "../text/quoted.ts";
import type { TarEntry } from "./tar-entry.ts";

/** Parses a path as members are named: without empty names, "." and slashes at the ends. */
export function parseMemberPath(text: string): string {
  return text
    .split("/")
    .filter((name) => name !== "" && name !== ".")
    .join("/");
}

/**
 * Throws a Failure where a member, or the file that it is a further name of, is outside the tree.
 */
export function checkMember({ kind, path, to }: Pick<TarEntry, "kind" | "path" | "to">): void {
  const fault = findFault(path) ?? (kind === "hard-link" ? findFault(to) : undefined);
  if (fault === undefined) return;
  throw new Failure("unsafe", `Cannot use the archive: ${formatQuoted(path)} ${fault}`);
}

function findFault(path: string): string | undefined {
  if (path.split("/").includes("..")) return 'leads out of it by ".."';
  if (path.includes("\0")) return "contains a NUL";
  return undefined;
}
