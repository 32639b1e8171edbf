// The block devices of the machine, from /sys and the first kilobytes of each. Nothing is mounted,
// nothing is written. Documentation/ABI/stable/sysfs-block; block/partitions for names of
// partitions.

import { splitNumber } from "../../core/bytes/trim.ts";
import { type Device, unknownDevice } from "../../core/devices/device.ts";
import { joinMembers } from "../../core/devices/members.ts";
import { describeTableFault } from "../../core/devices/table-fault.ts";
import { identify, type ReadBytes } from "../../core/superblocks/identify.ts";
import {
  listSectorSizes,
  mostPartitions,
  type Partition,
  type PartitionTable,
  readTable,
} from "../../core/superblocks/partitions.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { ifPossible, reasonOf } from "../port/errors.ts";
import { listIfPresent, readIfPresent } from "../port/files.ts";
import { sayIfSlow } from "../port/say-if-slow.ts";
import { errnoOf, type System } from "../port/system.ts";
import { readSectorBytes, readSectorBytesAt, usualSectorBytes } from "./sector-size.ts";

/** The devices that were read already, so that each is read once while others are waited for. */
export type DeviceCache = Map<string, Device>;

/** Options for discovering devices. */
interface Discovery {
  readonly cache: DeviceCache;
  /** Whether optical drives are read; an empty one takes a third of a second to report that. */
  readonly readsDiscs: boolean;
  /** Describes a bug, which is then only a problem of the device that it was met on. */
  readonly summariseBug?: SummariseBug;
}

type SummariseBug = (error: unknown) => string;

/**
 * Lists the machine's block devices in the order of their names, without memory, loop and floppy
 * devices.
 */
export function discoverDevices(
  system: System,
  { cache, readsDiscs, summariseBug }: Discovery = { cache: new Map(), readsDiscs: true },
): Device[] {
  const names = listIfPresent(system, "/sys/class/block").filter(
    (name) => !isIgnored(name) && (readsDiscs || !isDiscDrive(name)),
  );
  const tables: PartitionTables = new Map();
  const found = names
    .map((name) => readDevice(system, name, { cache, tables, summariseBug }))
    .filter((device) => device !== undefined);
  return joinMembers(found.sort((one, other) => compareNames(one.path, other.path)));
}

/** Lists an image file in place of a disk, and its partitions ("FILE#2"). */
export function discoverImage(system: System, file: string): Device[] {
  const bytes = system.deviceBytes(file);
  const tick = sayIfSlow(system, () => `looking at ${formatPath(file)} and its partitions`);
  const read = (offset: number, length: number) => {
    tick();
    return system.readBytes(file, offset, length);
  };
  const disk = { ...unknownDevice(file, bytes), ...probe(read, bytes) };
  if (disk.problem !== undefined) return [disk];
  const { partitions, fault } = readImageTable(system, { file, read, bytes });
  if (fault !== undefined && disk.superblock === undefined)
    return [{ ...disk, problem: describeTableFault(fault) }];
  return [
    disk,
    ...partitions.slice(0, mostPartitions).map((partition) => {
      const within = (offset: number, length: number) =>
        read(partition.offset + offset, Math.max(0, Math.min(length, partition.bytes - offset)));
      return {
        ...unknownDevice(`${file}#${partition.number}`, partition.bytes),
        ...probe(within, partition.bytes),
        disk: file,
        partition: partition.number,
        start: partition.offset,
        offset: partition.offset,
        partUuid: partition.partUuid,
        partLabel: partition.partLabel,
      };
    }),
    ...describeLeftOut(file, partitions.slice(mostPartitions)),
  ];
}

interface Image {
  readonly file: string;
  readonly read: ReadBytes;
  readonly bytes: number;
}

/** The kernel knows the sectors of a device; those of a file are the ones that make sense. */
function readImageTable(system: System, { file, read, bytes }: Image): PartitionTable {
  const isDevice = ifPossible(() => system.status(file)?.kind) === "block";
  const sizes = isDevice ? [readSectorBytes(system, file)] : listSectorSizes(read, bytes);
  const tables = sizes.map((size) => readTable(read, bytes, size));
  const isKnown = ({ partitions }: PartitionTable) =>
    partitions.some(({ offset, bytes: length }) => {
      const within = (at: number, count: number) =>
        read(offset + at, Math.max(0, Math.min(count, length - at)));
      return probe(within, length).superblock !== undefined;
    });
  const [first = { partitions: [], fault: undefined }, ...others] = tables;
  return others.length === 0 || isKnown(first) ? first : (others.find(isKnown) ?? first);
}

