// A block device (or an image file in its place) as far as it is known before anything is mounted:
// plain facts.

import type { Superblock } from "../superblocks/superblock.ts";

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
  /** Where a partition begins on its disk, in bytes; undefined if it is not known. */
  readonly start?: number;
  /** For a partition in an image file: where it begins in the file, in bytes. */
  readonly offset?: number;
  readonly partUuid: string | undefined;
  readonly partLabel: string | undefined;
  /**
   * As a user understands it: removable flag, USB, SD card (not eMMC), or the disk that carries the
   * medium.
   */
  readonly removable: boolean;
  /** An optical drive (sr0). */
  readonly optical: boolean;
  /**
   * Whether the device mapper has it or its disk for itself, as Ventoy does: the kernel mounts it
   * through a loop device only.
   */
  readonly isClaimed?: true;
  readonly model: string | undefined;
  readonly serial: string | undefined;
  /** Undefined if nothing was recognised; `problem` then says why if it could not be read. */
  readonly superblock: Superblock | undefined;
  readonly problem: string | undefined;
  /** Mount options that decide what is seen of it (btrfs); undefined if there are none. */
  readonly view?: string;
  /** The other devices of its file system that are there (btrfs); undefined if there are none. */
  readonly companions?: readonly MemberDevice[];
}

/** Another device of the same file system, or where it is in an image file. */
export interface MemberDevice {
  readonly path: string;
  readonly bytes: number;
  readonly disk?: string | undefined;
  readonly offset?: number;
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
