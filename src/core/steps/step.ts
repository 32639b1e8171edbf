// A step is one primitive change as plain data: it survives JSON, can be printed before it is done, and is done by
// exactly one function (system/execute.ts, which does not compile while one is missing).

import { formatEscaped, formatPath, formatShellWord } from "../text/quoted.ts";
import { formatSize } from "../text/size.ts";
import { type CheckStoreStepArguments, checkStoreDescribers } from "./check-steps.ts";
import { type ConfirmStepArguments, confirmDescribers } from "./confirm-steps.ts";
import { type RepairStepArguments, repairDescribers } from "./repair-steps.ts";
import { type ResizeStepArguments, resizeDescribers } from "./resize-steps.ts";
import { type RoomStepArguments, roomDescribers } from "./room-steps.ts";

/** Maps each kind of step to what it needs. Paths are absolute; sizes are bytes. */
export interface StepArguments
  extends ResizeStepArguments,
    RepairStepArguments,
    ConfirmStepArguments,
    CheckStoreStepArguments,
    RoomStepArguments {
  /** Makes a directory and the missing ones above it, all with the same mode. */
  "make-directory": { readonly path: string; readonly mode?: number };
  /** Makes a directory with the mode, owner and extended attributes of another, unless it is there. */
  "make-directory-like": { readonly path: string; readonly like: string };
  "make-link": { readonly path: string; readonly to: string };
  /** Writes a file beside and renames it, so that it is there whole or not at all. */
  "write-file": { readonly path: string; readonly text: string };
  mount: MountStep;
  /** Mounts a file or whole disk through a read-only loop device, which goes away with the mount. */
  "mount-image": {
    readonly file: string;
    readonly target: string;
    readonly type: string;
    readonly data?: string;
  };
  /** Mounts the file system in a file through a loop device, which goes away with the mount; directly, where its host can. */
  "mount-file": MountFileStep;
  /** Shows a directory at another place too; read-only there if asked. */
  bind: { readonly source: string; readonly target: string; readonly readonly: boolean };
  /** Shows a directory, read-only, at a path inside `root`, where it is made if need be and no link is followed. */
  "show-inside": { readonly source: string; readonly root: string; readonly path: string };
  "move-mount": { readonly source: string; readonly target: string };
  "mount-overlay": OverlayStep;
  /** What is used lazily disappears from the tree at once, and is let go of when its last user is gone. */
  unmount: { readonly target: string; readonly lazily?: true };
  /** Gives a loop device's file back, at once or with the last user of the device. */
  "detach-loop": { readonly device: string };
  /** Turns a mounted file system, and the mount it is seen through, read-only or read-write; `flags` are kept. */
  remount: {
    readonly target: string;
    readonly readonly: boolean;
    readonly flags?: MountStep["flags"];
  };
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
  /** Runs a program; `action` says what for, as it stands after "Cannot". */
  "run-tool": {
    readonly action: string;
    readonly argv: readonly string[];
    readonly directory?: string;
  };
  /** Waits until a file, directory or device is on its medium. */
  "sync-file": { readonly path: string };
  "sync-file-system": { readonly path: string };
  /** Gives a file another name in the same file system; where something has it, only if that is to be replaced. */
  rename: { readonly from: string; readonly to: string; readonly replaces: boolean };
  "remove-file": { readonly path: string };
  /** Copies what is in a regular file into a new one; `bytes` is how many there were when it was looked at. */
  "copy-file": {
    readonly from: string;
    readonly to: string;
    readonly bytes: number;
    readonly mode?: number;
  };
  /** Makes a file shorter, or longer without room for what is added. */
  truncate: { readonly path: string; readonly bytes: number };
  /** Fails where a device is in use, or is not any more what it was when the plan was made. */
  "check-device": {
    readonly path: string;
    readonly bytes: number;
    readonly type: string | undefined;
    readonly uuid: string | undefined;
  };
  /** Tells a loop device that its file has another size. */
  "set-loop-capacity": { readonly device: string };
}

/** Is a mount of a file's file system; `data` are that file system's own options, comma-separated. */
export interface MountFileStep {
  readonly file: string;
  readonly target: string;
  readonly type: string;
  readonly readonly: boolean;
  readonly data?: string;
}

/** Is a mount of a device or of memory; `data` are the file system's own options, comma-separated. */
export interface MountStep {
  readonly source: string;
  readonly target: string;
  readonly type: string;
  readonly readonly: boolean;
  /** Lets the kernel refuse writes to the device while it is being mounted, which even a read-only mount may do. */
  readonly guarded?: true;
  readonly flags?: readonly (
    | "nosuid"
    | "nodev"
    | "noexec"
    | "noatime"
    | "relatime"
    | "nodiratime"
    | "sync"
    | "dirsync"
    | "strictatime"
    | "lazytime"
  )[];
  readonly data?: string;
}

/** Is an overlay: `lower` from the top down; without `upper` it is read-only. */
export interface OverlayStep {
  readonly target: string;
  readonly lower: readonly string[];
  readonly upper: string;
  readonly work: string;
  /** Overlayfs's own options without the directories ("index=off,metacopy=off"). */
  readonly options: string;
}

/** Is one change; `do` names its kind. An `optional` one that fails is reported and costs nothing else. */
export type Step = {
  [Kind in keyof StepArguments]: {
    readonly do: Kind;
    readonly optional?: true;
  } & StepArguments[Kind];
}[keyof StepArguments];

