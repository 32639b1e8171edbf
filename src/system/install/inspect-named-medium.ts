// Inspecting what a person names as the medium: a directory with what is mounted there, a file, or
// a device with the disk that it is a part of. Nothing is written, and without root what cannot be
// read is left unknown.

import type { DiskFacts, MediumFacts } from "../../core/install/identify-medium.ts";
import { ventoyFile } from "../../core/install/ventoy-json.ts";
import { findMountAbove, type Mount } from "../../core/kernel/mount-table.ts";
import type { Superblock } from "../../core/superblocks/superblock.ts";
import { readSuperblock } from "../looking/read-superblock.ts";
import { ifPossible, orFail } from "../port/errors.ts";
import { listIfPresent, readIfPresent } from "../port/files.ts";
import { resolveOwnLinks } from "../port/resolve-own-links.ts";
import type { FileStatus, System } from "../port/system.ts";

/** Inspects what a person names; throws a Failure that begins with `cannot`. */
export function inspectNamedMedium(system: System, given: string, cannot: string): MediumFacts {
  const path = resolveOwnLinks(system, given, cannot);
  const status = system.linkStatus(path);
  const kind = kindOf(status);
  const mounts = system.mounts();
  const above = findMountAbove(mounts, path);
  const mount = kind === "directory" && above?.target === path ? above : undefined;
  const source = kind === "block" ? path : mount && findSource(system, mount);
  return {
    path,
    kind,
    contents: kind === "file" || kind === "block" ? contentsOf(system, path)?.type : undefined,
    hasVentoy: kind === "directory" && system.linkStatus(`${path}/${ventoyFile}`)?.kind === "file",
    mounted: mount && {
      source: source ?? mount.source,
      type: mount.type,
      root: mount.root,
      isReadonly: orFail(cannot, () => system.room(path)).readonly,
      loopFile: source && system.loopFile(source),
    },
    disk: source === undefined ? undefined : inspectDisk(system, source, mounts),
  };
}

function kindOf(status: FileStatus | undefined): MediumFacts["kind"] {
  if (status === undefined) return undefined;
  const { kind } = status;
  return kind === "directory" || kind === "file" || kind === "block" ? kind : "other";
}

function contentsOf(system: System, path: string): Superblock | undefined {
  return ifPossible(() => readSuperblock(system, path, system.deviceBytes(path)));
}

/** Returns the device that a mount comes from, without links; undefined if there is none. */
function findSource(system: System, { source }: Mount): string | undefined {
  if (!source.startsWith("/")) return undefined;
  return system.status(source)?.kind === "block" ? system.resolve(source) : undefined;
}

/** Inspects the whole disk that a device is or is a part of. */
function inspectDisk(
  system: System,
  device: string,
  mounts: readonly Mount[],
): DiskFacts | undefined {
  const name = nameOf(device);
  const isPartition = numberOf(system, name) !== undefined;
  const place = ifPossible(() => system.readLink(`/sys/class/block/${name}`));
  const disk = isPartition ? place?.split("/").at(-2) : name;
  if (disk === undefined) return undefined;
  const numbers = listIfPresent(system, `/sys/class/block/${disk}`).flatMap((one) => {
    const number = one.startsWith(disk) ? numberOf(system, one) : undefined;
    return number === undefined ? [] : [{ path: pathOf(one), number }];
  });
  const partitions = numbers
    .toSorted((one, other) => one.number - other.number)
    .map((one) => ({
      ...one,
      label: contentsOf(system, one.path)?.label ?? findLabel(system, one.path),
    }));
  const path = pathOf(disk);
  const devices = [path, ...partitions.map((partition) => partition.path)];
  return {
    path,
    contents: contentsOf(system, path)?.type,
    partitions,
    mounts: mounts.flatMap((mount) => {
      const source = findSource(system, mount);
      const { target, type, root } = mount;
      return source !== undefined && devices.includes(source)
        ? [{ device: source, target, type, root }]
        : [];
    }),
  };
}

function numberOf(system: System, name: string): number | undefined {
  const text = readIfPresent(system, `/sys/class/block/${name}/partition`);
  return text === undefined ? undefined : Number(text);
}

/** Without root the label is known by the link that udev makes of it. */
function findLabel(system: System, device: string): string | undefined {
  const links = "/dev/disk/by-label";
  return listIfPresent(system, links).find(
    (label) => ifPossible(() => system.resolve(`${links}/${label}`)) === device,
  );
}

function nameOf(path: string): string {
  return path.replace(/^\/dev\//, "").replaceAll("/", "!");
}

function pathOf(name: string): string {
  return `/dev/${name.replaceAll("!", "/")}`;
}
