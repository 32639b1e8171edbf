// Looking into devices for a base, one after the other, with a bound: each medium that is found
// keeps its configuration in memory, and a table may have hundreds of partitions that all hold one.
import { boundLooks } from "../../core/devices/bound-looks.ts";
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

/** Looks into devices in their order; `look` returns what is on one. */
export function findMedia(
  devices: readonly Device[],
  look: (device: Device) => MediumFinding,
): FoundMedia {
  const bound = boundLooks(devices);
  const found: Medium[] = [];
  const looked: { device: Device; finding: MediumFinding }[] = [];
  for (const device of bound.looked) {
    if (found.length === mostMedia) break;
    const finding = look(device);
    looked.push({ device, finding });
    if ("medium" in finding) found.push(finding.medium);
  }
  const leftOut = [...bound.looked.slice(looked.length), ...bound.leftOut];
  return { found, looked, leftOut };
}
