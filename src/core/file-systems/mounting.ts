// How to mount each type of file system: blkid's names for types on the left, the kernel's drivers
// and options on the right.
// Facts: the kernel's Documentation/filesystems, and measurements in docs/design.md.
import type { Device } from "../devices/device.ts";
import type { Superblock } from "../superblocks/superblock.ts";

interface FileSystem {
  /** The kernel's name for mount(2). */
  readonly driver: string;
  /**
   * Options to inspect without replaying a journal, if a plain read-only mount is refused because
   * the journal needs a replay (or, for xfs, because the same UUID is mounted). Undefined if a
   * read-only mount never replays.
   */
  readonly looking?: string;
  /** Whether overlayfs can use an upper directory there. */
  readonly holdsDirectoryStore?: true;
  /**
   * Options for writing to it in a file: its driver would clear tables with a request that the file
   * systems of sticks refuse, and each refusal is an error in the kernel log.
   */
  readonly inFile?: string;
  /**
   * Whether a plain read-only mount may write to the device (journal replay, xfs even when clean).
   */
  readonly writesWhenReadonly?: true;
  /** Whether it cannot be written to on any device. */
  readonly isReadonly?: true;
  /**
   * Whether its driver refuses to write if the superblock says that it was not cleanly unmounted.
   */
  readonly needsClean?: true;
  /**
   * Whether only its dirty bit shows that it was not cleanly unmounted, and nothing is replayed.
   */
  readonly hasDirtyBit?: true;
}

/** One driver serves all three; it is the one that distributions build. */
const ext: FileSystem = {
  driver: "ext4",
  looking: "noload",
  holdsDirectoryStore: true,
  writesWhenReadonly: true,
  inFile: "noinit_itable",
};

const fileSystems: Readonly<Record<string, FileSystem>> = {
  ext2: ext,
  ext3: ext,
  ext4: ext,
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

/**
 * Returns the kernel's name for a type; undefined for what cannot be mounted (LUKS, swap, members
 * of arrays).
 */
export function driverOf(type: string): string | undefined {
  return fileSystems[type]?.driver;
}

/**
 * Returns the options to try, in order, for a mount that must not write and is only for inspection.
 */
export function lookingOptions(type: string): readonly string[] {
  const looking = fileSystems[type]?.looking;
  return looking === undefined ? [""] : ["", looking];
}

/**
 * Returns the options for a read-only mount that leaves a pending journal pending. An xfs
 * superblock does not show whether its log is clean, so it is never replayed.
 */
export function unchangedOptions(superblock: Superblock | undefined): string {
  if (superblock === undefined) return "";
  const isPending = superblock.unclean.length > 0 || superblock.type === "xfs";
  return isPending ? (lookingOptions(superblock.type).at(-1) ?? "") : "";
}

/** Returns whether overlayfs can use an upper directory on the type. */
export function holdsDirectoryStore(type: string): boolean {
  return fileSystems[type]?.holdsDirectoryStore === true;
}

/** Returns whether even a read-only mount of the type may write to the device. */
export function writesWhenReadonly(type: string): boolean {
  return fileSystems[type]?.writesWhenReadonly === true;
}

/**
 * Returns why files on a host cannot be written, given its type and superblock; undefined if they
 * can.
 */
export function findWriteObstacle({ type, unclean }: Superblock): string | undefined {
  const known = fileSystems[type];
  if (known?.isReadonly)
    return `backstore never writes to ${type} (copy the file to another device)`;
  if (known?.needsClean && unclean.includes("dirty"))
    return `its ${type} file system was not cleanly unmounted and must be checked by the system that it belongs to (in Windows: "chkdsk /f")`;
  return undefined;
}

/**
 * Returns the options for a host that is written to. The kernel makes a FAT file system read-only
 * when it finds a broken chain, which is what a power failure leaves of a file that was growing: no
 * reason not to write to an intact store.
 */
export function hostOptions(type: string): string {
  return fileSystems[type]?.hasDirtyBit === true ? "errors=continue" : "";
}

/** Returns the options for a file system in a file that is written to. */
export function innerOptions(type: string): string {
  return fileSystems[type]?.inFile ?? "";
}

/** Returns whether the dirty bit of a type that replays nothing is set. */
export function isDirty({ type, unclean }: Superblock): boolean {
  return fileSystems[type]?.hasDirtyBit === true && unclean.includes("dirty");
}

/** Returns the message that the running kernel cannot mount a type. */
export function describeMissingDriver(type: string): string {
  const driver = driverOf(type) ?? type;
  // An older driver that the kernel may have does not write, and is not considered.
  if (type === "ntfs") return `this kernel has no driver that can write to ntfs (${driver})`;
  return `this kernel has no driver for ${type}${driver === type ? "" : ` (${driver})`}`;
}

/** The types that can hold a directory store, for sentences. */
export const directoryStoreTypes = Object.keys(fileSystems).filter(holdsDirectoryStore);

/**
 * Returns those of a store's mount options that decide what is seen of its file system: a look and
 * a mount for reading have to use them as well, and no others.
 */
export function viewOptions(type: string, flags: string): string {
  if (type !== "btrfs") return "";
  const words = flags.split(",").filter((word) => /^(?:degraded$|subvol=|subvolid=\d)/.test(word));
  return words.join(",");
}

/** Returns a device as it is seen through a store's mount options. */
export function viewThrough(device: Device, flags: string): Device {
  const view = viewOptions(device.superblock?.type ?? "", flags);
  return view === "" ? device : { ...device, view };
}
