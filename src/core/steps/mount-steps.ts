// The steps that mount something, and those that take it away again.
import type { OptionFlag } from "../kernel/mount-flags.ts";
import { formatEscaped, formatPath } from "../text/quoted.ts";

/** Maps each kind of step to what it needs. Paths are absolute. */
export interface MountStepArguments {
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
  /** Turns a mounted file system, and the mount it is seen through, read-only or read-write; `flags` are kept. */
  remount: {
    readonly target: string;
    readonly readonly: boolean;
    readonly flags?: readonly OptionFlag[];
  };
}

/** Is a mount of a file's file system; `data` are that file system's own options, comma-separated. */
interface MountFileStep {
  readonly file: string;
  readonly target: string;
  readonly type: string;
  readonly readonly: boolean;
  readonly data?: string;
}

/** Is a mount of a device or of memory; `data` are the file system's own options, comma-separated. */
interface MountStep {
  readonly source: string;
  readonly target: string;
  readonly type: string;
  readonly readonly: boolean;
  /** Lets the kernel refuse writes to the device while it is being mounted, which even a read-only mount may do. */
  readonly guarded?: true;
  readonly flags?: readonly OptionFlag[];
  readonly data?: string;
}

/** Is an overlay: `lower` from the top down; without `upper` it is read-only. */
interface OverlayStep {
  readonly target: string;
  readonly lower: readonly string[];
  readonly upper: string;
  readonly work: string;
  /** Overlayfs's own options without the directories ("index=off,metacopy=off"). */
  readonly options: string;
}

/** Says in words what each step does. */
export const mountDescribers: {
  readonly [Kind in keyof MountStepArguments]: (step: MountStepArguments[Kind]) => string;
} = {
  mount: ({ source, target, type, readonly, guarded, flags = [], data = "" }) =>
    `mount ${formatPath(source)} (${type}) on ${formatPath(target)} ${[readonly ? "read-only" : "read-write", ...flags, ...(data === "" ? [] : [formatEscaped(data)])].join(",")}${guarded ? ", with the kernel refusing writes to it" : ""}`,
  "mount-image": ({ file, target, type, data = "" }) =>
    `mount the image ${formatPath(file)} (${type}) on ${formatPath(target)} read-only${data === "" ? "" : `,${formatEscaped(data)}`}`,
  "mount-file": ({ file, target, type, readonly, data = "" }) =>
    `mount the file ${formatPath(file)} (${type}) on ${formatPath(target)} ${readonly ? "read-only" : "read-write"}${data === "" ? "" : `,${formatEscaped(data)}`}`,
  bind: ({ source, target, readonly }) =>
    `show ${formatPath(source)} at ${formatPath(target)}${readonly ? " read-only" : ""}`,
  "show-inside": ({ source, root, path }) =>
    `show ${formatPath(source)} at ${formatPath(path)} in ${formatPath(root)} read-only`,
  "move-mount": ({ source, target }) =>
    `move the mount ${formatPath(source)} to ${formatPath(target)}`,
  "mount-overlay": ({ target, lower, upper, options }) =>
    `mount an overlay on ${formatPath(target)} that keeps changes to ${lower.map(formatPath).join(" over ")} in ${formatPath(upper)}${options === "" ? "" : ` (${formatEscaped(options)})`}`,
  unmount: ({ target, lazily }) => `unmount ${formatPath(target)}${lazily ? " lazily" : ""}`,
  remount: ({ target, readonly }) =>
    `make what is mounted on ${formatPath(target)} ${readonly ? "read-only" : "writable"}`,
};
