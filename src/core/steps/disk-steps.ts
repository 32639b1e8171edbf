// The steps that write to a disk as a whole: past the page cache, synced, and read back from the
// disk itself. Sectors that others look for (volume descriptors, partition tables) are written by
// steps of their own, so that the plan shows the order.
import { formatPath } from "../text/quoted.ts";
import { formatSize } from "../text/size.ts";

/** A part of a disk, in bytes. */
export interface DiskPart {
  readonly offset: number;
  readonly bytes: number;
}

/** A part of a file, and where it belongs on a disk. */
export interface DiskCopy extends DiskPart {
  /** The disk. */
  readonly path: string;
  readonly from: string;
  /** Where in the file it begins. */
  readonly at: number;
}

/** The arguments of each kind of step. */
export interface DiskStepArguments {
  /** Fails if a disk has changed since the plan was made; it is claimed already. */
  "check-disk": {
    readonly path: string;
    readonly bytes: number;
    readonly type: string | undefined;
    readonly uuid: string | undefined;
  };
  /** Writes zeros over parts of a disk. */
  "clear-disk": { readonly path: string; readonly parts: readonly DiskPart[] };
  /** Copies a part of a file to a disk, and syncs it. */
  "copy-to-disk": DiskCopy;
  /** Reads back what was copied, and fails if the disk has something else. */
  "check-on-disk": DiskCopy;
  /**
   * Changes bytes of a disk, each character one, syncs it, and reads it back. Fails if they are
   * not what they were when they were inspected.
   */
  "change-disk": {
    readonly path: string;
    readonly offset: number;
    readonly from: string;
    readonly to: string;
    /** What they are: "the partition table". */
    readonly what: string;
  };
}

/** Descriptions of each kind of step. */
export const diskDescribers: {
  readonly [Kind in keyof DiskStepArguments]: (step: DiskStepArguments[Kind]) => string;
} = {
  "check-disk": ({ path, bytes, type }) =>
    `check that ${formatPath(path)} has not changed (${formatSize(bytes)}, ${type ?? "nothing recognised"})`,
  "clear-disk": ({ path, parts }) =>
    `write zeros to ${formatPath(path)}: ${parts.map(describePart).join(", ")}`,
  "copy-to-disk": (step) => `write ${describeCopy(step)}`,
  "check-on-disk": (step) => `read back ${describeCopy(step)}`,
  "change-disk": ({ path, offset, to, what }) =>
    `change ${what} on ${formatPath(path)} (${formatSize(to.length)} at ${offset})`,
};

function describeCopy({ path, from, at, offset, bytes }: DiskCopy): string {
  const start = at === offset ? "" : ` from ${at}`;
  return `${formatPath(from)}${start} to ${formatPath(path)}: ${describePart({ offset, bytes })}`;
}

function describePart({ offset, bytes }: DiskPart): string {
  return `${formatSize(bytes)} at ${offset}`;
}
