// Identifies the contents of a file or device, read through the port.
import { identify } from "../../core/superblocks/identify.ts";
import type { Superblock } from "../../core/superblocks/superblock.ts";
import type { System } from "../port/system.ts";

/**
 * Identifies the contents of a file or device of `bytes`; undefined if they are unknown. An errno
 * passes through.
 */
export function readSuperblock(
  system: System,
  path: string,
  bytes: number,
): Superblock | undefined {
  return identify((offset, length) => system.readBytes(path, offset, length), bytes);
}
