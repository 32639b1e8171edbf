// A block device (or an image file in its place) as far as it is known before anything is mounted:
// plain facts.

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
  /** The types whose signatures were found, if `type` is "ambivalent". */
  readonly signatures?: readonly string[];
}

/**
 * One reason why a file system is not in order. `journal` alone is not damage: the kernel replays
 * it; nor are `orphans`, which ext4 with an orphan file has whenever it was not unmounted: the
 * kernel deletes them.
 */
export type Unclean = "journal" | "orphans" | "errors" | "dirty" | "hibernated" | "suspended";

/** A block device, a partition, or an image file (or a partition in one) in place of a device. */
export interface Device {
  /** The path as given or as the kernel names it: "/dev/sda2", "disk.img", "disk.img#2". */
  readonly path: string;
  readonly bytes: number;
  /**
   * The whole disk that a partition is on, as the `path` of that Device; undefined for a whole
   * disk.
   */
  readonly disk: string | undefined;
  /** The partition's number on its disk, from 1; undefined for a whole disk. */
  readonly partition: number | undefined;
  /** For a partition in an image file: where it begins in the file, in bytes. */
  readonly offset?: number;
  readonly partUuid: string | undefined;
  readonly partLabel: string | undefined;
  /**
   * In the everyday sense: removable flag, USB, SD card (not eMMC), or the disk that carries the
   * medium.
   */
  readonly removable: boolean;
  /** An optical drive (sr0). */
  readonly optical: boolean;
  readonly model: string | undefined;
  readonly serial: string | undefined;
  /** Undefined if nothing was recognised; `problem` then says why if it could not be read. */
  readonly superblock: Superblock | undefined;
  readonly problem: string | undefined;
}

/** Returns a device of which only the path and size are known yet. */
export function unknownDevice(path: string, bytes: number): Device {
  return {
    path,
    bytes,
    disk: undefined,
    partition: undefined,
    partUuid: undefined,
    partLabel: undefined,
    removable: false,
    optical: false,
    model: undefined,
    serial: undefined,
    superblock: undefined,
    problem: undefined,
  };
}
