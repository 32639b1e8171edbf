// Which device holds the directory store that the options name. Never a guess: exactly one, or none with every
// candidate named and the option that would choose it.
import type { Device } from "./device.ts";
import {
  type DeviceReference,
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
  const named = devices.filter((device) => matchesReference(device, reference));
  const usable = named.filter((device) => holdsDirectoryStore(device.superblock?.type ?? ""));
  const distinct = usable.filter((device) => !isOtherViewOf(device, usable));
  const chosen = distinct.length === 1 ? distinct[0] : undefined;
  return {
    device: chosen,
    candidates: devices.map((device) => {
      const accepted = device === chosen;
      return candidate(device, {
        accepted,
        reason: reasonFor(device, { reference, named, distinct, accepted }),
      });
    }),
    missing: chosen ? undefined : describeMissing({ reference, named, distinct }),
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

/** A disk shows the file system of a partition that begins at its start; a btrfs file system may have several members. */
function isOtherViewOf(device: Device, others: readonly Device[]): boolean {
  const isSame = (other: Device) =>
    other !== device &&
    other.superblock?.uuid !== undefined &&
    other.superblock.uuid === device.superblock?.uuid &&
    other.superblock.type === device.superblock.type;
  if (others.some((other) => isSame(other) && other.disk === device.path)) return true;
  const earlier = others.slice(0, others.indexOf(device));
  return earlier.some(
    (other) =>
      isSame(other) &&
      device.superblock?.memberUuid !== undefined &&
      other.superblock?.memberUuid !== device.superblock.memberUuid,
  );
}

function reasonFor(
  device: Device,
  {
    reference,
    named,
    distinct,
    accepted,
  }: {
    reference: DeviceReference;
    named: readonly Device[];
    distinct: readonly Device[];
    accepted: boolean;
  },
): string {
  const matched = describeReference(reference);
  if (accepted) return `it is ${matched}`;
  if (!named.includes(device)) return device.problem ?? describeOther(device, reference);
  const type = device.superblock?.type;
  if (device.problem !== undefined) return device.problem;
  if (type === undefined) return `it is ${matched}, but no file system was recognised on it`;
  if (!holdsDirectoryStore(type))
    return `it is ${matched}, but it is ${type}, and a directory store needs ${listTypes()}`;
  const others = distinct.filter((other) => other !== device).map(({ path }) => path);
  if (!distinct.includes(device)) return `it shows the same file system as ${others.join(", ")}`;
  return `it is ${matched}, but so is ${others.join(" and ")}; ${choosingOption(device, distinct)} chooses this one`;
}

/** Describes what names a device, to stand after "it is" ('labelled "data"', "/dev/sda2"). */
export function describeReference(reference: DeviceReference): string {
  if (reference.kind === "path") return reference.path;
  return reference.kind === "label"
    ? `labelled ${formatQuoted(reference.value)}`
    : formatDeviceReference(reference);
}

function describeOther(device: Device, reference: DeviceReference): string {
  if (reference.kind !== "label") return `it is not ${describeReference(reference)}`;
  const label = device.superblock?.label;
  return label === undefined ? "it has no label" : `its label is ${formatQuoted(label)}`;
}

function describeMissing({
  reference,
  named,
  distinct,
}: {
  reference: DeviceReference;
  named: readonly Device[];
  distinct: readonly Device[];
}): string {
  const matched = describeReference(reference);
  if (distinct.length > 1) {
    return `${distinct.map(({ path }) => path).join(" and ")} are both ${matched}, so none was taken (${distinct.map((device) => choosingOption(device, distinct)).join(" or ")} chooses)`;
  }
  const [only] = named;
  if (only === undefined) return `there is no device that is ${matched}`;
  const type = only.superblock?.type;
  if (type === undefined)
    return `${only.path} is ${matched}, but no file system was recognised on it`;
  return `${only.path} is ${matched}, but it is ${type}, and a directory store needs ${listTypes()}`;
}

/** The shortest option that names this device and no other of those in question. */
function choosingOption(device: Device, others: readonly Device[]): string {
  const isUnique = (value: (one: Device) => string | undefined) =>
    value(device) !== undefined &&
    others.filter((other) => value(other) === value(device)).length === 1;
  if (isUnique(({ superblock }) => superblock?.uuid))
    return `cow_device=UUID=${device.superblock?.uuid}`;
  if (isUnique(({ partUuid }) => partUuid)) return `cow_device=PARTUUID=${device.partUuid}`;
  return `cow_device=${device.path}`;
}

function listTypes(): string {
  return `${directoryStoreTypes.slice(0, -1).join(", ")} or ${directoryStoreTypes.at(-1)}`;
}