/** Is what was decided: steps in order, and what to do instead when one of them fails. */
export interface Plan<Result = unknown> {
  /** In the words of the product: "Run on the store …". */
  readonly title: string;
  readonly steps: readonly Step[];
  /** What holds once every step is done. */
  readonly result: Result;
  readonly otherwise?: Plan<Result>;
}

const describers: {
  readonly [Kind in keyof StepArguments]: (step: StepArguments[Kind]) => string;
} = {
  ...resizeDescribers,
  ...repairDescribers,
  ...checkStoreDescribers,
  ...confirmDescribers,
  ...roomDescribers,
  "make-directory": ({ path }) => `make the directory ${formatPath(path)}`,
  "make-directory-like": ({ path, like }) =>
    `make the directory ${formatPath(path)} like ${formatPath(like)}, unless it is there`,
  "make-link": ({ path, to }) => `make the link ${formatPath(path)} to ${formatPath(to)}`,
  "write-file": ({ path, text }) => `write ${formatPath(path)} (${formatSize(text.length)})`,
  mount: ({ source, target, type, readonly, guarded, flags = [], data = "" }) =>
    `mount ${formatPath(source)} (${type}) on ${formatPath(target)} ${[readonly ? "read-only" : "read-write", ...flags, ...(data === "" ? [] : [formatEscaped(data)])].join(",")}${guarded ? ", with the kernel refusing writes to it" : ""}`,
  "mount-image": ({ file, target, type, data = "" }) =>
    `mount the image ${formatPath(file)} (${type}) on ${formatPath(target)} read-only${data === "" ? "" : `,${formatEscaped(data)}`}`,
  "mount-file": ({ file, target, type, readonly, data = "" }) =>
    `mount the file ${formatPath(file)} (${type}) on ${formatPath(target)} ${readonly ? "read-only" : "read-write"}${data === "" ? "" : `,${formatEscaped(data)}`}`,
  "show-inside": ({ source, root, path }) =>
    `show ${formatPath(source)} at ${formatPath(path)} in ${formatPath(root)} read-only`,
  bind: ({ source, target, readonly }) =>
    `show ${formatPath(source)} at ${formatPath(target)}${readonly ? " read-only" : ""}`,
  "move-mount": ({ source, target }) =>
    `move the mount ${formatPath(source)} to ${formatPath(target)}`,
  "mount-overlay": ({ target, lower, upper, options }) =>
    `mount an overlay on ${formatPath(target)} that keeps changes to ${lower.map(formatPath).join(" over ")} in ${formatPath(upper)}${options === "" ? "" : ` (${formatEscaped(options)})`}`,
  unmount: ({ target, lazily }) => `unmount ${formatPath(target)}${lazily ? " lazily" : ""}`,
  "detach-loop": ({ device }) => `detach ${formatPath(device)} from its file`,
  remount: ({ target, readonly }) =>
    `make what is mounted on ${formatPath(target)} ${readonly ? "read-only" : "writable"}`,
  "create-file": ({ path }) => `make the file ${formatPath(path)}`,
  reserve: ({ path, from, bytes }) =>
    `set room aside for ${formatPath(path)} from ${formatSize(from)} to ${formatSize(bytes)}`,
  allocate: ({ path, from, bytes }) =>
    from === 0
      ? `allocate ${formatSize(bytes)} for ${formatPath(path)}`
      : `allocate ${formatPath(path)} from ${formatSize(from)} to ${formatSize(bytes)}`,
  "check-allocated": ({ path, bytes }) =>
    `make sure that all ${formatSize(bytes)} of ${formatPath(path)} are allocated`,
  "run-tool": ({ action, argv }) => `${action} (${argv.map(formatShellWord).join(" ")})`,
  "sync-file": ({ path }) => `write ${formatPath(path)} through to the medium`,
  "sync-file-system": ({ path }) =>
    `write the file system of ${formatPath(path)} through to the medium`,
  rename: ({ from, to, replaces }) =>
    `rename ${formatPath(from)} to ${formatPath(to)}${replaces ? ", replacing what is there" : ""}`,
  "remove-file": ({ path }) => `remove ${formatPath(path)}`,
  "copy-file": ({ from, to, bytes }) =>
    `copy ${formatPath(from)} (${formatSize(bytes)}) to ${formatPath(to)}`,
  truncate: ({ path, bytes }) => `cut ${formatPath(path)} to ${formatSize(bytes)}`,
  "check-device": ({ path, bytes, type }) =>
    `check that ${formatPath(path)} is still what was seen (${formatSize(bytes)}, ${type ?? "nothing recognised"}) and not in use`,
  "set-loop-capacity": ({ device }) => `tell ${formatPath(device)} the new size of its file`,
};

/** Says in words what a step does. */
export function describe(step: Step): string {
  return matchStep(step, describers);
}

/** Calls the function that belongs to the step's kind. */
export function matchStep<T>(
  step: Step,
  cases: { readonly [Kind in keyof StepArguments]: (step: StepArguments[Kind]) => T },
): T {
  // The compiler cannot see that the function under `step.do` takes this very step; StepArguments says so.
  const apply = cases[step.do] as (step: Step) => T;
  return apply(step);
}
