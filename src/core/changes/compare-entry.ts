// What an entry of the upper directory does to what the base has under its name.

import type { ChangeKind } from "./change.ts";
import { hasNoAttributes, isOwnAttribute, type LayerEntry, type MarkSpace } from "./layer.ts";

/**
 * Compares two entries that are no marks, as far as that is possible without reading them; a
 * directory is not opaque.
 */
export function compareEntries(upper: LayerEntry, base: LayerEntry, space: MarkSpace): ChangeKind {
  if (upper.kind !== base.kind) return "type";
  if (!mayHaveSameContent(upper, base)) return "modified";
  return hasSameAttributes(upper, base, space) ? "same" : "metadata";
}

/** Compares two plain files in the same way. */
export function comparePlainFiles(upper: LayerEntry, base: LayerEntry): ChangeKind {
  if (upper.bytes !== base.bytes) return "modified";
  return hasSameOwner(upper, base) && isSameTime(upper, base) ? "same" : "metadata";
}

function mayHaveSameContent(upper: LayerEntry, base: LayerEntry): boolean {
  switch (upper.kind) {
    case "file":
      return upper.bytes === base.bytes;
    case "link":
      return upper.target === base.target;
    case "block":
    case "character":
      return upper.deviceNumber === base.deviceNumber;
    default:
      return true;
  }
}

function hasSameAttributes(upper: LayerEntry, base: LayerEntry, space: MarkSpace): boolean {
  return (
    hasSameOwner(upper, base) &&
    // Whatever is done in a directory changes its time.
    (upper.kind === "directory" || isSameTime(upper, base)) &&
    hasSameXattrs(upper, base, space)
  );
}

function hasSameOwner(upper: LayerEntry, base: LayerEntry): boolean {
  return upper.mode === base.mode && upper.uid === base.uid && upper.gid === base.gid;
}

/** Nanoseconds are 0 on squashfs, and on ext4 with small inodes. */
function isSameTime({ modified: one }: LayerEntry, { modified: other }: LayerEntry): boolean {
  if (one.seconds !== other.seconds) return false;
  const isWhole = one.nanoseconds === 0 || other.nanoseconds === 0;
  return isWhole || one.nanoseconds === other.nanoseconds;
}

function hasSameXattrs(upper: LayerEntry, base: LayerEntry, space: MarkSpace): boolean {
  if (hasNoAttributes(upper.xattrs, space) && hasNoAttributes(base.xattrs, space)) return true;
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
