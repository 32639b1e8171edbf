// The steps that change files of a medium below a directory whose owner may be somebody else, so
// that a boot loader finds the old or the new text at every moment. FAT has no journal, and a
// rename over an old file is two writes there; so nothing is renamed.
import { formatPath } from "../text/quoted.ts";
import { formatSize } from "../text/size.ts";

/** The arguments of each kind of step. Paths are absolute; no link in them is followed. */
export interface TreeStepArguments {
  /** Creates a file in place of whatever has its name, and syncs it; each character is a byte. */
  "put-file": { readonly path: string; readonly text: string };
  /** Creates a file with the contents of another, and syncs it. */
  "put-copy": {
    readonly from: string;
    readonly to: string;
    readonly bytes: number;
    readonly mode: number;
  };
  /**
   * Changes the text of a file: fills it up with newlines, syncs it, writes over it, and syncs it
   * again. Fails if the text is not what it was when it was inspected.
   */
  "change-text": { readonly path: string; readonly from: string; readonly to: string };
  /** Removes a file that may not be there. */
  "remove-put": { readonly path: string };
  /** Removes a directory, unless something else is in it. */
  "remove-empty": { readonly path: string };
}

/** Descriptions of each kind of step. */
export const treeDescribers: {
  readonly [Kind in keyof TreeStepArguments]: (step: TreeStepArguments[Kind]) => string;
} = {
  "put-file": ({ path, text }) =>
    `create the file ${formatPath(path)} (${formatSize(text.length)})`,
  "put-copy": ({ from, to, bytes }) =>
    `copy ${formatPath(from)} (${formatSize(bytes)}) to ${formatPath(to)}`,
  "change-text": ({ path, from, to }) =>
    `change ${formatPath(path)} from ${from.length} to ${to.length} bytes`,
  "remove-put": ({ path }) => `remove ${formatPath(path)}`,
  "remove-empty": ({ path }) => `remove the directory ${formatPath(path)} if it is empty`,
};
