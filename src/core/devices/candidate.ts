// Candidates: every device that was seen in the search for a store, each with the reason why it was
// accepted or not.

import { describeClosed } from "../superblocks/closed.ts";
import { formatEscaped, formatQuoted } from "../text/quoted.ts";
import { formatSize } from "../text/size.ts";
import type { Device } from "./device.ts";
import {
  type DeviceReference,
  describeReference,
  formatDeviceReference,
} from "./device-reference.ts";

/** A device that may contain the store, with the reason why it was accepted or not. */
export interface Candidate {
  readonly device: string;
  readonly type: string | undefined;
  readonly label: string | undefined;
  readonly uuid: string | undefined;
  readonly removable: boolean;
  /** The model of the disk that it is, or is on. */
  readonly model: string | undefined;
  readonly bytes: number;
  /** The path on it of what may be the file of a store; undefined if nothing was found. */
  readonly file?: string;
  readonly accepted: boolean;
  readonly reason: string;
}

/** Returns a candidate for a device. */
export function candidate(
  device: Device,
  { accepted, reason, file }: { accepted: boolean; reason: string; file?: string | undefined },
): Candidate {
  const { path, superblock, removable, model, bytes } = device;
  return {
    device: path,
    type: superblock?.type,
    label: superblock?.label,
    uuid: superblock?.uuid,
    removable,
    model,
    bytes,
    ...(file === undefined ? {} : { file }),
    accepted,
    reason,
  };
}

/** Returns the devices as candidates of a boot that requests no store. */
export function unaskedCandidates(
  devices: readonly Device[],
  reason: string,
): readonly Candidate[] {
  return devices.map((device) => candidate(device, { accepted: false, reason }));
}

/** The reason for a device on which nothing was recognised. */
export const unrecognised = "no file system was recognised on it";

/** Describes a device among similar ones, with the option that would choose it. */
export function describeChoice({ path, model, bytes }: Device, option: string): string {
  const parts = [...(model === undefined ? [] : [formatEscaped(model)]), formatSize(bytes), option];
  return `${formatEscaped(path)} (${parts.join(", ")})`;
}

/** Describes why a device is not the requested one. */
export function describeOther(device: Device, reference: DeviceReference): string {
  const closed = device.superblock && describeClosed(device.superblock);
  if (closed !== undefined && reference.kind !== "path") return closed;
  if (reference.kind !== "label") return `it is not ${describeReference(reference)}`;
  if (device.superblock === undefined) return unrecognised;
  const { label } = device.superblock;
  return label === undefined ? "it has no label" : `its label is ${formatQuoted(label)}`;
}

/**
 * Formats an option value that chooses this device and no other; one that survives moving it to
 * another socket, if possible.
 */
export function formatChoice(
  { superblock, partUuid, path }: Device,
  chooses: (reference: DeviceReference) => boolean,
): string {
  const references: DeviceReference[] = [];
  if (superblock?.uuid !== undefined) references.push({ kind: "uuid", value: superblock.uuid });
  if (partUuid !== undefined) references.push({ kind: "partuuid", value: partUuid });
  const reference = references.find(chooses);
  if (reference) return formatDeviceReference(reference);
  // An image file has no path that a boot could use.
  return path.startsWith("/dev/") ? path : "/dev/…";
}
