// The steps that take changes out of an upper directory on which no overlay is mounted, so that the
// base shows through. Each is done or not done, whenever it is interrupted, and does nothing where
// it was done before.
import { formatFew, formatPath } from "../text/quoted.ts";

/** The arguments of each kind of step. `path` is from the top of the upper directory. */
export interface ChangeStepArguments {
  /**
   * Removes an entry with all that is below; a directory that is not empty is first moved into the
   * directory `aside`, beside the upper directory.
   */
  "take-out": { readonly upper: string; readonly path: string; readonly aside: string };
  /** Sets the attributes of a directory to the base's; values of extended ones are in base64. */
  "describe-directory": {
    readonly upper: string;
    readonly path: string;
    readonly mode: number;
    readonly uid: number;
    readonly gid: number;
    readonly xattrs: Readonly<Record<string, string>>;
  };
  /**
   * Makes a file one of the upper directory's own. Overlayfs takes it for the file of the base that
   * it was copied from, and that one would be seen with its contents.
   */
  "forget-origin": { readonly upper: string; readonly path: string; readonly attribute: string };
  /**
   * Removes what is like the layers below, as "take-out" does, and the directories in which nothing
   * is left then; whatever has a name by now that is another file stays.
   */
  "take-out-same": {
    readonly upper: string;
    readonly lower: readonly string[];
    readonly aside: string;
    readonly copies: readonly { readonly path: string; readonly inode: number }[];
  };
  /** Removes what was moved aside, by an interrupted run as well. */
  "remove-aside": { readonly path: string };
}

/** Descriptions of each kind of step. */
export const changeDescribers: {
  readonly [Kind in keyof ChangeStepArguments]: (step: ChangeStepArguments[Kind]) => string;
} = {
  "take-out": ({ upper, path }) => `remove ${formatPath(path)} from ${formatPath(upper)}`,
  "describe-directory": ({ upper, path }) =>
    `give ${formatPath(path)} in ${formatPath(upper)} the attributes of the base's directory`,
  "forget-origin": ({ upper, path }) =>
    `make ${formatPath(path)} in ${formatPath(upper)} independent of the file that it was copied from`,
  "take-out-same": ({ upper, copies }) =>
    `remove from ${formatPath(upper)} what is like the base's: ${formatFew(copies.map(({ path }) => formatPath(path)))}`,
  "remove-aside": ({ path }) => `remove what was moved to ${formatPath(path)}`,
};
