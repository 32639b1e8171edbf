// What backstore knows about mounting each type of file system: blkid's words for types on the left, the kernel's
// drivers and options on the right. Facts: the kernel's Documentation/filesystems, facts measured in docs/design.md.
import type { Superblock } from "../devices/device.ts";

interface FileSystem {
  /** The kernel's name for mount(2). */
  readonly driver: string;
  /**
   * Options to look without replaying a journal, where a plain read-only mount is refused because one wants replay
   * (or, xfs, because the same UUID is mounted). Undefined where a read-only mount never replays.
   */
  readonly looking?: string;
  /** Whether overlayfs can keep an upper directory there. */
  readonly holdsDirectoryStore?: true;
  /** Whether a plain read-only mount may write to the device (journal replay, xfs also when clean). */
  readonly writesWhenReadonly?: true;
  /** Whether it cannot be written to on any device. */
  readonly isReadonly?: true;
  /** Whether its driver refuses to write where the superblock says that it was not unmounted. */
  readonly needsClean?: true;
  /** Whether only its dirty bit tells that it was not unmounted, and nothing is replayed. */
  readonly hasDirtyBit?: true;
}

const fileSystems: Readonly<Record<string, FileSystem>> = {
  // One driver serves all three; it is the one that distributions build.
  ext2: { driver: "ext4", looking: "noload", holdsDirectoryStore: true, writesWhenReadonly: true },
  ext3: { driver: "ext4", looking: "noload", holdsDirectoryStore: true, writesWhenReadonly: true },
  ext4: { driver: "ext4", looking: "noload", holdsDirectoryStore: true, writesWhenReadonly: true },
  xfs: {
    driver: "xfs",
    looking: "norecovery,nouuid",
    holdsDirectoryStore: true,
    writesWhenReadonly: true,
  },
  btrfs: {
    driver: "btrfs",
    looking: "rescue=nologreplay",
    holdsDirectoryStore: true,
    writesWhenReadonly: true,
  },
  f2fs: {
    driver: "f2fs",
    looking: "norecovery",
    holdsDirectoryStore: true,
    writesWhenReadonly: true,
  },
  vfat: { driver: "vfat", hasDirtyBit: true },
  exfat: { driver: "exfat", hasDirtyBit: true },
  ntfs: { driver: "ntfs3", needsClean: true },
  iso9660: { driver: "iso9660", isReadonly: true },
  udf: { driver: "udf" },
  squashfs: { driver: "squashfs", isReadonly: true },
  erofs: { driver: "erofs", isReadonly: true },
};

/** Gives the kernel's name for a type; undefined for what cannot be mounted (LUKS, swap, members of arrays). */
export function driverOf(type: string): string | undefined {
  return fileSystems[type]?.driver;
}

/** Lists the options to try, in order, for a mount that must not write and that only looks. */
export function lookingOptions(type: string): readonly string[] {
  const looking = fileSystems[type]?.looking;
  return looking === undefined ? [""] : ["", looking];
}

/**
 * Gives the options for a read-only mount that leaves a pending journal pending. An xfs superblock does not tell whether
 * its log is clean, so it is never replayed.
 */
export function unchangedOptions(superblock: Superblock | undefined): string {
  if (superblock === undefined) return "";
  const isPending = superblock.unclean.length > 0 || superblock.type === "xfs";
  return isPending ? (lookingOptions(superblock.type).at(-1) ?? "") : "";
}

/** Tells whether overlayfs can keep an upper directory on the type. */
export function holdsDirectoryStore(type: string): boolean {
  return fileSystems[type]?.holdsDirectoryStore === true;
}

/** Tells whether even a read-only mount of the type may write to the device. */
export function writesWhenReadonly(type: string): boolean {
  return fileSystems[type]?.writesWhenReadonly === true;
}

/** Finds out why no file of a host can be written to, by its type and superblock; undefined when it can. */
export function findWriteObstacle({ type, unclean }: Superblock): string | undefined {
  const known = fileSystems[type];
  if (known?.isReadonly) return `${type} is never written to (copy the file to another device)`;
  if (known?.needsClean && unclean.includes("dirty"))
    return `its ${type} was not unmounted, and must be checked by the system that it belongs to (in Windows: "chkdsk /f")`;
  return undefined;
}

/**
 * Gives the options for a host that is written to. The kernel makes a FAT read-only when it meets a broken chain, which is what
 * a power cut leaves of a file that was getting longer: no reason not to write to a store that is whole.
 */
export function hostOptions(type: string): string {
  return fileSystems[type]?.hasDirtyBit === true ? "errors=continue" : "";
}

/** Tells whether the dirty bit of a type that replays nothing is set. */
export function isDirty({ type, unclean }: Superblock): boolean {
  return fileSystems[type]?.hasDirtyBit === true && unclean.includes("dirty");
}

/** Describes that the running kernel cannot mount a type. */
export function describeMissingDriver(type: string): string {
  const driver = driverOf(type) ?? type;
  // An older driver that the kernel may have does not write, and is not asked.
  if (type === "ntfs") return `this kernel has no driver that writes ntfs (${driver})`;
  return `this kernel has no driver for ${type}${driver === type ? "" : ` (${driver})`}`;
}

/** Lists the types that can hold a directory store, for sentences. */
export const directoryStoreTypes = Object.keys(fileSystems).filter(holdsDirectoryStore);
