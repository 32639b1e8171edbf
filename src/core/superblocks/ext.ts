// ext2, ext3, ext4 and ext4's external journal. They share one magic number; the features decide
// which it is, as in blkid: ext2 has no journal, ext3 has one, ext4 has any feature that ext3 does
// not know.
// Fields: Documentation/filesystems/ext4/super.rst.

import { labelText, sizeOf, u16le, u32le, uuidText } from "../bytes/fields.ts";
import type { Source } from "../bytes/source.ts";
import { readMountProtection } from "./mount-protection.ts";
import type { Superblock, Unclean } from "./superblock.ts";

const compatible = { journal: 0x4 } as const;
const incompatible = {
  fileType: 0x2,
  recover: 0x4,
  journalDevice: 0x8,
  metaGroups: 0x10,
  wide: 0x80,
};
const readonlyCompatible = {
  sparse: 0x1,
  largeFile: 0x2,
  treeDirectory: 0x4,
  orphanPresent: 0x10000,
};

const knownToExt2 = incompatible.fileType | incompatible.metaGroups;
const knownToExt3 = knownToExt2 | incompatible.recover;
const knownReadonly =
  readonlyCompatible.sparse | readonlyCompatible.largeFile | readonlyCompatible.treeDirectory;

/** Identifies ext2, ext3, ext4 and an external journal ("jbd"). */
export function identifyExt(source: Source): Superblock | undefined {
  const block = source.at(1024, 1024);
  if (block === undefined || u16le(block, 0x38) !== 0xef53) return undefined;
  const blockShift = u32le(block, 0x18);
  const type = typeOf(block);
  if (type === undefined || blockShift > 6 || u32le(block, 0x20) === 0) return undefined;
  const high = (u32le(block, 0x60) & incompatible.wide) !== 0 ? u32le(block, 0x150) : 0;
  const protection = type === "ext4" ? readMountProtection(source, block) : undefined;
  return {
    type,
    label: labelText(block, 0x78, 16),
    uuid: uuidText(block, 0x68),
    bytes: sizeOf(high * 2 ** 32 + u32le(block, 0x04), 1024 * 2 ** blockShift),
    unclean: type === "jbd" ? [] : uncleanOf(block),
    ...(protection === undefined ? {} : { protection }),
  };
}

function typeOf(block: Uint8Array): string | undefined {
  const incompat = u32le(block, 0x60);
  const hasJournal = (u32le(block, 0x5c) & compatible.journal) !== 0;
  if ((incompat & incompatible.journalDevice) !== 0) return "jbd";
  if ((u32le(block, 0x64) & ~knownReadonly) !== 0 || (incompat & ~knownToExt3) !== 0) return "ext4";
  if (hasJournal) return "ext3";
  return (incompat & ~knownToExt2) === 0 ? "ext2" : undefined;
}

function uncleanOf(block: Uint8Array): Unclean[] {
  const unclean: Unclean[] = [];
  const state = u16le(block, 0x3a);
  if ((u32le(block, 0x60) & incompatible.recover) !== 0) unclean.push("journal");
  if ((state & 0x2) !== 0) unclean.push("errors");
  if ((state & 0x1) === 0) unclean.push("dirty");
  const hasOrphanFile = (u32le(block, 0x64) & readonlyCompatible.orphanPresent) !== 0;
  if (u32le(block, 0xe8) !== 0 || hasOrphanFile) unclean.push("orphans");
  return unclean;
}
