// Which devices show file systems of their own: a disk whose partition shows the same volume (a hybrid image on a
// stick) and the further members of one btrfs are shown by another device already.
import type { Device } from "./device.ts";

/** Lists the devices that show something no other one before them shows. */
export function listVolumes(devices: readonly Device[]): readonly Device[] {
  return devices.filter(
    (device, index) =>
      !devices.some((other) => other.disk === device.path && isSameVolume(other, device)) &&
      !devices.slice(0, index).some((other) => isOtherMember(other, device)),
  );
}

/** Tells whether a type is that of a base: compressed, and never written to. */
export function isBase(type: string): boolean {
  return type === "squashfs" || type === "erofs";
}

function isOtherMember(one: Device, other: Device): boolean {
  const ids = [one.superblock?.memberUuid, other.superblock?.memberUuid];
  return isSameVolume(one, other) && !ids.includes(undefined) && ids[0] !== ids[1];
}

function isSameVolume({ superblock }: Device, { superblock: other }: Device): boolean {
  return (
    superblock?.uuid !== undefined &&
    superblock.uuid === other?.uuid &&
    superblock.type === other.type
  );
}
