// Which device has the directory store that the options name. Never a guess: exactly one, or none
// with every candidate named and the option that would choose it.

import {
  type Candidate,
  candidate,
  describeChoice,
  describeOther,
  formatChoice,
  unrecognised,
} from "../devices/candidate.ts";
import type { Device } from "../devices/device.ts";
import {
  type DeviceReference,
  describeReference,
  matchesReference,
} from "../devices/device-reference.ts";
import { describeHidden } from "../devices/hidden-devices.ts";
import { isSameVolume, listVolumes } from "../devices/volumes.ts";
import { directoryStoreTypes, holdsDirectoryStore } from "../file-systems/mounting.ts";
import { formatFew, formatList, joinFew } from "../text/quoted.ts";
import { formatDirectoryOptions } from "./choosing-options.ts";

/** The choice: at most one device, every candidate, and a sentence if there is none. */
interface DirectoryStoreChoice {
  readonly device: Device | undefined;
  readonly candidates: readonly Candidate[];
  /** Why no device was chosen ("no file system has the label …"); undefined if one was. */
  readonly missing: string | undefined;
  /** Whether waiting longer is useless: the named device exists, but cannot be used. */
  readonly isFinal: boolean;
}

/** Chooses the device that `reference` names. */
export function chooseDirectoryStore(
  devices: readonly Device[],
  reference: DeviceReference,
): DirectoryStoreChoice {
  const selection = select(devices, reference);
  const { named, volumes } = selection;
  const chosen = volumes.length === 1 ? volumes[0] : undefined;
  return {
    device: chosen,
    candidates: devices.map((device) => {
      const accepted = device === chosen;
      const reason = accepted
        ? `it is ${describeReference(reference)}`
        : describeRejection(device, selection);
      return candidate(device, { accepted, reason });
    }),
    missing: chosen ? undefined : describeMissing(selection),
    isFinal: named.length > 0,
  };
}

/**
 * The devices that a reference names, and among them the file systems that can contain a store,
 * each by one device.
 */
interface Selection {
  readonly devices: readonly Device[];
  readonly reference: DeviceReference;
  readonly named: readonly Device[];
  readonly volumes: readonly Device[];
}

function select(devices: readonly Device[], reference: DeviceReference): Selection {
  const named = devices.filter((device) => matchesReference(device, reference));
  const usable = named.filter((device) => holdsDirectoryStore(device.superblock?.type ?? ""));
  return { devices, reference, named, volumes: listVolumes(usable) };
}

function describeRejection(device: Device, selection: Selection): string {
  const { reference, named, volumes } = selection;
  if (!named.includes(device)) return device.problem ?? describeOther(device, reference);
  const unusable = describeUnusable(device);
  if (unusable !== undefined) return `it is ${describeReference(reference)}, but ${unusable}`;
  if (!volumes.includes(device)) {
    const shown = volumes.find((other) => isSameVolume(other, device));
    return `it has the same file system as ${shown?.path}`;
  }
  const others = volumes.filter((other) => other !== device).map(({ path }) => path);
  const option = choosingOption(device, selection);
  return `it is ${describeReference(reference)}, but so ${others.length === 1 ? "is" : "are"} ${formatFew(others)}; ${option} chooses this one`;
}

/**
 * Returns why a device cannot contain a directory store, as the continuation of "but"; undefined if
 * it can.
 */
function describeUnusable({ superblock, problem }: Device): string | undefined {
  if (problem !== undefined) return problem;
  if (superblock === undefined) return unrecognised;
  if (holdsDirectoryStore(superblock.type)) return undefined;
  return `it is ${superblock.type}, and a directory store needs ${formatList(directoryStoreTypes, "or")}`;
}

function describeMissing(selection: Selection): string {
  const { reference, named, volumes } = selection;
  const matched = describeReference(reference);
  if (named.length === 0)
    return `there is no device ${matched}${describeHidden(selection.devices)}`;
  const is = reference.kind === "path" ? "was named" : `is ${matched}`;
  if (volumes.length === 0)
    return joinFew(named.map((device) => `${device.path} ${is}, but ${describeUnusable(device)}`));
  const choices = volumes.map((one) => describeChoice(one, choosingOption(one, selection)));
  return `${formatFew(choices)} are ${volumes.length === 2 ? "both" : "all"} ${matched}, so none was used: choose one with its option`;
}

function choosingOption(device: Device, { devices }: Selection): string {
  const choice = formatChoice(device, (reference) => {
    const { volumes } = select(devices, reference);
    return volumes.length === 1 && volumes[0] === device;
  });
  return formatDirectoryOptions({ directory: undefined, device: choice }) ?? "no option";
}
