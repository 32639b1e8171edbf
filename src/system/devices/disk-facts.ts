// What the kernel says about a disk in /sys, without reading the disk.
// Documentation/ABI/stable/sysfs-block.

import { ifPossible } from "../port/errors.ts";
import { readIfPresent } from "../port/files.ts";
import type { System } from "../port/system.ts";

/**
 * Returns whether a block device, symbolic links resolved, is removable as a user understands it;
 * undefined if boots ignore it.
 */
export function discoverRemovable(system: System, path: string): boolean | undefined {
  const found = findDisk(system, path);
  return found && isRemovable(system, found.disk, found.place);
}

/**
 * Returns the model of the disk that a block device, symbolic links resolved, is or is on;
 * undefined if boots ignore it, or it has none. No disk is read for that.
 */
export function discoverModel(system: System, path: string): string | undefined {
  const found = findDisk(system, path);
  return found && readModel(system, found.disk);
}

/** The name of the disk that a device is, or is on, and the device's place in the machine. */
interface DiskOf {
  readonly disk: string;
  readonly place: string;
}

function findDisk(system: System, path: string): DiskOf | undefined {
  const name = path.replace(/^\/dev\//, "").replaceAll("/", "!");
  const directory = `/sys/class/block/${name}`;
  if (system.status(directory) === undefined || isIgnored(name)) return undefined;
  const place = placeOf(system, directory);
  const isPartition = system.status(`${directory}/partition`) !== undefined;
  return { disk: isPartition ? (place.split("/").at(-2) ?? name) : name, place };
}

/** Returns the model of a disk by its name; undefined if it has none. */
export function readModel(system: System, disk: string): string | undefined {
  return firstText(system, [
    `/sys/class/block/${disk}/device/model`,
    `/sys/class/block/${disk}/device/name`,
  ]);
}

/** Returns the serial number of a disk by its name; undefined if it has none. */
export function readSerial(system: System, disk: string): string | undefined {
  return firstText(system, [
    `/sys/class/block/${disk}/serial`,
    `/sys/class/block/${disk}/device/serial`,
  ]);
}

/**
 * Returns whether a disk is removable as a user understands it: the kernel's flag is 0 for USB
 * disks and for card readers. eMMC is an internal disk.
 */
export function isRemovable(system: System, disk: string, place: string): boolean {
  if (readIfPresent(system, `/sys/class/block/${disk}/removable`)?.trim() === "1") return true;
  if (/\/usb\d+\//.test(place)) return true;
  return (
    disk.startsWith("mmcblk") &&
    readIfPresent(system, `/sys/class/block/${disk}/device/type`)?.trim() === "SD"
  );
}

/** Returns the device's place in the machine ("/devices/pci0000:00/…/usb1/…/block/sda/sda1"). */
export function placeOf(system: System, directory: string): string {
  return ifPossible(() => system.readLink(directory)) ?? directory;
}

/** Returns whether boots ignore a block device: memory, loop and floppy devices. */
export function isIgnored(name: string): boolean {
  return /^(ram|zram|loop|fd)\d/.test(name);
}

function firstText(system: System, paths: readonly string[]): string | undefined {
  for (const path of paths) {
    const text = readIfPresent(system, path)?.trim();
    if (text) return text;
  }
  return undefined;
}
