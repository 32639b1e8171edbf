// The block devices of the machine, from /sys and the first kilobytes of each. Nothing is mounted,
// nothing is written. Documentation/ABI/stable/sysfs-block; block/partitions for names of
// partitions.

import { splitNumber } from "../../core/bytes/trim.ts";
import { type Device, unknownDevice } from "../../core/devices/device.ts";
import { joinMembers } from "../../core/devices/members.ts";
import { describeTableFault } from "../../core/devices/table-fault.ts";
import { type PartitionTable, readTable } from "../../core/superblocks/partitions.ts";
import { ifPossible } from "../port/errors.ts";
import { listIfPresent, readIfPresent } from "../port/files.ts";
import type { System } from "../port/system.ts";
import { isIgnored, isRemovable, placeOf, readModel, readSerial } from "./disk-facts.ts";
import { probe, type SummariseBug } from "./probe.ts";
import { readSectorBytesAt, usualSectorBytes } from "./sector-size.ts";

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
    serial: readSerial(system, diskName),
  };
  // An empty drive may get its disc a moment later, and then report the same size.
  if (!device.optical || device.problem === undefined) cache.set(key, device);
  return device;
}

function isClaimed(system: System, name: string): boolean {
  const holders = listIfPresent(system, `/sys/class/block/${name}/holders`);
  return holders.some((holder) => holder.startsWith("dm-"));
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

function isDiscDrive(name: string): boolean {
  return name.startsWith("sr");
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
