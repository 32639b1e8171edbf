// The lists of checksums that media have at their top: a line for each file, a digest and a path
// (md5sum(1)). Lines of changed files get the new digest, which has the same length.

import { encodeByteText } from "../bytes/byte-text.ts";
import { md5 } from "../bytes/md5.ts";
import { sha256 } from "../bytes/sha256.ts";
import type { Edit } from "../menus/edit.ts";

/** What is done with a list of checksums. */
export type ListTreatment =
  /** Lines of it get new digests. */
  | "corrected"
  /** It is signed: a change would break the signature, and without one it does not match. */
  | "signed"
  /** Its digests cannot be computed here. */
  | "not-corrected";

/** Computes digests that are not computed here; undefined if it cannot. */
export type SumText = (kind: "sha1" | "sha512", bytes: Uint8Array) => string | undefined;

interface Kind {
  readonly digits: number;
  readonly digest: (bytes: Uint8Array, sum: SumText) => string | undefined;
}

const names: Readonly<Record<string, Kind>> = {
  md5: { digits: 32, digest: md5 },
  sha1: { digits: 40, digest: (bytes, sum) => sum("sha1", bytes) },
  sha256: { digits: 64, digest: sha256 },
  sha512: { digits: 128, digest: (bytes, sum) => sum("sha512", bytes) },
};

const signatureEndings = [".asc", ".gpg", ".sig", ".sign"];

/** Returns whether a file at the top of a medium is a list of checksums. */
export function isChecksumList(path: string): boolean {
  return kindOf(path) !== undefined;
}

function kindOf(path: string): Kind | undefined {
  if (path.includes("/")) return undefined;
  const name = path.toLowerCase().replace(/\.txt$/, "");
  const [, kind] =
    Object.entries(names).find(([digest]) => [`${digest}sum`, `${digest}sums`].includes(name)) ??
    [];
  return kind;
}

/** A list, and what is done with it. */
export interface ListPlan {
  readonly treatment: ListTreatment;
  readonly edits: readonly Edit[];
}

/**
 * Plans new digests in a list; undefined if it names none of the changed files. `changed` are the
 * new texts by their paths.
 */
export function planList(
  { file, text, files }: { file: string; text: string; files: readonly string[] },
  changed: ReadonlyMap<string, string>,
  sum: SumText,
): ListPlan | undefined {
  const kind = kindOf(file);
  if (kind === undefined) return undefined;
  const lines = findLines(text, kind.digits).filter(({ path }) => changed.has(path));
  if (lines.length === 0) return undefined;
  if (signatureEndings.some((ending) => files.includes(`${file}${ending}`)))
    return { treatment: "signed", edits: [] };
  const { digits, digest } = kind;
  const edits = lines.flatMap(({ at, path }): Edit[] => {
    const found = digest(encodeByteText(changed.get(path) ?? ""), sum);
    const isUpper = /[A-F]/.test(text.slice(at, at + digits));
    if (found === undefined) return [];
    return [{ at, removed: digits, text: isUpper ? found.toUpperCase() : found }];
  });
  if (edits.length < lines.length) return { treatment: "not-corrected", edits: [] };
  return { treatment: "corrected", edits };
}

function findLines(text: string, digits: number): { readonly at: number; readonly path: string }[] {
  const found: { readonly at: number; readonly path: string }[] = [];
  let at = 0;
  for (const line of text.split("\n")) {
    const digest = line.slice(0, digits);
    const rest = line.slice(digits).replace(/\r$/, "");
    if (digest.length === digits && /^[0-9a-fA-F]*$/.test(digest) && /^ [ *]/.test(rest))
      found.push({ at, path: withoutDot(rest.slice(2)) });
    at += line.length + 1;
  }
  return found;
}

function withoutDot(path: string): string {
  if (path.startsWith("./")) return path.slice(2);
  return path.startsWith("/") ? path.slice(1) : path;
}
