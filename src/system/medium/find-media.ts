// Looking into devices for a base, one after the other, with a bound: each medium that is found
// keeps its configuration in memory, and a table may have hundreds of partitions that all hold one.
import type { Device } from "../../core/devices/device.ts";
import type { Medium, MediumFinding } from "../../core/medium/medium.ts";

/** What was found in the devices. */
export interface FoundMedia {
  readonly found: readonly Medium[];
  readonly looked: readonly { readonly device: Device; readonly finding: MediumFinding }[];
  /** Devices that were not looked into, because there are so many. */
  readonly leftOut: readonly Device[];
}

/** More live systems than anybody plugs in. */
const mostMedia = 16;

/** More partitions than a disk has that people boot from; each is mounted to look into it. */
const mostOfDisk = 32;

/** Looks into devices in their order; `look` returns what is on one. */
export function findMedia(
  devices: readonly Device[],
  look: (device: Device) => MediumFinding,
): FoundMedia {
  const found: Medium[] = [];
  const looked: { device: Device; finding: MediumFinding }[] = [];
  const leftOut: Device[] = [];
  const counts = new Map<string, number>();
  for (const device of devices) {
    const disk = device.disk ?? device.path;
    const count = counts.get(disk) ?? 0;
    counts.set(disk, count + 1);
    if (found.length === mostMedia || count >= mostOfDisk) {
      leftOut.push(device);
      continue;
    }
    const finding = look(device);
    looked.push({ device, finding });
    if ("medium" in finding) found.push(finding.medium);
  }
  return { found, looked, leftOut };
}
