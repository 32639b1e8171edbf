// The names by which aufs, and the layers of OCI images after it, say what is gone: ".wh.NAME" for
// a file that is deleted, ".wh..wh..opq" in a directory that hides what is below it. All other
// names with two of the prefixes are aufs's own.
// Facts: aufs(5); OCI image specification, "Image Layer Filesystem Changeset".

const prefix = ".wh.";

/** The name that makes its directory opaque. */
export const opaqueName = ".wh..wh..opq";

/** What a name in a branch, or in a layer, means. */
export type NameMeaning =
  | { readonly kind: "entry" }
  | { readonly kind: "opaque" }
  | { readonly kind: "own" }
  | { readonly kind: "whiteout"; readonly of: string };

/** Identifies the meaning of a name. */
export function identifyName(name: string): NameMeaning {
  if (!name.startsWith(prefix)) return { kind: "entry" };
  if (name === opaqueName) return { kind: "opaque" };
  if (name.startsWith(prefix + prefix)) return { kind: "own" };
  return { kind: "whiteout", of: name.slice(prefix.length) };
}

/** Returns the name of the whiteout of a name. */
export function whiteoutOf(name: string): string {
  return prefix + name;
}

/** Returns whether a file can have a name: behind the prefix "." and ".." are other directories. */
export function isNameOfFile(name: string): boolean {
  return name !== "" && name !== "." && name !== "..";
}
