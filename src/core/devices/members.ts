// The members of one btrfs on several devices: the kernel mounts it only if it knows all of them,
// and each has to be named to it.
import { formatList } from "../text/quoted.ts";
import type { Device, MemberDevice } from "./device.ts";
import { isSameVolume } from "./volumes.ts";

/** Tells each member of a btrfs on several devices of the others that are there. */
export function joinMembers(devices: readonly Device[]): Device[] {
  return devices.map((device) => {
    const members = findOthers(device, devices);
    return members.length === 0 ? device : { ...device, companions: members };
  });
}

function findOthers(device: Device, devices: readonly Device[]): MemberDevice[] {
  const { path, superblock } = device;
  if (!isMember(device)) return [];
  const seen = new Set([superblock?.memberUuid]);
  return devices
    .filter((other) => other.path !== path && isSameVolume(other, device) && isMember(other))
    .filter(({ superblock: own }) => {
      const isNew = !seen.has(own?.memberUuid);
      seen.add(own?.memberUuid);
      return isNew;
    })
    .map(({ path: at, bytes, disk, offset }) => ({
      path: at,
      bytes,
      ...(disk !== undefined && offset !== undefined && { disk, offset }),
    }));
}

function isMember({ superblock }: Device): boolean {
  return (superblock?.members ?? 1) > 1;
}

/** Returns the mount options that name the other members; "" if there are none. */
export function memberOptions(paths: readonly string[]): string {
  return paths.map((path) => `device=${path}`).join(",");
}

/** Returns whether members of a device's file system are missing. */
export function lacksMembers(device: Pick<Device, "superblock" | "companions">): boolean {
  return 1 + (device.companions?.length ?? 0) < (device.superblock?.members ?? 1);
}

/** Describes that members are missing ("its btrfs needs 2 devices, …"); undefined if none are. */
export function describeMissingMembers(
  device: Pick<Device, "superblock" | "companions"> & { readonly path?: string },
): string | undefined {
  const { path, companions = [], superblock } = device;
  if (!lacksMembers(device)) return undefined;
  const here = [...(path ? [path] : []), ...companions.map((other) => other.path)];
  const are = here.length === 1 ? "only 1 is here" : `only ${here.length} are here`;
  return `its btrfs needs ${superblock?.members} devices, and ${are} (${formatList(here, "and")})`;
}
