// Viewing a file system without changing it: if it is mounted, that mount is bound a second time,
// read-only and without access times; otherwise it is mounted through a read-only loop device. A
// mounted file system cannot be inspected the second way: btrfs refuses, and changes not written
// back yet would be missed. A mounted btrfs is mounted once more, since its mounts may show any of
// its subvolumes.
import type { Device } from "../../core/devices/device.ts";
import { namesOnlyFlags } from "../../core/kernel/mount-flags.ts";
import type { Mount } from "../../core/kernel/mount-table.ts";
import { ifPossible } from "../port/errors.ts";
import { listBelowIfPresent, makeDirectories } from "../port/files.ts";
import { mountTelling } from "../port/kernel-word.ts";
import type { System } from "../port/system.ts";
import { unmountSoon } from "../port/unmount-soon.ts";
import { findMounts, showsTop, type Usage } from "../usage/usage.ts";
import { type LookInto, lookInto } from "./look.ts";

/** A file system that is visible at `root`. */
export interface View {
  readonly root: string;
  /** Whether it was mounted without its journal, which may contain newer changes. */
  readonly ignoredJournal: boolean;
  /**
   * Whether there is a log to be replayed that its superblock does not show; undefined if it is not
   * known.
   */
  readonly hasPendingLog: boolean | undefined;
  /** What of the file system is at `root`: "/" for its top, or a subvolume of btrfs ("/@live"). */
  readonly shows: string;
}

/** Makes a device visible at `at` while `use` runs; an errno passes through. */
export function withView<T>(
  system: System,
  { device, usage, at }: { device: Device; usage: Usage; at: string },
  use: (view: View) => T,
): T {
  const mounts = findMounts(system, usage, bytesOf(device));
  const own = device.superblock?.type === "btrfs" ? mounts.find(isOnDevice) : undefined;
  if (own !== undefined) return viewAgain(system, { ...device, source: own.device, at }, use);
  const mount = mounts.find(showsTop);
  if (mount === undefined)
    return lookInto(system, { device, at }, (root, ignoredJournal) =>
      use({
        root,
        ignoredJournal,
        hasPendingLog: findPendingLog(system, { device, usage, root }),
        shows: findShown(system, device.superblock?.type, root),
      }),
    );
  makeDirectories(system, at, 0o755);
  system.mount({ source: mount.target, target: at, flags: ["bind"] });
  try {
    system.mount({
      source: mount.target,
      target: at,
      flags: ["remount", "bind", "ro", "noatime", ...namesOnlyFlags],
    });
    openOnce(system, mount, at);
    return use({ root: at, ignoredJournal: false, hasPendingLog: undefined, shows: "/" });
  } finally {
    unmountSoon(system, at);
  }
}

function isOnDevice<T extends { readonly device: string | undefined }>(
  mount: T,
): mount is T & { readonly device: string } {
  return mount.device !== undefined;
}

/** Mounts a mounted btrfs once more, read-only, as a boot does: with the options of its view. */
export function viewAgain<T>(
  system: System,
  { source, at, view }: Pick<Device, "view"> & { source: string; at: string },
  use: (view: View) => T,
): T {
  makeDirectories(system, at, 0o755);
  mountTelling(system, {
    source,
    target: at,
    type: "btrfs",
    flags: ["ro", "noatime", ...namesOnlyFlags],
    data: view ?? "",
  });
  try {
    const shows = findShown(system, "btrfs", at);
    return use({ root: at, ignoredJournal: false, hasPendingLog: undefined, shows });
  } finally {
    unmountSoon(system, at);
  }
}

/** Only the mount table tells which subvolume the default of a file system is. */
function findShown(system: System, type: string | undefined, root: string): string {
  if (type !== "btrfs") return "/";
  const top = system.resolve(root);
  return system.mounts().findLast(({ target }) => target === top)?.root ?? "/";
}

/** Returns a LookInto that uses existing mounts. */
export function lookAround(usage: Usage): LookInto {
  return (system, { device, at }, use) =>
    withView(system, { device, usage, at }, ({ root, ignoredJournal }) =>
      use(root, ignoredJournal),
    );
}

/**
 * Opens a file through the file system's own mount, and reads nothing. A mounted ext4 records where
 * its first file is opened (s_last_mounted), and would record a private place that means nothing to
 * others.
 */
function openOnce(system: System, { target, type, superOptions }: Mount, view: string): void {
  if (!type.startsWith("ext") || !superOptions.split(",").includes("rw")) return;
  const found = findFile(system, view, 3);
  if (found === undefined) return;
  // Something else may be mounted above it there.
  ifPossible(() => system.withFile({ root: target, path: found.slice(view.length) }, () => {}));
}

/** Finds a file among the first names of a directory and of its subdirectories, but no deeper. */
function findFile(system: System, directory: string, depth: number): string | undefined {
  const paths = listBelowIfPresent(system, { root: directory, path: "" })
    .slice(0, 32)
    .map((name) => `${directory}/${name}`);
  const file = paths.find((path) => system.linkStatus(path)?.kind === "file");
  if (file !== undefined || depth === 1) return file;
  const below = paths.filter((path) => system.linkStatus(path)?.kind === "directory");
  return below.map((path) => findFile(system, path, depth - 1)).find((found) => found);
}

/**
 * Returns where the bytes of a device are: those of a partition in an image file are in that file.
 */
export function bytesOf({ path, disk, offset }: Device): { path: string; offset: number } {
  return offset === undefined || disk === undefined ? { path, offset: 0 } : { path: disk, offset };
}

/**
 * Only a mount finds a pending log of xfs, and then ignores it; a second mount of the same UUID has
 * to do so as well.
 */
function findPendingLog(
  system: System,
  { device, usage, root }: { device: Device; usage: Usage; root: string },
): boolean | undefined {
  if (device.superblock?.type !== "xfs") return undefined;
  const top = system.resolve(root);
  const mount = system.mounts().findLast(({ target }) => target === top);
  const didWithout = mount?.superOptions.split(",").includes("norecovery") === true;
  return didWithout && usage.mounts.some(({ type }) => type === "xfs") ? undefined : didWithout;
}
