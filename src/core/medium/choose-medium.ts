// Which device carries the base. The options may name it; otherwise every device that can be
// inspected is, beginning with those that people boot from.
import type { Device } from "../devices/device.ts";
import {
  type DeviceReference,
  describeReference,
  matchesReference,
} from "../devices/device-reference.ts";
import { isOnSameDisk, showsSameVolume } from "../devices/volumes.ts";
import { driverOf } from "../file-systems/mounting.ts";
import type { Problem } from "../options/option-source.ts";
import type { Options } from "../options/options.ts";
import type { Medium } from "./medium.ts";

/**
 * Returns the devices that may be the medium, in the order of inspection; a disk comes after its
 * partitions.
 */
export function listMediumCandidates(
  devices: readonly Device[],
  options: Options,
): readonly Device[] {
  const reference = mediumReference(options);
  const mountable = devices.filter(
    (device) => driverOf(device.superblock?.type ?? "") !== undefined,
  );
  const named = reference
    ? mountable.filter((device) => matchesReference(device, reference))
    : mountable;
  return [...named].sort((one, other) => rank(one) - rank(other));
}

/** Returns whether the options name the medium, so that no other can be meant. */
export function isMediumNamed(options: Options): boolean {
  return mediumReference(options) !== undefined;
}

/** The result of choosing a medium; `others` carry a base too and were not chosen. */
export interface MediumChoice {
  readonly medium: Medium;
  readonly others: readonly Medium[];
  /** Devices that were not looked into; missing if there are none. */
  readonly leftOut?: readonly Device[];
}

/** Chooses among the media that were found, in the order of listMediumCandidates(). */
export function chooseMedium(
  found: readonly Medium[],
  leftOut: readonly Device[] = [],
): MediumChoice | undefined {
  const [medium, ...rest] = found;
  if (!medium) return undefined;
  return {
    medium,
    others: rest.filter((other) => !showsSameVolume(other.device, medium.device)),
    ...(leftOut.length > 0 && { leftOut }),
  };
}

/**
 * Reports that other devices carry a live system too, so that nobody has to guess why this one was
 * chosen.
 */
export function describeOthers({ medium, others, leftOut = [] }: MediumChoice): readonly Problem[] {
  const problems = others.map((other) => ({
    message: `More than one live medium: using ${medium.device.path}, ignoring ${other.device.path}`,
  }));
  const [first] = leftOut;
  if (first === undefined) return problems;
  const more = leftOut.length > 1 ? ` and ${leftOut.length - 1} more` : "";
  const message = `Cannot look for a live system everywhere: ${first.path}${more} were left out, because there are so many`;
  return [...problems, { message }];
}

/**
 * Reports that other devices match the name given for the medium, as far as they were not
 * inspected.
 */
export function describeTwins(
  { medium, others, leftOut = [] }: MediumChoice,
  { devices, options }: { readonly devices: readonly Device[]; readonly options: Options },
): readonly Problem[] {
  const reference = mediumReference(options);
  if (reference === undefined) return [];
  const known = [medium, ...others].map(({ device }) => device);
  return listMediumCandidates(devices, options)
    .filter((device) => !known.some((other) => showsSameVolume(device, other)))
    .filter((device) => !leftOut.includes(device))
    .map(({ path }) => ({
      message: `More than one device ${describeReference(reference)}: using ${medium.device.path}, ignoring ${path}`,
    }));
}

/** Marks the disk that carries the medium as removable, as it is to the person who inserted it. */
export function markMedium(devices: readonly Device[], medium: Device): readonly Device[] {
  return devices.map((device) =>
    isOnSameDisk(device, medium) ? { ...device, removable: true } : device,
  );
}

/** Describes the medium that the boot is waiting for. */
export function describeMedium(options: Options): string {
  const reference = mediumReference(options);
  return reference ? `the medium ${describeReference(reference)}` : "a medium with a live system";
}

function mediumReference({ archisodevice, archisolabel }: Options): DeviceReference | undefined {
  if (archisodevice.value) return archisodevice.value;
  return archisolabel.value === undefined
    ? undefined
    : { kind: "label", value: archisolabel.value };
}

function rank(device: Device): number {
  const place = device.optical || device.removable ? 0 : 2;
  return place + (device.partition === undefined && !device.optical ? 1 : 0);
}
