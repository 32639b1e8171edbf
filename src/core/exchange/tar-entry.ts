// What one member of a tar archive says of a file.

import type { Range } from "../bytes/ranges.ts";

/** A member of an archive: a file with all that is kept of it but its data. */
export interface TarEntry {
  readonly kind: TarKind;
  /** From the top of the tree, without slashes at either end; "" is the top itself. */
  readonly path: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly modified: Moment;
  /** The length of a file; 0 for anything else. */
  readonly bytes: number;
  /**
   * Where a file has data, in order; between and behind it are holes. The archive has these parts.
   */
  readonly data: readonly Range[];
  /** What a link leads to, or the path of a file of which this is a further name. */
  readonly to: string;
  readonly device: { readonly major: number; readonly minor: number };
  readonly xattrs: readonly Xattr[];
}

/** The kinds of members; a "hard-link" is a further name of a member before it. */
export type TarKind = "file" | "directory" | "link" | "hard-link" | "block" | "character" | "fifo";

/** A time, in seconds since the beginning of 1970 and nanoseconds after them. */
export interface Moment {
  readonly seconds: number;
  readonly nanoseconds: number;
}

/** An extended attribute. */
export interface Xattr {
  readonly name: string;
  readonly value: Uint8Array;
}

/** Returns how many bytes of data a member has in the archive, without a map of its holes. */
export function dataBytes({ data }: Pick<TarEntry, "data">): number {
  return data.reduce((sum, { bytes }) => sum + bytes, 0);
}
