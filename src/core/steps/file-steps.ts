// The steps that make, fill, copy, name and remove files and directories.
import { formatPath } from "../text/quoted.ts";
import { formatSize } from "../text/size.ts";

/** Maps each kind of step to what it needs. Paths are absolute; sizes are bytes. */
export interface FileStepArguments {
  /** Makes a directory and the missing ones above it, all with the same mode. */
  "make-directory": { readonly path: string; readonly mode?: number };
  /** Makes a directory with the mode, owner and extended attributes of another, unless it is there. */
  "make-directory-like": { readonly path: string; readonly like: string };
  "make-link": { readonly path: string; readonly to: string };
  /** Writes a file beside and renames it, so that it is there whole or not at all. */
  "write-file": { readonly path: string; readonly text: string };
  /** Makes an empty file where nothing is, without copy-on-write where the file system can leave that out. */
  "create-file": { readonly path: string; readonly mode?: number };
  /**
   * Sets room aside for a file from `from` to `bytes` and leaves its length, where the file system can, so that no power
   * cut leaves it longer than its room.
   */
  reserve: { readonly path: string; readonly from: number; readonly bytes: number };
  /**
   * Allocates a file from `from` to `bytes` and makes it that long; zeros are written where the file system cannot
   * allocate, which nobody else may disturb meanwhile. Pieces of `pieceBytes` let progress be seen.
   */
  allocate: {
    readonly path: string;
    readonly from: number;
    readonly bytes: number;
    readonly pieceBytes: number;
  };
  /** Fills holes, and fails where some stay: a full host would lose what is written to a file that is not all allocated. */
  "check-allocated": { readonly path: string; readonly bytes: number };
  /** Copies what is in a regular file into a new one; `bytes` is how many there were when it was looked at. */
  "copy-file": {
    readonly from: string;
    readonly to: string;
    readonly bytes: number;
    readonly mode?: number;
  };
  /** Makes a file shorter, or longer without room for what is added. */
  truncate: { readonly path: string; readonly bytes: number };
  /** Gives a file another name in the same file system; where something has it, only if that is to be replaced. */
  rename: { readonly from: string; readonly to: string; readonly replaces: boolean };
  "remove-file": { readonly path: string };
  /** Waits until a file, directory or device is on its medium. */
  "sync-file": { readonly path: string };
  "sync-file-system": { readonly path: string };
}

/** Says in words what each step does. */
export const fileDescribers: {
  readonly [Kind in keyof FileStepArguments]: (step: FileStepArguments[Kind]) => string;
} = {
  "make-directory": ({ path }) => `make the directory ${formatPath(path)}`,
  "make-directory-like": ({ path, like }) =>
    `make the directory ${formatPath(path)} like ${formatPath(like)}, unless it is there`,
  "make-link": ({ path, to }) => `make the link ${formatPath(path)} to ${formatPath(to)}`,
  "write-file": ({ path, text }) => `write ${formatPath(path)} (${formatSize(text.length)})`,
  "create-file": ({ path }) => `make the file ${formatPath(path)}`,
  reserve: ({ path, from, bytes }) =>
    `set room aside for ${formatPath(path)} from ${formatSize(from)} to ${formatSize(bytes)}`,
  allocate: ({ path, from, bytes }) =>
    from === 0
      ? `allocate ${formatSize(bytes)} for ${formatPath(path)}`
      : `allocate ${formatPath(path)} from ${formatSize(from)} to ${formatSize(bytes)}`,
  "check-allocated": ({ path, bytes }) =>
    `make sure that all ${formatSize(bytes)} of ${formatPath(path)} are allocated`,
  "copy-file": ({ from, to, bytes }) =>
    `copy ${formatPath(from)} (${formatSize(bytes)}) to ${formatPath(to)}`,
  truncate: ({ path, bytes }) => `cut ${formatPath(path)} to ${formatSize(bytes)}`,
  rename: ({ from, to, replaces }) =>
    `rename ${formatPath(from)} to ${formatPath(to)}${replaces ? ", replacing what is there" : ""}`,
  "remove-file": ({ path }) => `remove ${formatPath(path)}`,
  "sync-file": ({ path }) => `write ${formatPath(path)} through to the medium`,
  "sync-file-system": ({ path }) =>
    `write the file system of ${formatPath(path)} through to the medium`,
};
