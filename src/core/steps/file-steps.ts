// The steps that create, fill, copy, rename and remove files and directories.
import { formatPath } from "../text/quoted.ts";
import { formatSize } from "../text/size.ts";

/** The arguments of each kind of step. Paths are absolute; sizes are in bytes. */
export interface FileStepArguments {
  /** Creates a directory and its missing parents, all with the same mode. */
  "make-directory": { readonly path: string; readonly mode?: number };
  /**
   * Creates a directory with the mode, owner and extended attributes of another, unless it exists.
   */
  "make-directory-like": { readonly path: string; readonly like: string };
  "make-link": { readonly path: string; readonly to: string };
  /** Writes a file beside its place and renames it, so that it is complete or does not exist. */
  "write-file": { readonly path: string; readonly text: string };
  /**
   * Writes over all of a file, whose text has the same length: up to a block of the disk it has the
   * old or the new text at any moment. A rename over it would be two writes on exfat.
   */
  "overwrite-file": { readonly path: string; readonly text: string };
  /** Appends to an existing file in memory. */
  "append-file": { readonly path: string; readonly text: string };
  /**
   * Writes the record of a store whose overlay is mounted with the work directory `work`, and with
   * it which mount that is, how long the boot has taken, and how much of the store's file system is
   * used, which is mounted at `store`.
   */
  "write-record": {
    readonly path: string;
    readonly text: string;
    readonly work: string;
    readonly store: string;
    readonly type: string;
  };
  /**
   * Creates an empty file where nothing exists, without copy-on-write where the file system can
   * disable it.
   */
  "create-file": { readonly path: string; readonly mode?: number };
  /**
   * Reserves the blocks of a file from `from` to `bytes` without changing its length, where the
   * file system can, so that a power failure never leaves it longer than its allocation.
   */
  reserve: { readonly path: string; readonly from: number; readonly bytes: number };
  /**
   * Allocates a file from `from` to `bytes` and extends it to that length; writes zeros where the
   * file system cannot allocate, and nobody else may write to it meanwhile. Progress is reported
   * for each `pieceBytes`.
   */
  allocate: {
    readonly path: string;
    readonly from: number;
    readonly bytes: number;
    readonly pieceBytes: number;
  };
  /** Writes a file that nobody else writes to, up to `bytes`, to blocks of its own. */
  unshare: { readonly path: string; readonly bytes: number };
  /**
   * Fills holes, and fails if some remain: a full host would lose writes to a file that is not
   * fully allocated.
   */
  "check-allocated": { readonly path: string; readonly bytes: number };
  /** Copies a regular file into a new one; `bytes` is its size when it was inspected. */
  "copy-file": {
    readonly from: string;
    readonly to: string;
    readonly bytes: number;
    readonly mode?: number;
  };
  /** Reads all of a file below `root`, and fails if its SHA-512 is another one. */
  "check-sum": {
    readonly root: string;
    readonly path: string;
    readonly bytes: number;
    readonly sha512: string;
  };
  /** Shortens a file, or extends it without allocating blocks. */
  truncate: { readonly path: string; readonly bytes: number };
  /** Renames a file within its file system; replaces an existing one only if told to. */
  rename: { readonly from: string; readonly to: string; readonly replaces: boolean };
  "remove-file": { readonly path: string };
  /** Syncs a file, directory or device to disk. */
  "sync-file": { readonly path: string };
  "sync-file-system": { readonly path: string };
}

/** Descriptions of each kind of step. */
export const fileDescribers: {
  readonly [Kind in keyof FileStepArguments]: (step: FileStepArguments[Kind]) => string;
} = {
  "make-directory": ({ path }) => `create the directory ${formatPath(path)}`,
  "make-directory-like": ({ path, like }) =>
    `create the directory ${formatPath(path)} like ${formatPath(like)}, unless it exists`,
  "make-link": ({ path, to }) => `create the link ${formatPath(path)} to ${formatPath(to)}`,
  "write-file": ({ path, text }) => `write ${formatPath(path)} (${formatSize(text.length)})`,
  "overwrite-file": ({ path, text }) =>
    `write over ${formatPath(path)} (${formatSize(text.length)})`,
  "append-file": ({ path, text }) => `append ${formatSize(text.length)} to ${formatPath(path)}`,
  "write-record": ({ path, text }) =>
    `write ${formatPath(path)} (${formatSize(text.length)}), with the times of the boot and of the overlay's mount`,
  "create-file": ({ path }) => `create the file ${formatPath(path)}`,
  reserve: ({ path, from, bytes }) =>
    `reserve room for ${formatPath(path)} from ${formatSize(from)} to ${formatSize(bytes)}`,
  allocate: ({ path, from, bytes }) =>
    from === 0
      ? `allocate ${formatSize(bytes)} for ${formatPath(path)}`
      : `allocate ${formatPath(path)} from ${formatSize(from)} to ${formatSize(bytes)}`,
  unshare: ({ path, bytes }) =>
    `rewrite ${formatPath(path)} (${formatSize(bytes)}) where it shares blocks with other files`,
  "check-allocated": ({ path, bytes }) =>
    `make sure that all ${formatSize(bytes)} of ${formatPath(path)} is allocated`,
  "copy-file": ({ from, to, bytes }) =>
    `copy ${formatPath(from)} (${formatSize(bytes)}) to ${formatPath(to)}`,
  "check-sum": ({ root, path, bytes, sha512 }) =>
    `make sure that the SHA-512 of ${formatPath(`${root}/${path}`)} (${formatSize(bytes)}) is ${shortenSum(sha512)}`,
  truncate: ({ path, bytes }) => `truncate ${formatPath(path)} to ${formatSize(bytes)}`,
  rename: ({ from, to, replaces }) =>
    `rename ${formatPath(from)} to ${formatPath(to)}${replaces ? ", replacing the existing file" : ""}`,
  "remove-file": ({ path }) => `remove ${formatPath(path)}`,
  "sync-file": ({ path }) => `sync ${formatPath(path)} to disk`,
  "sync-file-system": ({ path }) => `sync the file system of ${formatPath(path)} to disk`,
};

/** Shortens a checksum for people, who compare its beginning. */
export function shortenSum(sum: string): string {
  return `${sum.slice(0, 16)}…`;
}
