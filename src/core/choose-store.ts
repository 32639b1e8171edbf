// Which device holds the directory store that the options name. Never a guess: exactly one, or none with every
// candidate named and the option that would choose it.
import type { Device } from "./device.ts";
import {
  type DeviceReference,
  describeReference,
  formatDeviceReference,
  matchesReference,
} from "./device-reference.ts";
import { directoryStoreTypes, holdsDirectoryStore } from "./file-systems.ts";
import { formatQuoted } from "./quoted.ts";

/** Is a device that may hold the store, with the reason why it was taken or not. */
export interface Candidate {
  readonly device: string;
  readonly type: string | undefined;
  readonly label: string | undefined;
  readonly uuid: string | undefined;
  readonly removable: boolean;
  readonly accepted: boolean;
  readonly reason: string;
}

/** Is the choice: at most one device, every candidate, and a sentence when there is none. */
export interface StoreChoice {
  readonly device: Device | undefined;
  readonly candidates: readonly Candidate[];
  /** Why no device was chosen ("no file system has the label …"); undefined when one was. */
  readonly missing: string | undefined;
  /** Waiting longer cannot help: what was named is there, and cannot be taken. */
  readonly final: boolean;
}

/** Chooses the device that `reference` names. */
export function chooseStoreDevice(
  devices: readonly Device[],
  reference: DeviceReference,
): StoreChoice {
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
    final: named.length > 0,
  };
}

/** Lists the devices as candidates of a boot that asks for no store. */
export function unaskedCandidates(
  devices: readonly Device[],
  reason: string,
): readonly Candidate[] {
  return devices.map((device) => candidate(device, { accepted: false, reason }));
}

/** Makes a candidate of a device. */
export function candidate(
  device: Device,
  { accepted, reason }: { accepted: boolean; reason: string },
): Candidate {
  const { path, superblock, removable } = device;
  return {
    device: path,
    type: superblock?.type,
    label: superblock?.label,
    uuid: superblock?.uuid,
    removable,
    accepted,
    reason,
  };
}

/** Is what a reference names, and of that the file systems that can hold a store, each by one device. */
interface Selection {
  readonly devices: readonly Device[];
  readonly reference: DeviceReference;
  readonly named: readonly Device[];
  readonly volumes: readonly Device[];
}

function select(devices: readonly Device[], reference: DeviceReference): Selection {
  const named = devices.filter((device) => matchesReference(device, reference));
  const usable = named.filter((device) => holdsDirectoryStore(device.superblock?.type ?? ""));
  const shown = usable.filter(
    (disk) => !usable.some((part) => part.disk === disk.path && isSameVolume(part, disk)),
  );
  const volumes = shown.filter((device) => device === firstMember(device, shown));
  return { devices, reference, named, volumes };
}

/** A file system on several devices is the first of them; with a copy among them nobody knows which belong together. */
function firstMember(device: Device, shown: readonly Device[]): Device {
  const members = shown.filter((other) => other === device || isSameVolume(other, device));
  const ids = members.map(({ superblock }) => superblock?.memberUuid);
  const areDistinct = !ids.includes(undefined) && new Set(ids).size === ids.length;
  return (areDistinct ? members[0] : undefined) ?? device;
}

function isSameVolume({ superblock }: Device, { superblock: other }: Device): boolean {
  return (
    superblock?.uuid !== undefined &&
    superblock.uuid === other?.uuid &&
    superblock.type === other.type
  );
}

function describeRejection(device: Device, selection: Selection): string {
  const { reference, named, volumes } = selection;
  if (!named.includes(device)) return device.problem ?? describeOther(device, reference);
  const unusable = describeUnusable(device);
  if (unusable !== undefined) return `it is ${describeReference(reference)}, but ${unusable}`;
  if (!volumes.includes(device)) {
    const shown = volumes.find((other) => isSameVolume(other, device));
    return `it shows the same file system as ${shown?.path}`;
  }
  const others = volumes.filter((other) => other !== device).map(({ path }) => path);
  return `it is ${describeReference(reference)}, but so ${others.length === 1 ? "is" : "are"} ${listAll(others)}; ${choosingOption(device, selection)} chooses this one`;
}

const unrecognised = "no file system was recognised on it";

/** Why a device can hold no directory store, to stand after "but"; undefined when it can. */
function describeUnusable({ superblock, problem }: Device): string | undefined {
  if (problem !== undefined) return problem;
  if (superblock === undefined) return unrecognised;
  if (holdsDirectoryStore(superblock.type)) return undefined;
  return `it is ${superblock.type}, and a directory store needs ${listTypes()}`;
}

function describeOther(device: Device, reference: DeviceReference): string {
  if (reference.kind !== "label") return `it is not ${describeReference(reference)}`;
  if (device.superblock === undefined) return unrecognised;
  const { label } = device.superblock;
  return label === undefined ? "it has no label" : `its label is ${formatQuoted(label)}`;
}

function describeMissing(selection: Selection): string {
  const { reference, named, volumes } = selection;
  const matched = describeReference(reference);
  if (named.length === 0) return `there is no device that is ${matched}`;
  const is = reference.kind === "path" ? "was named" : `is ${matched}`;
  if (volumes.length === 0)
    return named
      .map((device) => `${device.path} ${is}, but ${describeUnusable(device)}`)
      .join("; ");
  const paths = listAll(volumes.map(({ path }) => path));
  const options = volumes.map((device) => choosingOption(device, selection)).join(" or ");
  return `${paths} are ${volumes.length === 2 ? "both" : "all"} ${matched}, so none was taken (${options} chooses)`;
}

/** The option that a boot can be given to choose this device and no other; by what survives another socket, if it can. */
function choosingOption(device: Device, { devices }: Selection): string {
  const { superblock, partUuid, path } = device;
  const references: DeviceReference[] = [];
  if (superblock?.uuid !== undefined) references.push({ kind: "uuid", value: superblock.uuid });
  if (partUuid !== undefined) references.push({ kind: "partuuid", value: partUuid });
  const chooses = (reference: DeviceReference) => {
    const { volumes } = select(devices, reference);
    return volumes.length === 1 && volumes[0] === device;
  };
  const reference = references.find(chooses);
  if (reference) return `cow_device=${formatDeviceReference(reference)}`;
  // An image file has no path that a boot could be given.
  return path.startsWith("/dev/") ? `cow_device=${path}` : `cow_device=/dev/… for ${path}`;
}

function listTypes(): string {
  return `${directoryStoreTypes.slice(0, -1).join(", ")} or ${directoryStoreTypes.at(-1)}`;
}

function listAll(paths: readonly string[]): string {
  const [last = "", ...before] = paths.toReversed();
  return before.length === 0 ? last : `${before.toReversed().join(", ")} and ${last}`;
}
