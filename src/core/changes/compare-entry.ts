// What an entry of the upper directory does to what the base has under its name.

import type { ChangeKind } from "./change.ts";
import { isOwnAttribute, type LayerEntry, type MarkSpace } from "./layer.ts";

/** The two entries of one name, and how their contents are compared. */
export interface Comparison {
  readonly upper: LayerEntry;
  readonly base: LayerEntry;
  readonly space: MarkSpace;
  /** Compares the contents of two files of one length. */
  readonly isSameContent: () => boolean;
}

/** Compares two entries that are no marks; a directory is not opaque. */
export function compareEntries(comparison: Comparison): ChangeKind {
  const { upper, base } = comparison;
  if (upper.kind !== base.kind) return "type";
  if (!hasSameContent(comparison)) return "modified";
  return hasSameAttributes(comparison) ? "same" : "metadata";
}

function hasSameContent({ upper, base, isSameContent }: Comparison): boolean {
  switch (upper.kind) {
    case "file":
      return upper.bytes === base.bytes && (upper.bytes === 0 || isSameContent());
    case "link":
      return upper.target === base.target;
    case "block":
    case "character":
      return upper.deviceNumber === base.deviceNumber;
    default:
      return true;
  }
}

function hasSameAttributes({ upper, base, space }: Comparison): boolean {
  return (
    upper.mode === base.mode &&
    upper.uid === base.uid &&
    upper.gid === base.gid &&
    // Whatever is done in a directory changes its time.
    (upper.kind === "directory" || isSameTime(upper, base)) &&
    hasSameXattrs(upper, base, space)
  );
}

/** Nanoseconds are 0 on squashfs, and on ext4 with small inodes. */
function isSameTime({ modified: one }: LayerEntry, { modified: other }: LayerEntry): boolean {
  if (one.seconds !== other.seconds) return false;
  const isWhole = one.nanoseconds === 0 || other.nanoseconds === 0;
  return isWhole || one.nanoseconds === other.nanoseconds;
}

function hasSameXattrs(upper: LayerEntry, base: LayerEntry, space: MarkSpace): boolean {
  if (upper.xattrs.size === 0 && base.xattrs.size === 0) return true;
  const seen = ({ xattrs }: LayerEntry) =>
    [...xattrs.keys()].filter((name) => !isOwnAttribute(name, space));
  const names = seen(upper);
  return (
    names.length === seen(base).length &&
    names.every((name) => isSameValue(upper.xattrs.get(name), base.xattrs.get(name)))
  );
}

function isSameValue(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  return (
    one !== undefined &&
    one.length === other?.length &&
    one.every((byte, index) => byte === other[index])
  );
}
