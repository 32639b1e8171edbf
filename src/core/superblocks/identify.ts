// Identifies the contents of a device by reading its superblock: the one list of formats, in the
// order in which they are tried. Containers (RAID, LVM, encryption) come first, because a file
// system seen through one must not be touched. This never writes, and costs one read of 68 KiB, two
// at the end of the device, and a few more for what was identified.

import { openSource, type ReadBytes, type Source } from "../bytes/source.ts";
import { identifyBcache } from "./bcache.ts";
import { identifyBtrfs } from "./btrfs.ts";
import { identifyErofs } from "./erofs.ts";
import { identifyExfat } from "./exfat.ts";
import { identifyExt } from "./ext.ts";
import { identifyF2fs } from "./f2fs.ts";
import { identifyIso9660 } from "./iso9660.ts";
import { identifyLuks } from "./luks.ts";
import { identifyLvm } from "./lvm.ts";
import { identifyMd } from "./md.ts";
import { identifyNtfs } from "./ntfs.ts";
import { identifySquashfs } from "./squashfs.ts";
import type { Superblock } from "./superblock.ts";
import { identifySwap } from "./swap.ts";
import { identifyVfat } from "./vfat.ts";
import { identifyXfs } from "./xfs.ts";

export type { ReadBytes } from "../bytes/source.ts";

type Identify = (source: Source) => Superblock | undefined;

const containers: readonly Identify[] = [identifyMd, identifyBcache, identifyLvm, identifyLuks];

const fileSystems: readonly Identify[] = [
  identifyVfat,
  identifySwap,
  identifyXfs,
  identifyExt,
  identifyNtfs,
  identifySquashfs,
  identifyIso9660,
  identifyBtrfs,
  identifyExfat,
  identifyF2fs,
  identifyErofs,
];

/**
 * Identifies the contents of a device of `bytes` bytes; undefined if they are unknown, type
 * "ambivalent" if the device has the signatures of several file systems. Throws only what `read`
 * throws.
 */
export function identify(read: ReadBytes, bytes: number): Superblock | undefined {
  const source = openSource(read, bytes);
  for (const identifyContainer of containers) {
    const found = identifyContainer(source);
    if (found !== undefined) return found;
  }
  const found = fileSystems.map((ask) => ask(source)).filter((answer) => answer !== undefined);
  return found.length > 1 ? ambivalent(found) : found[0];
}

// The remains of another file system: nobody can say which one is meant, and blkid and udev do not
// either.
function ambivalent(found: readonly Superblock[]): Superblock {
  return {
    type: "ambivalent",
    label: undefined,
    uuid: undefined,
    bytes: undefined,
    unclean: [],
    signatures: found.map(({ type }) => type),
  };
}
