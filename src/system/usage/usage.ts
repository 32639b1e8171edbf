// The users of a store: the mounts of its file system, the loop devices on its file, the overlays
// on its directory. Files are compared by device number and inode, because one file has many paths.

import { driverOf } from "../../core/file-systems/mounting.ts";
import { formatDeviceNumber } from "../../core/kernel/device-number.ts";
import { isWithin, layersOf, type Mount } from "../../core/kernel/mount-table.ts";
import { nameInSession } from "../../core/session/places.ts";
import type { StoreUser } from "../../core/stores/seen-store.ts";
import { ifPossible } from "../port/errors.ts";
import { listIfPresent } from "../port/files.ts";
import type { LoopStatus, System } from "../port/system.ts";
import { findPartLocker } from "./find-holder.ts";
import { isLasting } from "./loops-on.ts";
import { describeHolder } from "./name-holder.ts";

/** The mounts and attached loop devices, read once. */
export interface Usage {
  readonly mounts: readonly UsedMount[];
  readonly loops: readonly UsedLoop[];
}

/** The place of a file system's bytes: a device, or a file from an offset on. */
export interface Bytes {
  readonly path: string;
  readonly offset: number;
}

interface UsedMount extends Mount {
  /**
   * The device's own path, symbolic links resolved; undefined for a file system without a device.
   */
  readonly device: string | undefined;
  /** Whether another mount hides it. */
  readonly isHidden: boolean;
}

interface UsedLoop {
  readonly path: string;
  readonly status: LoopStatus;
}

/** Reads what is mounted and attached; without root, the readable part of it. */
export function learnUsage(system: System): Usage {
  const mounts = system.mounts();
  return {
    mounts: mounts.map((mount, index) => ({
      ...mount,
      device: resolveIfPresent(system, mount.source),
      isHidden:
        mounts.slice(index + 1).some(({ target }) => isWithin(mount.target, target)) &&
        !isOnTop(system, mount),
    })),
    loops: listIfPresent(system, "/dev")
      .filter((name) => /^loop\d+$/.test(name))
      .flatMap((name) => {
        const status = ifPossible(() => system.loopStatus(`/dev/${name}`));
        return status === undefined ? [] : [{ path: `/dev/${name}`, status }];
      }),
  };
}

/** A mount that was moved is listed before the one that it is on, which then seems to hide it. */
function isOnTop(system: System, { target, deviceNumber }: Mount): boolean {
  const device = ifPossible(() => system.status(target))?.device;
  return device !== undefined && formatDeviceNumber(device) === deviceNumber;
}

/** Lists the mounts of a file system, those that show its top and are not hidden first. */
export function findMounts(
  system: System,
  { mounts, loops }: Usage,
  bytes: Bytes,
): readonly UsedMount[] {
  const devices = findLoops(system, { loops, bytes });
  if (bytes.offset === 0) devices.push(bytes.path);
  const numbers = devices.map((device) => numberOf(system, device));
  const found = mounts.filter(
    ({ device, deviceNumber, type }) =>
      (device !== undefined && devices.includes(device)) ||
      (driverOf(type) !== undefined && numbers.includes(deviceNumber)),
  );
  return [...found.filter(showsTop), ...found.filter((mount) => !showsTop(mount))];
}

/** Returns whether the top of a file system is visible through a mount of it. */
export function showsTop({ root, isHidden }: Mount & { readonly isHidden: boolean }): boolean {
  return root === "/" && !isHidden;
}

/**
 * Describes who uses the store whose changes are in `directory` of a file system; undefined if
 * nobody does.
 */
export function findUser(
  system: System,
  { usage, bytes, directory }: { usage: Usage; bytes: Bytes; directory: string },
): StoreUser | undefined {
  const mounts = findMounts(system, usage, bytes);
  const below = directory === "" ? "/upperdir" : `/${directory}/upperdir`;
  const uppers = mounts.map(({ target }) => (target === "/" ? below : `${target}${below}`));
  const overlays = usage.mounts.filter(
    (mount) => mount.type === "overlay" && layersOf(mount).some((layer) => uppers.includes(layer)),
  );
  const overlay = overlays.find(({ target }) => target === "/") ?? overlays[0];
  if (overlay) return { by: overlay.target === "/" ? "session" : "overlay", where: overlay.target };
  const [mount] = mounts;
  if (mount) return { by: "mount", where: nameInSession(mount.target) };
  const loop = findLoops(system, { loops: usage.loops, bytes }).find((one) =>
    isLasting(system, one),
  );
  if (loop !== undefined) return { by: "loop", where: loop };
  if (isBusy(system, bytes)) return { by: "other", where: describeHolder(system, bytes.path) };
  const locker = findPartLocker(system, bytes.path);
  return locker === undefined ? undefined : { by: "other", where: `in use by ${locker}` };
}

/**
 * Returns whether the device has a user that is not visible here: a mount in another namespace, an
 * array, swap.
 */
function isBusy(system: System, { path, offset }: Bytes): boolean {
  if (offset !== 0 || system.status(path)?.kind !== "block") return false;
  return ifPossible(() => system.isBusy(path)) === true;
}

function findLoops(
  system: System,
  { loops, bytes }: { loops: readonly UsedLoop[]; bytes: Bytes },
): string[] {
  const file = system.status(bytes.path);
  if (file === undefined) return [];
  return loops
    .filter(
      ({ status }) =>
        status.device === file.device &&
        status.inode === file.inode &&
        status.offset === bytes.offset,
    )
    .map(({ path }) => path);
}

function numberOf(system: System, path: string): string | undefined {
  const number = system.status(path)?.deviceNumber ?? 0;
  return number === 0 ? undefined : formatDeviceNumber(number);
}

function resolveIfPresent(system: System, source: string): string | undefined {
  return source.startsWith("/") ? ifPossible(() => system.resolve(source)) : undefined;
}
