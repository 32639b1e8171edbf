// The features of a guest that only QEMU has. Everything else runs in User Mode Linux.

import { closeSync, openSync, readSync } from "node:fs";
import type { Hand } from "./boot-request.ts";
import type { FirmwareName } from "./firmware.ts";
import type { Disk, Keyboard } from "./machine.ts";
import { mostUmlDisks } from "./uml.ts";

/** The properties of a guest that its machine depends on. */
export interface GuestParts {
  /** A feature that its machine must have and no other property shows. */
  readonly needs?: string;
  readonly kernel?: string;
  readonly disks: readonly Disk[];
  readonly boots: readonly {
    readonly hands?: readonly Hand[];
    readonly keyboard?: Keyboard;
    readonly firmware?: FirmwareName;
  }[];
}

/** Returns why a guest needs QEMU; undefined if it does not. */
export function findHardwareNeed({ needs, kernel, disks, boots }: GuestParts): string | undefined {
  if (needs !== undefined) return needs;
  if (kernel !== undefined) return `the kernel of ${kernel}`;
  for (const { name, file, bus, fault, log, absent } of disks) {
    if (bus !== undefined) return `${bus} for the disk "${name}"`;
    if (fault !== undefined) return `a fault of the disk "${name}"`;
    if (log !== undefined) return `a record of what is written to the disk "${name}"`;
    if (absent) return `plugging in the disk "${name}"`;
    if (hasPowertecChecksum(file)) return `a kernel that finds no Acorn partitions on "${name}"`;
  }
  // The disk with the guest's actions comes last.
  if (disks.length >= mostUmlDisks) return `${disks.length + 1} disks`;
  if (boots.some(({ firmware }) => firmware !== undefined)) return "a firmware";
  const hands = boots.flatMap((boot) => boot.hands ?? []);
  if (boots.some(({ keyboard }) => keyboard !== undefined)) return "a keyboard";
  if (hands.some(({ presses }) => presses !== undefined)) return "a keyboard";
  if (hands.some(({ plugs, pulls }) => (plugs ?? pulls) !== undefined)) return "hot-plugging";
  return undefined;
}

/**
 * Returns whether Debian's kernel for User Mode Linux would take the first sector for an Acorn
 * partition table (adfspart_check_POWERTEC in block/partitions/acorn.c), by a checksum of one byte:
 * one in 256 file systems whose UUID is in that sector. Its kernel for real machines does not look.
 */
function hasPowertecChecksum(file: string): boolean {
  const sector = Buffer.alloc(512);
  const descriptor = openSync(file, "r");
  const length = readSync(descriptor, sector, 0, sector.length, 0);
  closeSync(descriptor);
  const sum = sector.subarray(0, 511).reduce((total, byte) => (total + byte) & 0xff, 0x2a);
  return length === sector.length && sum === sector[511];
}
