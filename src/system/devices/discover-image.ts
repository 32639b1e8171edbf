// An image file in place of a disk.

import { type Device, unknownDevice } from "../../core/devices/device.ts";
import { describeTableFault } from "../../core/devices/table-fault.ts";
import type { ReadBytes } from "../../core/superblocks/identify.ts";
import {
  listSectorSizes,
  mostPartitions,
  type Partition,
  type PartitionTable,
  readTable,
} from "../../core/superblocks/partitions.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { ifPossible } from "../port/errors.ts";
import { sayIfSlow } from "../port/say-if-slow.ts";
import type { System } from "../port/system.ts";
import { probe } from "./probe.ts";
import { readSectorBytes } from "./sector-size.ts";

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
