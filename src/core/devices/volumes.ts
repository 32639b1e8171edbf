// Devices that show the same file system: a disk and a partition at its start (a hybrid image on a
// stick), or the members of one btrfs file system. Each file system counts once, or nobody could
// choose it.
import { findShortage } from "../superblocks/shortage.ts";
import type { Device } from "./device.ts";

/**
 * Returns one device for each file system: the partition rather than its disk, the largest of
 * several partitions that begin at one place, the first of several members.
 */
export function listVolumes(devices: readonly Device[]): readonly Device[] {
  const shown = devices.filter(
    (device) =>
      device === bestAt(device, devices) &&
      !devices.some((part) => part.disk === device.path && isBetterPart(part, device)),
  );
  return shown.filter((device) => device === firstMember(device, shown));
}

/** A partition that is too small for the file system shows only the beginning of it. */
function isBetterPart(part: Device, disk: Device): boolean {
  return isSameVolume(part, disk) && findShortage(part) === undefined;
}

/**
 * Several partitions may begin at one place, and so may a disk and a part of it: if something else
 * passes for a table, or a table is hybrid.
 */
function bestAt(device: Device, devices: readonly Device[]): Device | undefined {
  const there = devices.filter((other) => other === device || isSamePlace(other, device));
  const whole = there.filter((one) => findShortage(one) === undefined);
  const parts = whole.filter(({ disk }) => disk !== undefined);
  const candidates = parts.length > 0 ? parts : whole.length > 0 ? whole : there;
  const most = Math.max(...candidates.map(({ bytes }) => bytes));
  return candidates.find(({ bytes }) => bytes === most);
}

function isSamePlace(one: Device, other: Device): boolean {
  const starts = [startOf(one), startOf(other)];
  return (
    isOnSameDisk(one, other) &&
    starts[0] !== undefined &&
    starts[0] === starts[1] &&
    isSameVolume(one, other)
  );
}

function startOf({ disk, start }: Device): number | undefined {
  return disk === undefined ? 0 : start;
}

/** Returns whether two devices claim to contain the same file system. */
export function isSameVolume({ superblock }: Device, { superblock: other }: Device): boolean {
  return (
    superblock?.uuid !== undefined &&
    superblock.uuid === other?.uuid &&
    superblock.type === other.type
  );
}

/**
 * Returns whether two devices show one volume: a disk and a partition of it with the same file
 * system, or two partitions that begin at one place.
 */
export function showsSameVolume(one: Device, other: Device): boolean {
  if (one.path === other.path) return true;
  const related = one.disk === other.path || other.disk === one.path;
  return (related && isSameVolume(one, other)) || isSamePlace(one, other);
}

/** Returns whether two devices are the same disk or are on it. */
export function isOnSameDisk(one: Device, other: Device): boolean {
  return (one.disk ?? one.path) === (other.disk ?? other.path);
}

/** Returns whether a type is that of a base: compressed and never written to. */
export function isBase(type: string): boolean {
  return type === "squashfs" || type === "erofs";
}

/**
 * A file system on several devices is represented by the first; with a copy among them it is
 * unclear which belong together.
 */
function firstMember(device: Device, shown: readonly Device[]): Device {
  const members = shown.filter((other) => other === device || isSameVolume(other, device));
  const ids = members.map(({ superblock }) => superblock?.memberUuid);
  const areDistinct = !ids.includes(undefined) && new Set(ids).size === ids.length;
  return (areDistinct ? members[0] : undefined) ?? device;
}

/**
 * Returns a device on the same disk with a hibernated system: that has the disk's file systems in
 * its memory, and overwrites changes to them when it resumes.
 */
export function findSleeper(device: Device, devices: readonly Device[]): Device | undefined {
  return devices.find(
    (one) =>
      isOnSameDisk(one, device) &&
      one.superblock?.unclean.some((sign) => sign === "suspended" || sign === "hibernated"),
  );
}
