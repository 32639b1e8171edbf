// The size of a disk's sectors: the smallest unit that it reads and writes, as the kernel tells it
// (Documentation/ABI/stable/sysfs-block).
import { formatDeviceNumber } from "../../core/kernel/device-number.ts";
import { ifPossible } from "../port/errors.ts";
import { readIfPresent } from "../port/files.ts";
import type { System } from "../port/system.ts";

/** Reads it for a block device or a partition; 512 for anything else, and if it is not known. */
export function readSectorBytes(system: System, path: string): number {
  const status = ifPossible(() => system.status(path));
  if (status?.kind !== "block") return usualSectorBytes;
  const directory = `/sys/dev/block/${formatDeviceNumber(status.deviceNumber)}`;
  return (
    readSectorBytesAt(system, directory) ??
    readSectorBytesAt(system, `${directory}/..`) ??
    usualSectorBytes
  );
}

/** Reads it in the directory that sysfs has of a disk; undefined if it is not known. */
export function readSectorBytesAt(system: System, directory: string): number | undefined {
  const text = readIfPresent(system, `${directory}/queue/logical_block_size`)?.trim() ?? "";
  return /^\d{3,5}$/.test(text) ? Number(text) : undefined;
}

/** What sectors have where nothing else is known. */
export const usualSectorBytes = 512;
