// The steps that only a change of a store's size is made of. Those of ext work on a copy that holds what the tools read
// and nothing else, so that the store itself is written last, and from a record that can be written again
// (docs/decisions/0016).
import type { StoreType } from "../file-systems/store-types.ts";
import { formatPath } from "../text/quoted.ts";
import { formatSize } from "../text/size.ts";

/** Names what a resize may have in its directory. */
export const scratchNames = {
  copy: "copy",
  checked: "checked.e2undo",
  resized: "resized.e2undo",
  store: "store",
  made: "new",
} as const;

/** Maps each kind of step to what it needs. Paths are absolute; sizes are bytes. */
export interface ResizeStepArguments {
  /** Checks a copy of a store's metadata and lets the journal's content take its place, as a mount would. */
  "check-copy": { readonly store: string; readonly copy: string; readonly undo: string };
  /** Gives the file system in the copy a size, notes what that changed, and checks what came of it. */
  "resize-copy": {
    readonly store: string;
    readonly copy: string;
    readonly undo: string;
    readonly bytes: number;
  };
  /** Copies what is in use of a store from a byte on, except for what the check has changed. */
  "copy-used": {
    readonly store: string;
    readonly copy: string;
    readonly undo: string;
    readonly from: number;
  };
  /** Keeps what the tools changed in the copy; what lies behind the store's old end goes there at once. */
  "keep-changes": {
    readonly store: string;
    readonly copy: string;
    readonly undos: readonly string[];
    readonly changes: string;
    readonly from: number;
    readonly to: number;
  };
  /** Writes kept changes into the store; doing it twice does no harm. */
  "apply-changes": { readonly changes: string; readonly store: string };
  /** Checks a file system that is not mounted, and changes nothing. */
  "check-file-system": { readonly store: string; readonly type: StoreType };
  /** Mounts a store for the moment, out of sight of others, and lets the kernel give it another size; none: replay only. */
  "resize-mounted": {
    readonly store: string;
    readonly type: StoreType;
    readonly scratch: string;
    readonly bytes: number | "all" | undefined;
  };
  /** Copies everything in a store into another one, and compares how much there is. */
  "copy-store": {
    readonly store: string;
    readonly to: string;
    readonly type: StoreType;
    readonly scratch: string;
  };
  /** Lets a mounted file system fill its device. */
  "grow-mounted": {
    readonly store: string;
    readonly argv: readonly string[];
  };
  /** Makes the directory for what is needed meanwhile, where nothing is. */
  "make-scratch": { readonly path: string };
  /** Removes the directory for what was needed meanwhile. */
  "remove-scratch": { readonly path: string };
}

/** Says in words what each step does. */
export const resizeDescribers: {
  readonly [Kind in keyof ResizeStepArguments]: (step: ResizeStepArguments[Kind]) => string;
} = {
  "check-copy": ({ copy }) => `check ${formatPath(copy)} and replay its journal`,
  "resize-copy": ({ copy, bytes }) =>
    `give the file system in ${formatPath(copy)} ${formatSize(bytes)}, and check it`,
  "copy-used": ({ store, copy, from }) =>
    `copy what is in use of ${formatPath(store)} from ${formatSize(from)} on to ${formatPath(copy)}`,
  "keep-changes": ({ changes }) => `keep what has changed in ${formatPath(changes)}`,
  "apply-changes": ({ changes, store }) =>
    `write what is kept in ${formatPath(changes)} into ${formatPath(store)}`,
  "check-file-system": ({ store, type }) =>
    `check the ${type} in ${formatPath(store)} without changing it`,
  "resize-mounted": ({ store, type, bytes }) =>
    bytes === undefined
      ? `mount the ${type} in ${formatPath(store)} for the moment, so that its journal is replayed`
      : `mount the ${type} in ${formatPath(store)} for the moment, and let it ${bytes === "all" ? "fill its file" : `shrink to ${formatSize(bytes)}`}`,
  "copy-store": ({ store, to }) =>
    `copy everything in ${formatPath(store)} into ${formatPath(to)}, and compare how much there is`,
  "grow-mounted": ({ argv }) => `let the file system in use fill it (${argv.join(" ")})`,
  "make-scratch": ({ path }) =>
    `make the directory ${formatPath(path)} for what is needed meanwhile`,
  "remove-scratch": ({ path }) => `remove ${formatPath(path)}`,
};
