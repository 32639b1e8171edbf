// The steps used only to resize a store. Those for ext2, ext3 and ext4 work on a copy that has only
// what the tools read, so that the store itself is written last, from a record that can be applied
// again (docs/decisions/0016).
import type { StoreType } from "../file-systems/store-types.ts";
import { formatPath } from "../text/quoted.ts";
import { formatSize } from "../text/size.ts";

/** The names that a resize may use in its directory. */
export const scratchNames = {
  copy: "copy",
  checked: "checked.e2undo",
  resized: "resized.e2undo",
  store: "store",
  made: "new",
} as const;

/** The arguments of each kind of step. Paths are absolute; sizes are in bytes. */
export interface ResizeStepArguments {
  /** Checks a copy of a store's metadata and replays its journal, as a mount would. */
  "check-copy": { readonly store: string; readonly copy: string; readonly undo: string };
  /** Resizes the file system in the copy, records the changes, and checks the result. */
  "resize-copy": {
    readonly store: string;
    readonly copy: string;
    readonly undo: string;
    readonly bytes: number;
  };
  /** Copies the used blocks of a store from a byte on, except those changed by the check. */
  "copy-used": {
    readonly store: string;
    readonly copy: string;
    readonly undo: string;
    readonly from: number;
  };
  /**
   * Keeps what the tools changed in the copy; what is beyond the store's old end is written there
   * at once.
   */
  "keep-changes": {
    readonly store: string;
    readonly copy: string;
    readonly undos: readonly string[];
    readonly changes: string;
    readonly from: number;
    readonly to: number;
  };
  /** Writes kept changes into the store; doing so twice does no harm. */
  "apply-changes": { readonly changes: string; readonly store: string };
  /** Checks a file system that is not mounted, and changes nothing. */
  "check-file-system": { readonly store: string; readonly type: StoreType };
  /**
   * Mounts a store temporarily, in a private mount namespace, and lets the kernel resize it;
   * without a size it only replays the log.
   */
  "resize-mounted": {
    readonly store: string;
    readonly type: StoreType;
    readonly scratch: string;
    readonly bytes: number | "all" | undefined;
  };
  /** Copies all files of a store into another one, and compares their number. */
  "copy-store": {
    readonly store: string;
    readonly to: string;
    readonly type: StoreType;
    readonly scratch: string;
  };
  /** Grows a mounted file system to fill its device. */
  "grow-mounted": {
    readonly store: string;
    readonly argv: readonly string[];
  };
  /** Creates the directory for temporary files, which must not exist. */
  "make-scratch": { readonly path: string };
  /** Removes the directory for temporary files. */
  "remove-scratch": { readonly path: string };
}

/** Descriptions of each kind of step. */
export const resizeDescribers: {
  readonly [Kind in keyof ResizeStepArguments]: (step: ResizeStepArguments[Kind]) => string;
} = {
  "check-copy": ({ copy }) => `check ${formatPath(copy)} and replay its journal`,
  "resize-copy": ({ copy, bytes }) =>
    `resize the file system in ${formatPath(copy)} to ${formatSize(bytes)} and check it`,
  "copy-used": ({ store, copy, from }) =>
    `copy the used blocks of ${formatPath(store)} from ${formatSize(from)} on to ${formatPath(copy)}`,
  "keep-changes": ({ changes }) => `save the changed blocks in ${formatPath(changes)}`,
  "apply-changes": ({ changes, store }) =>
    `write the blocks saved in ${formatPath(changes)} to ${formatPath(store)}`,
  "check-file-system": ({ store, type }) =>
    `check the ${type} file system in ${formatPath(store)} without changing it`,
  "resize-mounted": ({ store, type, bytes }) =>
    bytes === undefined
      ? `mount the ${type} file system in ${formatPath(store)} temporarily to replay its journal`
      : `mount the ${type} file system in ${formatPath(store)} temporarily and ${bytes === "all" ? "grow it to fill its file" : `shrink it to ${formatSize(bytes)}`}`,
  "copy-store": ({ store, to }) =>
    `copy everything in ${formatPath(store)} to ${formatPath(to)} and compare the totals`,
  "grow-mounted": ({ argv }) => `grow the file system in use to fill it (${argv.join(" ")})`,
  "make-scratch": ({ path }) => `create the temporary directory ${formatPath(path)}`,
  "remove-scratch": ({ path }) => `remove ${formatPath(path)}`,
};
