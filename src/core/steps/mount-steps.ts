// The steps that mount something, and those that unmount it again.
import type { OptionFlag } from "../kernel/mount-flags.ts";
import { formatEscaped, formatPath } from "../text/quoted.ts";

/** The arguments of each kind of step. Paths are absolute. */
export interface MountStepArguments {
  mount: MountStep;
  /** Mounts a file or whole disk through a read-only loop device, which is detached on unmount. */
  "mount-image": {
    readonly file: string;
    readonly target: string;
    readonly type: string;
    readonly data?: string;
  };
  /**
   * Mounts a module of SystemRescue, an image at a path of the mounted medium, like mount-image. If
   * it cannot be mounted, the plan is outdated.
   */
  "mount-srm": {
    readonly medium: string;
    readonly path: string;
    readonly target: string;
    readonly type: string;
  };
  /**
   * Mounts the file system in a file through a loop device, which is detached on unmount; directly,
   * where the host supports it.
   */
  "mount-file": MountFileStep;
  /**
   * Mounts a partition through a loop device, because the disk that it is on is mounted as a whole
   * and keeps it from being mounted itself.
   */
  "mount-partition": MountPartitionStep;
  /** Binds a directory to another place; read-only there if asked. */
  bind: { readonly source: string; readonly target: string; readonly readonly: boolean };
  /**
   * Binds a directory read-only to a path inside `root`, which is created if it does not exist; no
   * symbolic link is followed.
   */
  "show-inside": { readonly source: string; readonly root: string; readonly path: string };
  "move-mount": { readonly source: string; readonly target: string };
  "mount-overlay": OverlayStep;
  /**
   * A lazy unmount removes it from the tree at once, and releases it when its last user is gone.
   */
  unmount: { readonly target: string; readonly lazily?: true };
  /**
   * Makes a mounted file system, and the mount that shows it, read-only or read-write; `flags` are
   * kept.
   */
  remount: {
    readonly target: string;
    readonly readonly: boolean;
    readonly flags?: readonly OptionFlag[];
  };
  /** Makes a mount read-only whose file system stays writable elsewhere; `flags` are kept. */
  "protect-mount": { readonly target: string; readonly flags: readonly OptionFlag[] };
  /**
   * Puts the mounts at `by` in the place of a root that others have assembled, with what is mounted
   * below that. If it fails, the old root is still there.
   */
  "replace-root": { readonly root: string; readonly by: string };
}

/**
 * A mount of the file system in a file; `data` are that file system's own options, comma-separated.
 */
interface MountFileStep {
  readonly file: string;
  readonly target: string;
  readonly type: string;
  readonly readonly: boolean;
  readonly data?: string;
}

/** A mount of a partition through a loop device; `data` are the file system's own options. */
interface MountPartitionStep extends Omit<MountFileStep, "file"> {
  readonly device: string;
  readonly flags?: readonly OptionFlag[];
}

/** A mount of a device or of a tmpfs; `data` are the file system's own options, comma-separated. */
interface MountStep {
  readonly source: string;
  readonly target: string;
  readonly type: string;
  readonly readonly: boolean;
  /**
   * Makes the kernel refuse writes to the device during the mount, because even a read-only mount
   * may write.
   */
  readonly guarded?: true;
  readonly flags?: readonly OptionFlag[];
  readonly data?: string;
}

/** An overlay: `lower` from the top down; without `upper` it is read-only. */
interface OverlayStep {
  readonly target: string;
  readonly lower: readonly string[];
  readonly upper: string;
  readonly work: string;
  /** Overlayfs's own options without the directories ("index=off,metacopy=off"). */
  readonly options: string;
}

/** Descriptions of each kind of step. */
export const mountDescribers: {
  readonly [Kind in keyof MountStepArguments]: (step: MountStepArguments[Kind]) => string;
} = {
  mount: ({ source, target, type, guarded, ...how }) =>
    `mount ${formatPath(source)} (${type}) on ${formatPath(target)} ${describeHow(how)}${guarded ? ", with writes to it blocked by the kernel" : ""}`,
  "mount-image": ({ file, target, type, ...how }) =>
    `mount the image ${formatPath(file)} (${type}) on ${formatPath(target)} ${describeHow({ ...how, readonly: true })}`,
  "mount-srm": ({ medium, path, target, type }) =>
    `mount the module ${formatPath(`${medium}/${path}`)} (${type}) on ${formatPath(target)} read-only`,
  "mount-file": ({ file, target, type, ...how }) =>
    `mount the file ${formatPath(file)} (${type}) on ${formatPath(target)} ${describeHow(how)}`,
  "mount-partition": ({ device, target, type, ...how }) =>
    `mount ${formatPath(device)} (${type}) on ${formatPath(target)} ${describeHow(how)} through a loop device, because its disk is in use as a whole`,
  bind: ({ source, target, readonly }) =>
    `bind ${formatPath(source)} to ${formatPath(target)}${readonly ? " read-only" : ""}`,
  "show-inside": ({ source, root, path }) =>
    `bind ${formatPath(source)} to ${formatPath(path)} in ${formatPath(root)} read-only`,
  "move-mount": ({ source, target }) =>
    `move the mount ${formatPath(source)} to ${formatPath(target)}`,
  "mount-overlay": ({ target, lower, upper, options }) =>
    `mount an overlay on ${formatPath(target)} that keeps changes to ${lower.map(formatPath).join(" over ")} in ${formatPath(upper)}${options === "" ? "" : ` (${formatEscaped(options)})`}`,
  unmount: ({ target, lazily }) => `unmount ${formatPath(target)}${lazily ? " lazily" : ""}`,
  remount: ({ target, readonly }) =>
    `remount ${formatPath(target)} ${readonly ? "read-only" : "read-write"}`,
  "protect-mount": ({ target }) => `make the mount ${formatPath(target)} read-only again`,
  "replace-root": ({ root, by }) =>
    `put the mount ${formatPath(by)} in the place of the root ${formatPath(root)}`,
};

function describeHow({
  readonly,
  flags = [],
  data = "",
}: Pick<MountStep, "readonly" | "flags" | "data">): string {
  const options = data === "" ? [] : [formatEscaped(data)];
  return [readonly ? "read-only" : "read-write", ...flags, ...options].join(",");
}
