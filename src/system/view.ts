// Seeing a file system without changing it: where it is mounted already, that mount is shown a second time, read-only
// and without times of access; anywhere else it is looked into through a read-only loop device. A file system that is
// mounted cannot be looked into the second way: btrfs refuses, and what is not written back yet would be missed.
import type { Device } from "../core/device.ts";
import { makeDirectories } from "./files.ts";
import { lookInto } from "./look.ts";
import { findMounts, showsTop, type Usage } from "./store-users.ts";
import type { System } from "./system.ts";

/** Is a file system that can be seen at `root`. */
export interface View {
  readonly root: string;
  /** Where it is mounted besides; undefined where it is not. */
  readonly mountedOn: string | undefined;
  /** Whether a log waits to be replayed that its superblock does not tell of; undefined where that is not known. */
  readonly hasPendingLog: boolean | undefined;
}

/** Shows what is on a device at `at` while `use` runs; errno errors pass through. */
export function withView<T>(
  system: System,
  { device, usage, at }: { device: Device; usage: Usage; at: string },
  use: (view: View) => T,
): T {
  const mount = findMounts(system, usage, bytesOf(device)).find(showsTop);
  if (mount === undefined)
    return lookInto(system, { device, at }, (root) =>
      use({
        root,
        mountedOn: undefined,
        hasPendingLog: findPendingLog(system, { device, usage, root }),
      }),
    );
  makeDirectories(system, at, 0o755);
  system.mount({ source: mount.target, target: at, flags: ["bind"] });
  try {
    system.mount({ source: mount.target, target: at, flags: ["remount", "bind", "ro", "noatime"] });
    return use({ root: at, mountedOn: mount.target, hasPendingLog: undefined });
  } finally {
    system.unmount(at);
  }
}

/**
 * Opens a file that is going to be read by way of the file system's own mount. A mounted ext4 writes down where the first
 * file of it was opened (s_last_mounted), and a place that nobody else sees would be told to whoever asks later.
 */
export function touchFile(system: System, { mountedOn }: View, path: string): void {
  if (mountedOn === undefined) return;
  const file = `${mountedOn}/${path}`;
  if (system.linkStatus(file)?.kind === "file") system.deviceBytes(file);
}

/** Says where the bytes of a device lie: a partition in an image file lies in that file. */
export function bytesOf({ path, disk, offset }: Device): { path: string; offset: number } {
  return offset === undefined || disk === undefined ? { path, offset: 0 } : { path: disk, offset };
}

/** Only a mount finds a pending log of xfs: the look then did without; a second mount of its UUID asks for the same. */
function findPendingLog(
  system: System,
  { device, usage, root }: { device: Device; usage: Usage; root: string },
): boolean | undefined {
  if (device.superblock?.type !== "xfs") return undefined;
  const mount = system.mounts().findLast(({ target }) => target === root);
  const didWithout = mount?.superOptions.split(",").includes("norecovery") === true;
  return didWithout && usage.mounts.some(({ type }) => type === "xfs") ? undefined : didWithout;
}
