// What the first bytes of a device identify, in blkid's terms.

import type { MountProtection } from "./mount-protection.ts";

/** The contents of a device: blkid's name for the type, and whether it was left in order. */
export interface Superblock {
  /**
   * blkid's TYPE: "ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "squashfs", "erofs", "iso9660",
   * "vfat", "exfat", "ntfs", "crypto_LUKS", "swap", "swsuspend", "linux_raid_member",
   * "LVM2_member", "bcache" …; "ambivalent" if it has the signatures of several.
   */
  readonly type: string;
  /**
   * The contents of the label field without padding; undefined if it is empty or the type has none.
   */
  readonly label: string | undefined;
  /**
   * As blkid prints it ("550e8400-e29b-…", "1A2B-3C4D", "2024-01-31-10-20-30-00",
   * "1A2B3C4D5E6F7081").
   */
  readonly uuid: string | undefined;
  /** The size of the file system according to its own superblock; undefined if that has no size. */
  readonly bytes: number | undefined;
  /** Why it is not in order; empty if it is, or if its superblock does not show it. */
  readonly unclean: readonly Unclean[];
  /** btrfs: distinguishes the members of one file system (same uuid). */
  readonly memberUuid?: string;
  /** btrfs: the number of its devices; undefined if it is one. */
  readonly members?: number;
  /** btrfs: how much of its device belongs to it. */
  readonly memberBytes?: number;
  /** ext4: what its multiple mount protection says; undefined if it has none. */
  readonly protection?: MountProtection;
  /** The types whose signatures were found, if `type` is "ambivalent". */
  readonly signatures?: readonly string[];
}

/**
 * One reason why a file system is not in order. `journal` alone is not damage: the kernel replays
 * it; nor are `orphans`, which ext4 with an orphan file has whenever it was not unmounted: the
 * kernel deletes them.
 */
export type Unclean = "journal" | "orphans" | "errors" | "dirty" | "hibernated" | "suspended";
