// The file system on a device or in a file, or why it could not be looked at.

import type { Device } from "../../core/devices/device.ts";
import { identify, type ReadBytes } from "../../core/superblocks/identify.ts";
import { reasonOf } from "../port/errors.ts";
import { errnoOf } from "../port/system.ts";

/** Describes a bug, which is then only a problem of the device that it was met on. */
export type SummariseBug = (error: unknown) => string;

/** Looks at the first kilobytes of what `read` reads. */
export function probe(
  read: ReadBytes,
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
