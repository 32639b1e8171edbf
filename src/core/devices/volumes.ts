// Which devices show one file system: a disk and a partition at its start (a hybrid image on a stick), or the members
// of one btrfs. Each file system counts once, or nobody could choose it.
import type { Device } from "./device.ts";

/** Lists each file system by one device: the partition rather than its disk, the first of several members. */
export function listVolumes(devices: readonly Device[]): readonly Device[] {
  const shown = devices.filter(
    (disk) => !devices.some((part) => part.disk === disk.path && isSameVolume(part, disk)),
  );
  return shown.filter((device) => device === firstMember(device, shown));
}

/** Tells whether two devices say that they hold one file system. */
export function isSameVolume({ superblock }: Device, { superblock: other }: Device): boolean {
  return (
    superblock?.uuid !== undefined &&
    superblock.uuid === other?.uuid &&
    superblock.type === other.type
  );
}

/** Tells whether a type is that of a base: compressed, and never written to. */
export function isBase(type: string): boolean {
  return type === "squashfs" || type === "erofs";
}

/** A file system on several devices is the first of them; with a copy among them nobody knows which belong together. */
function firstMember(device: Device, shown: readonly Device[]): Device {
  const members = shown.filter((other) => other === device || isSameVolume(other, device));
  const ids = members.map(({ superblock }) => superblock?.memberUuid);
  const areDistinct = !ids.includes(undefined) && new Set(ids).size === ids.length;
  return (areDistinct ? members[0] : undefined) ?? device;
}
