// How many file systems of one disk are looked into. Each is mounted for that, and a partition
// table may have hundreds.
import type { Device } from "./device.ts";

/** More partitions than a disk has that people boot from, or keep a store on. */
const mostOfDisk = 32;

/** Why a device is not looked into. */
export const leftOut = `it was left out: no more than ${mostOfDisk} file systems of a disk are looked into`;

/** Devices to look into, in their order, and those that are left out. */
interface BoundLooks {
  readonly looked: readonly Device[];
  readonly leftOut: readonly Device[];
}

/** Divides devices: of each disk the first ones are looked into. */
export function boundLooks(devices: readonly Device[]): BoundLooks {
  const counts = new Map<string, number>();
  const looked: Device[] = [];
  const leftOut: Device[] = [];
  for (const device of devices) {
    const disk = device.disk ?? device.path;
    const count = counts.get(disk) ?? 0;
    counts.set(disk, count + 1);
    (count < mostOfDisk ? looked : leftOut).push(device);
  }
  return { looked, leftOut };
}