/** Stands for the partitions that are not looked at, as the kernel does not. */
function describeLeftOut(file: string, [first, ...more]: readonly Partition[]): Device[] {
  if (first === undefined) return [];
  const others = more.length > 0 ? ` and ${more.length} more` : "";
  const problem = `it${others} were left out: the kernel takes ${mostPartitions} partitions of a disk`;
  const path = `${file}#${first.number}`;
  return [{ ...unknownDevice(path, first.bytes), disk: file, partition: first.number, problem }];
}

/**
 * Returns whether a block device, symbolic links resolved, is removable as a user understands it;
 * undefined if boots ignore it.
 */
export function discoverRemovable(system: System, path: string): boolean | undefined {
  const found = findDisk(system, path);
  return found && isRemovable(system, found.disk, found.place);
}

/**
 * Returns the model of the disk that a block device, symbolic links resolved, is or is on;
 * undefined if boots ignore it, or it has none. No disk is read for that.
 */
export function discoverModel(system: System, path: string): string | undefined {
  const found = findDisk(system, path);
  return found && readModel(system, found.disk);
}

/** The name of the disk that a device is, or is on, and the device's place in the machine. */
interface DiskOf {
  readonly disk: string;
  readonly place: string;
}

function findDisk(system: System, path: string): DiskOf | undefined {
  const name = path.replace(/^\/dev\//, "").replaceAll("/", "!");
  const directory = `/sys/class/block/${name}`;
  if (system.status(directory) === undefined || isIgnored(name)) return undefined;
  const place = placeOf(system, directory);
  const isPartition = system.status(`${directory}/partition`) !== undefined;
  return { disk: isPartition ? (place.split("/").at(-2) ?? name) : name, place };
}

/** The tables of disks by their names, read once for all partitions. */
type PartitionTables = Map<string, PartitionTable>;

function readDevice(
  system: System,
  name: string,
  {
    cache,
    tables,
    summariseBug,
  }: { cache: DeviceCache; tables: PartitionTables; summariseBug: SummariseBug | undefined },
): Device | undefined {
  const directory = `/sys/class/block/${name}`;
  const bytes = Number(readIfPresent(system, `${directory}/size`) ?? 0) * 512;
  const uevent = parseUevent(readIfPresent(system, `${directory}/uevent`) ?? "");
  if (bytes === 0 && !isDiscDrive(name)) return undefined;
  const key = [name, bytes, uevent.get("DISKSEQ")].join(" ");
  const known = cache.get(key);
  if (known) return known;

  const place = placeOf(system, directory);
  const number = uevent.get("PARTN");
  const diskName = number === undefined ? name : (place.split("/").at(-2) ?? name);
  const path = `/dev/${uevent.get("DEVNAME") ?? name}`;
  const read = (offset: number, length: number) => system.readBytes(path, offset, length);
  const content =
    bytes === 0
      ? { superblock: undefined, problem: "there is no disc in the drive" }
      : probe(read, bytes, summariseBug);
  // A disk that cannot be read is not asked again, and one with a file system needs no table.
  const isUnknown = content.problem === undefined && content.superblock === undefined;
  const device: Device = {
    ...unknownDevice(path, bytes),
    ...content,
    ...(number === undefined
      ? isUnknown && { problem: findTableProblem(system, name, tables) }
      : readPlace(system, { name, number: Number(number), disk: diskName, tables })),
    removable: isRemovable(system, diskName, place),
    optical: isDiscDrive(name),
    ...([name, diskName].some((one) => isClaimed(system, one)) && { isClaimed: true as const }),
    model: readModel(system, diskName),
    serial: firstText(system, [
      `/sys/class/block/${diskName}/serial`,
      `/sys/class/block/${diskName}/device/serial`,
    ]),
  };
  // An empty drive may get its disc a moment later, and then report the same size.
  if (!device.optical || device.problem === undefined) cache.set(key, device);
  return device;
}

function isClaimed(system: System, name: string): boolean {
  const holders = listIfPresent(system, `/sys/class/block/${name}/holders`);
  return holders.some((holder) => holder.startsWith("dm-"));
}

function readModel(system: System, disk: string): string | undefined {
  return firstText(system, [
    `/sys/class/block/${disk}/device/model`,
    `/sys/class/block/${disk}/device/name`,
  ]);
}

function findTableProblem(
  system: System,
  disk: string,
  tables: PartitionTables,
): string | undefined {
  const names = listIfPresent(system, `/sys/class/block/${disk}`);
  if (names.some((name) => name.startsWith(disk))) return undefined;
  const { fault } = tableOf(system, disk, tables);
  return fault && describeTableFault(fault);
}

function readPlace(
  system: System,
  {
    name,
    number,
    disk,
    tables,
  }: { name: string; number: number; disk: string; tables: PartitionTables },
): Pick<Device, "disk" | "partition" | "start" | "partUuid" | "partLabel"> {
  const { partitions, fault } = tableOf(system, disk, tables);
  // The kernel was told to use the backup if it shows partitions in spite of a fault.
  const all = [...partitions, ...(fault?.backup ?? [])];
  const found = all.find((one) => one.number === number);
  // The kernel counts in units of 512 bytes, whatever the disk's sectors are.
  const start = readStart(readIfPresent(system, `/sys/class/block/${name}/start`));
  return {
    disk: `/dev/${disk.replaceAll("!", "/")}`,
    partition: number,
    ...(start !== undefined && { start }),
    partUuid: found?.partUuid,
    partLabel: found?.partLabel,
  };
}

function readStart(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*\d{1,12}\s*$/.test(text) ? Number(text) * 512 : undefined;
}

/** Memory, loop and floppy devices. */
function isIgnored(name: string): boolean {
  return /^(ram|zram|loop|fd)\d/.test(name);
}

function isDiscDrive(name: string): boolean {
  return name.startsWith("sr");
}

function probe(
  read: (offset: number, length: number) => Uint8Array,
  bytes: number,
  summariseBug?: SummariseBug,
): Pick<Device, "superblock" | "problem"> {
  try {
    return { superblock: identify(read, bytes), problem: undefined };
  } catch (error) {
    if (errnoOf(error) === undefined && summariseBug !== undefined)
      return { superblock: undefined, problem: summariseBug(error) };
    return { superblock: undefined, problem: `it cannot be read: ${reasonOf(error)}` };
  }
}

/**
 * As a user understands it: the kernel's flag is 0 for USB disks and for card readers. eMMC is an
 * internal disk.
 */
function isRemovable(system: System, disk: string, place: string): boolean {
  if (readIfPresent(system, `/sys/class/block/${disk}/removable`)?.trim() === "1") return true;
  if (/\/usb\d+\//.test(place)) return true;
  return (
    disk.startsWith("mmcblk") &&
    readIfPresent(system, `/sys/class/block/${disk}/device/type`)?.trim() === "SD"
  );
}

function tableOf(system: System, disk: string, tables: PartitionTables): PartitionTable {
  const known = tables.get(disk);
  if (known) return known;
  const table = readDiskTable(system, disk);
  tables.set(disk, table);
  return table;
}

function readDiskTable(system: System, disk: string): PartitionTable {
  const path = `/dev/${disk.replaceAll("!", "/")}`;
  const directory = `/sys/class/block/${disk}`;
  const bytes = Number(readIfPresent(system, `${directory}/size`) ?? 0) * 512;
  const sectorBytes = readSectorBytesAt(system, directory) ?? usualSectorBytes;
  const read = (offset: number, length: number) => system.readBytes(path, offset, length);
  const table = ifPossible(() => readTable(read, bytes, sectorBytes));
  return table ?? { partitions: [], fault: undefined };
}

/** Returns the device's place in the machine ("/devices/pci0000:00/…/usb1/…/block/sda/sda1"). */
function placeOf(system: System, directory: string): string {
  return ifPossible(() => system.readLink(directory)) ?? directory;
}

function firstText(system: System, paths: readonly string[]): string | undefined {
  for (const path of paths) {
    const text = readIfPresent(system, path)?.trim();
    if (text) return text;
  }
  return undefined;
}

function parseUevent(text: string): Map<string, string> {
  return new Map(
    text.split("\n").flatMap((line): [string, string][] => {
      const equals = line.indexOf("=");
      return equals < 0 ? [] : [[line.slice(0, equals), line.slice(equals + 1)]];
    }),
  );
}

/** Sorts "sda2" before "sda10". */
function compareNames(one: string, other: string): number {
  const [stem, number] = splitNumber(one);
  const [otherStem, otherNumber] = splitNumber(other);
  if (stem !== otherStem) return stem < otherStem ? -1 : 1;
  return Number(number || -1) - Number(otherNumber || -1);
}
