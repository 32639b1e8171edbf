// Candidates: every device that was seen when a store was looked for, each with the reason why it was taken or not.

import { formatEscaped, formatQuoted } from "../text/quoted.ts";
import { formatSize } from "../text/size.ts";
import type { Device } from "./device.ts";
import {
  type DeviceReference,
  describeReference,
  formatDeviceReference,
} from "./device-reference.ts";

/** Is a device that may hold the store, with the reason why it was taken or not. */
export interface Candidate {
  readonly device: string;
  readonly type: string | undefined;
  readonly label: string | undefined;
  readonly uuid: string | undefined;
  readonly removable: boolean;
  /** Of the disk that it is or lies on, as its maker calls it. */
  readonly model: string | undefined;
  readonly bytes: number;
  /** The path on it at which something was found that may be a store's file; missing where nothing was. */
  readonly file?: string;
  readonly accepted: boolean;
  readonly reason: string;
}

/** Makes a candidate of a device. */
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

/** Lists the devices as candidates of a boot that asks for no store. */
export function unaskedCandidates(
  devices: readonly Device[],
  reason: string,
): readonly Candidate[] {
  return devices.map((device) => candidate(device, { accepted: false, reason }));
}

/** Says of a device on which nothing can be found that nothing was recognised on it. */
export const unrecognised = "no file system was recognised on it";

/** Names a device among others that it could be taken for, with the option that would choose it. */
export function describeChoice({ path, model, bytes }: Device, option: string): string {
  const parts = [...(model === undefined ? [] : [formatEscaped(model)]), formatSize(bytes), option];
  return `${formatEscaped(path)} (${parts.join(", ")})`;
}

/** Says why a device is not the one that was asked for. */
export function describeOther(device: Device, reference: DeviceReference): string {
  if (reference.kind !== "label") return `it is not ${describeReference(reference)}`;
  if (device.superblock === undefined) return unrecognised;
  const { label } = device.superblock;
  return label === undefined ? "it has no label" : `its label is ${formatQuoted(label)}`;
}

/** Formats what a boot can be given to choose a device and no other; by what survives another socket, if it can. */
export function formatChoice(
  { superblock, partUuid, path }: Device,
  chooses: (reference: DeviceReference) => boolean,
): string {
  const references: DeviceReference[] = [];
  if (superblock?.uuid !== undefined) references.push({ kind: "uuid", value: superblock.uuid });
  if (partUuid !== undefined) references.push({ kind: "partuuid", value: partUuid });
  const reference = references.find(chooses);
  if (reference) return formatDeviceReference(reference);
  // An image file has no path that a boot could be given.
  return path.startsWith("/dev/") ? path : "/dev/…";
}
