// Places in a root that are on a device of their own, as live-boot mounts /home with its
// persistence: they are carried over, and what is changed there is not in the store.

import { isWithin, type Mount } from "../kernel/mount-table.ts";

/** A place whose changes the distribution keeps. */
export interface KeptPlace {
  /** The path that it has in the running system. */
  readonly path: string;
  /** The device of its file system. */
  readonly device: string;
}

/** What is mounted there belongs to no system, or shows another place once more. */
const others = ["/cdrom", "/live", "/media", "/mnt", "/run", "/lib/live", "/usr/lib/live"];

/** Lists the places that are writable on a device other than the medium. */
export function listKeptPlaces({
  root,
  mounts,
  medium,
}: {
  readonly root: string;
  readonly mounts: readonly Mount[];
  /** The device number of the medium. */
  readonly medium: string | undefined;
}): KeptPlace[] {
  return mounts.flatMap((mount) => {
    const { target, source, deviceNumber } = mount;
    if (target === root || !isWithin(target, root)) return [];
    const path = target.slice(root.length);
    const isOfSystem = !others.some((directory) => isWithin(path, directory));
    const isKept = isOfSystem && isWritable(mount) && source.startsWith("/dev/");
    return isKept && deviceNumber !== medium ? [{ path, device: source }] : [];
  });
}

function isWritable({ options, superOptions }: Mount): boolean {
  return [options, superOptions].every((text) => text.split(",").includes("rw"));
}
