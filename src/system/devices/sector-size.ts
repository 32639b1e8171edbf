// The size of a disk's sectors: the smallest unit that it reads and writes, as the kernel tells it
// (Documentation/ABI/stable/sysfs-block).
import { formatDeviceNumber } from "../../core/kernel/device-number.ts";
import { ifPossible } from "../port/errors.ts";
import { readIfPresent } from "../port/files.ts";
import type { System } from "../port/system.ts";

/** Reads it for a block device or a partition; 512 for anything else, and if it is not known. */
export function readSectorBytes(system: System, path: string): number {
  const status = ifPossible(() => system.status(path));
  if (status?.kind !== "block") return usualBytes;
  const directory = `/sys/dev/block/${formatDeviceNumber(status.deviceNumber)}`;
  for (const at of [directory, `${directory}/..`]) {
    const text = readIfPresent(system, `${at}/queue/logical_block_size`)?.trim() ?? "";
    if (/^\d{3,5}$/.test(text)) return Number(text);
  }
  return usualBytes;
}

const usualBytes = 512;
