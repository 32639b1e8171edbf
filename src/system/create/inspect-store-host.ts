// What a new store is on, as a person knows it: the device of the mount, and whether it is the
// disk that the running system is on.

import { warnOfHost } from "../../core/create/check-place.ts";
import { limitsOf } from "../../core/file-systems/hosts.ts";
import type { Mount } from "../../core/kernel/mount-table.ts";
import { nameInSession, sessionMounts } from "../../core/session/places.ts";
import { discoverModel, discoverRemovable } from "../devices/disk-facts.ts";
import { ifPossible } from "../port/errors.ts";
import { readIfPresent } from "../port/files.ts";
import { mountOf } from "../port/mount-of.ts";
import type { System } from "../port/system.ts";

/** The file system that a store is on. */
export interface StoreHostReport {
  readonly target: string;
  readonly source: string;
  readonly type: string;
  readonly model: string | undefined;
}

/** A host with what a boot makes of it. */
interface InspectedHost {
  readonly host: StoreHostReport;
  /** Whether a boot searches there by default; undefined if it is not known. */
  readonly removable: boolean | undefined;
  /** Why no boot would find a store there; undefined if one would. */
  readonly unfound: string | undefined;
  /** What to say before anything is written; undefined for nothing. */
  readonly warning: string | undefined;
}

/** Inspects the mount that a store is on, or will be. */
export function inspectStoreHost(system: System, mount: Mount): InspectedHost {
  const { target, source, type } = mount;
  const isOfSession = target.startsWith(sessionMounts);
  const device =
    source.startsWith("/") && system.status(source) !== undefined
      ? system.resolve(source)
      : undefined;
  const removable = device === undefined ? undefined : discoverRemovable(system, device);
  const model = device === undefined ? undefined : discoverModel(system, device);
  const root = ifPossible(() => mountOf(system, "/"));
  return {
    host: { target: nameInSession(target), source, type, model },
    // A boot does search the disk with the medium.
    removable: isOfSession ? true : removable,
    unfound:
      limitsOf(type).note ??
      (device === undefined || isOfSession ? undefined : describeClosedDevice(system, device)),
    warning: warnOfHost({
      target,
      source,
      removable,
      holdsRoot: root?.deviceNumber === mount.deviceNumber && root.source === source,
    }),
  };
}

/** No boot opens or assembles a device that others are under. */
function describeClosedDevice(system: System, path: string): string | undefined {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const directory = `/sys/class/block/${name}`;
  const kind = readIfPresent(system, `${directory}/dm/uuid`)?.split("-")[0];
  if (kind === "CRYPT") return `${path} is encrypted, and no boot opens it`;
  if (kind === "LVM") return `${path} is a logical volume (LVM), which no boot assembles`;
  if (system.status(`${directory}/md`) !== undefined)
    return `${path} is a RAID (md), which no boot assembles`;
  if (system.status(`${directory}/bcache`) !== undefined && name.startsWith("bcache"))
    return `${path} is a bcache device, which no boot assembles`;
  if (/^z?ram\d/.test(name)) return `${path} is in memory and is lost at power-off`;
  return undefined;
}
