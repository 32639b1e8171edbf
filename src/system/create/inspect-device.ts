// The facts about a block device before it is written over: its contents and its users.
// wipefs knows more formats than superblocks/identify.ts, so both are asked; a device is empty only
// if neither finds anything.

import type { DeviceContent, DeviceFacts } from "../../core/devices/device-contents.ts";
import { noSuchDevice } from "../../core/devices/missing.ts";
import { driverOf } from "../../core/file-systems/mounting.ts";
import { sessionMounts } from "../../core/session/places.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { discoverDevices } from "../devices/discover-devices.ts";
import { discoverImage } from "../devices/discover-image.ts";
import { orFail } from "../port/errors.ts";
import { listIfPresent, readIfPresent } from "../port/files.ts";
import type { System } from "../port/system.ts";
import { runTool } from "../port/tool.ts";
import { findPartLocker } from "../usage/find-holder.ts";
import { findLastingLoops } from "../usage/loops-on.ts";
import { describeHolder } from "../usage/name-holder.ts";

/**
 * Inspects a block device; throws a Failure that begins with `cannot` if there is none, with
 * `otherwise` as the hint for what is no device, or if it cannot be read.
 */
export function inspectDevice(
  system: System,
  given: string,
  { cannot, otherwise }: { readonly cannot: string; readonly otherwise?: string },
): DeviceFacts {
  const kind = system.status(given)?.kind;
  if (kind === undefined) throw noSuchDevice(cannot);
  if (kind !== "block")
    throw new Failure("usage", `${cannot}: it is not a block device`, otherwise);
  const path = system.resolve(given);
  return orFail(`${cannot}: it cannot be read`, () => inspect(system, path));
}

function inspect(system: System, path: string): DeviceFacts {
  const [whole] = discoverImage(system, path);
  const bytes = system.deviceBytes(path);
  const known = discoverDevices(system).find((device) => device.path === path);
  const contents = inspectContents(system, path);
  return {
    path,
    bytes,
    model: known?.model,
    serial: known?.serial,
    isReadonly: system.isReadonly(path),
    uses: findUses(system, path),
    contents,
    hasUnknownData: contents.length === 0 && hasData(system, path, bytes),
    identity: { type: whole?.superblock?.type, uuid: whole?.superblock?.uuid },
  };
}

/** Lists what is on a device or in an image file, and in its partitions; errnos pass through. */
export function inspectContents(system: System, path: string): readonly DeviceContent[] {
  const found: DeviceContent[] = discoverImage(system, path).flatMap((device) =>
    device.superblock === undefined && device.partition === undefined
      ? []
      : [
          {
            path: device.path,
            type: device.superblock?.type ?? "partition",
            label: device.superblock?.label,
            uuid: device.superblock?.uuid,
            partLabel: device.partLabel,
            partUuid: device.partUuid,
          },
        ],
  );
  const types = new Set(found.map(({ type }) => type));
  return [...found, ...findSignatures(system, path).filter(({ type }) => !types.has(type))];
}

/** The signatures that wipefs finds; labels and UUIDs if it prints them. */
function findSignatures(system: System, path: string): DeviceContent[] {
  const action = `inspect ${formatPath(path)}`;
  const text = runTool(system, { action, argv: ["wipefs", "--json", "--output", "TYPE", path] });
  const types = new Set([...text.matchAll(/"type":\s*"([^"\\]+)"/g)].map(([, type = ""]) => type));
  return [...types].map((type) => ({
    path,
    type,
    label: undefined,
    uuid: undefined,
    partLabel: undefined,
    partUuid: undefined,
  }));
}

const lookedAt = 2 ** 20;

/**
 * Encrypted data without a header, or an unknown format, still has nonzero bytes at its beginning
 * or end.
 */
function hasData(system: System, path: string, bytes: number): boolean {
  const places = [0, Math.max(0, bytes - lookedAt)];
  return places.some((at) => system.readBytes(path, at, lookedAt).some((byte) => byte !== 0));
}

/** The users of the device, its partitions, or the disk around it if that is used there. */
function findUses(system: System, path: string): string[] {
  const name = nameOf(path);
  const partitions = listIfPresent(system, `/sys/class/block/${name}`)
    .filter((one) => readIfPresent(system, `/sys/class/block/${one}/partition`) !== undefined)
    .filter((one) => one.startsWith(name))
    .map(pathOf);
  const all = [path, ...partitions];
  // A disk is busy with its partitions: what uses those says more.
  const named = all.flatMap((one) => findNamedUses(system, one));
  const uses = named.length > 0 ? named : all.flatMap((one) => findUnnamedUse(system, one));
  return [...uses, ...findUsesOfDisk(system, path)];
}

function findUnnamedUse(system: System, path: string): string[] {
  const locker = findPartLocker(system, path);
  if (system.isBusy(path)) return [`${formatPath(path)} is ${describeHolder(system, path)}`];
  return locker === undefined ? [] : [`${formatPath(path)} is in use by ${locker}`];
}

function findNamedUses(system: System, path: string): string[] {
  const what = `${formatPath(path)} is`;
  const mounts = system.mounts().filter((mount) => isOf(system, mount, path));
  const swap = (readIfPresent(system, "/proc/swaps") ?? "").split("\n").slice(1);
  const holders = listIfPresent(system, `/sys/class/block/${nameOf(path)}/holders`);
  return [
    ...mounts.map(({ target }) =>
      target.startsWith(sessionMounts)
        ? `${what} in use by this session (mounted on ${formatPath(target)})`
        : `${what} mounted on ${formatPath(target)}`,
    ),
    ...(swap.some((line) => line.split(/\s/)[0] === path) ? [`${what} used as swap`] : []),
    ...holders.map((holder) => `${what} part of ${formatPath(pathOf(holder))}`),
    ...findLastingLoops(system, path).map((loop) => `${what} in use by ${loop}`),
  ];
}

/** A live system may run from a whole disk that has partitions: those beyond its image are free. */
function findUsesOfDisk(system: System, path: string): string[] {
  const directory = `/sys/class/block/${nameOf(path)}`;
  if (readIfPresent(system, `${directory}/partition`) === undefined) return [];
  const disk = pathOf(system.readLink(directory).split("/").at(-2) ?? "");
  if (system.status(disk)?.kind !== "block") return [];
  const [use] = findNamedUses(system, disk);
  if (use === undefined) return [];
  const start = Number(readIfPresent(system, `${directory}/start`) ?? 0) * 512;
  const [whole] = discoverImage(system, disk);
  return start < (whole?.superblock?.bytes ?? Number.POSITIVE_INFINITY) ? [use] : [];
}

function isOf(
  system: System,
  { source, deviceNumber, type }: { source: string; deviceNumber: string; type: string },
  path: string,
): boolean {
  if (source === path) return true;
  const dev = readIfPresent(system, `/sys/class/block/${nameOf(path)}/dev`)?.trim();
  if (driverOf(type) !== undefined && dev !== undefined && deviceNumber === dev) return true;
  return source.startsWith("/dev/") && system.status(source) !== undefined
    ? system.resolve(source) === path
    : false;
}

function nameOf(path: string): string {
  return path.replace(/^\/dev\//, "").replaceAll("/", "!");
}

function pathOf(name: string): string {
  return `/dev/${name.replaceAll("!", "/")}`;
}
