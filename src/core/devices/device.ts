// What is known of a block device (or an image file in its place) before anything is mounted: plain facts.

/** Says what the bytes of a device are, by blkid's word for the type, and whether it was left in order. */
export interface Superblock {
  /** blkid's TYPE: "ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "squashfs", "erofs", "iso9660", "vfat", "exfat", "ntfs", "crypto_LUKS", "swap", "swsuspend", "linux_raid_member", "LVM2_member", "bcache" …; "ambivalent" where the marks of several were found. */
  readonly type: string;
  /** What the label field says, padding removed; undefined when it is empty or the type has none. */
  readonly label: string | undefined;
  /** As blkid prints it ("550e8400-e29b-…", "1A2B-3C4D", "2024-01-31-10-20-30-00", "1A2B3C4D5E6F7081"). */
  readonly uuid: string | undefined;
  /** Of the file system, as its own superblock says it; undefined where it does not say. */
  readonly bytes: number | undefined;
  /** Why it is not in order, each in a few words; empty when it is, or when its superblock cannot tell. */
  readonly unclean: readonly Unclean[];
  /** btrfs: tells members of one file system (same uuid) apart. */
  readonly memberUuid?: string;
  /** The types whose marks were found, when `type` is "ambivalent". */
  readonly signatures?: readonly string[];
}

/**
 * Is one reason why a file system is not in order. `journal` alone is not damage: the kernel replays it; nor are `orphans`,
 * which ext4 with an orphan file has whenever it was not unmounted: the kernel deletes them.
 */
export type Unclean = "journal" | "orphans" | "errors" | "dirty" | "hibernated" | "suspended";

/** Is a block device, a partition, or an image file (or a partition in one) in the place of a device. */
export interface Device {
  /** The path as it was given or as the kernel names it: "/dev/sda2", "disk.img", "disk.img#2". */
  readonly path: string;
  readonly bytes: number;
  /** The whole disk that a partition lies on, as the `path` of that Device; undefined for a whole disk. */
  readonly disk: string | undefined;
  /** The partition's number on its disk, from 1; undefined for a whole disk. */
  readonly partition: number | undefined;
  /** Of a partition in an image file: where it begins in the file, in bytes. */
  readonly offset?: number;
  readonly partUuid: string | undefined;
  readonly partLabel: string | undefined;
  /** As a person means it: removable flag, USB, SD card (not eMMC), or the disk that carries the medium. */
  readonly removable: boolean;
  /** A drive for discs (sr0). */
  readonly optical: boolean;
  readonly model: string | undefined;
  readonly serial: string | undefined;
  /** Undefined when nothing was recognised, `problem` then says why if it could not be read. */
  readonly superblock: Superblock | undefined;
  readonly problem: string | undefined;
}

/** Makes a device of which nothing but its path and size is known yet. */
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
