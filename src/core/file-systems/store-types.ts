// The file systems that a store can be created with, and the tools that are the authority on each:
// how to create, check and resize it, and its minimum size. Sizes were measured with the tools of
// Debian 12 (docs/decisions/0013).

/** A file system that a store can be created with. */
export type StoreType = "ext4" | "ext3" | "ext2" | "xfs" | "btrfs";

/** The parameters of a new file system. */
interface MakeRequest {
  /** The file or device. */
  readonly path: string;
  readonly label?: string | undefined;
  readonly bytes: number;
  /** Whether every byte reads as zero, so that tables need not be cleared. */
  readonly isZeroed: boolean;
  /** The smallest unit that the disk below a file reads and writes; 512 if it is not known. */
  readonly sectorBytes?: number;
}

/** A file system that is mounted: its device, and where. */
interface MountedInner {
  readonly device: string;
  readonly target: string;
}

/** The properties and tools of one type. Every list of words is the argument vector of a tool. */
export interface StoreFileSystem {
  readonly type: StoreType;
  /** With the article it has in a sentence. */
  readonly name: string;
  readonly smallestBytes: number;
  /** What the kernel resizes it to at least; undefined if any size will do. */
  readonly leastResizedBytes?: number;
  /** The maximum length of its label in bytes of UTF-8. */
  readonly labelBytes: number;
  /** Creates it anew, whatever was there. Nothing is discarded: that would make a file sparse. */
  readonly make: (request: MakeRequest) => readonly string[];
  /** Checks it while it is not mounted, and changes nothing. */
  readonly check: (path: string) => readonly string[];
  /** Makes it fill its device; undefined if it has to be mounted for that. */
  readonly growUnmounted: ((path: string) => readonly string[]) | undefined;
  /** Makes it fill its device while it is mounted; undefined if the kernel cannot do that. */
  readonly growMounted: ((mounted: MountedInner) => readonly string[]) | undefined;
  /** How it can shrink: by its tool when unmounted or when mounted, or only by copying. */
  readonly shrinks: "unmounted" | "mounted" | "by copying";
}

const mebibyte = 2 ** 20;

/**
 * Only what e2fsprogs 1.42 and Linux 3.2 know. "none" first: what the machine's own mke2fs.conf
 * adds would lock an older rescue system out of the store.
 */
const extFeatures = {
  ext2: "none,ext_attr,resize_inode,dir_index,filetype,sparse_super,large_file",
  ext3: "none,has_journal,ext_attr,resize_inode,dir_index,filetype,sparse_super,large_file",
  ext4: "none,has_journal,ext_attr,resize_inode,dir_index,filetype,extent,flex_bg,sparse_super,large_file,huge_file,uninit_bg,dir_nlink,extra_isize",
};

/** The type of a store for which none is chosen. */
export const defaultStoreType: StoreFileSystem = ext("ext4");

/** The types, the default first. */
export const storeFileSystems: readonly StoreFileSystem[] = [
  defaultStoreType,
  ext("ext3"),
  ext("ext2"),
  {
    type: "xfs",
    name: "an xfs",
    smallestBytes: 300 * mebibyte,
    labelBytes: 12,
    make: ({ path, label, sectorBytes = 512 }) => [
      ...["mkfs.xfs", "-q", "-f", "-K"],
      // Its tools and its log work in this unit, past the page cache. mkfs asks only a device.
      ...(sectorBytes > 512 ? ["-s", `size=${sectorBytes}`] : []),
      ...named("-L", label),
      path,
    ],
    check: (path) => ["xfs_repair", "-n", path],
    growUnmounted: undefined,
    growMounted: ({ target }) => ["xfs_growfs", "-d", target],
    shrinks: "by copying",
  },
  {
    type: "btrfs",
    name: "a btrfs",
    smallestBytes: 109 * mebibyte,
    // btrfs_ioctl_resize refuses less, even if it is more than now.
    leastResizedBytes: 256 * mebibyte,
    // The field holds 255; btrfs-progs 6.2 writes 254.
    labelBytes: 254,
    make: ({ path, label }) => ["mkfs.btrfs", "-q", "-f", "-K", ...named("-L", label), path],
    check: (path) => ["btrfs", "check", "--readonly", path],
    growUnmounted: undefined,
    growMounted: ({ target }) => ["btrfs", "filesystem", "resize", "max", target],
    shrinks: "mounted",
  },
];

/**
 * Returns the entry of a type by blkid's name for it; undefined if a store cannot be created with
 * it.
 */
export function findStoreType(type: string): StoreFileSystem | undefined {
  return storeFileSystems.find((one) => one.type === type);
}

function ext(type: "ext4" | "ext3" | "ext2"): StoreFileSystem {
  return {
    type,
    name: `an ${type}`,
    // Below this mke2fs omits the journal.
    smallestBytes: 8 * mebibyte,
    labelBytes: 16,
    make: (request) => makeExt(type, request),
    check: (path) => ["e2fsck", "-f", "-n", path],
    growUnmounted: (path) => ["resize2fs", path],
    growMounted: type === "ext2" ? undefined : ({ device }) => ["resize2fs", device],
    shrinks: "unmounted",
  };
}

function makeExt(
  type: "ext4" | "ext3" | "ext2",
  { path, label, bytes, isZeroed }: MakeRequest,
): readonly string[] {
  // The journal's old contents could be replayed if it is not cleared. On a device the kernel
  // clears the tables later; in a file on FAT it would report an error for each of them at that.
  const lazy = isZeroed ? ["lazy_itable_init=0", "lazy_journal_init=1"] : ["lazy_itable_init=1"];
  // Only for a file, which grows by a copy of its metadata; mke2fs has no choice below 128 MiB.
  const isChosen = type !== "ext2" && isZeroed && bytes >= 128 * mebibyte;
  const journal = isChosen ? ["-J", `size=${journalMebibytes(bytes)}`] : [];
  return [
    `mkfs.${type}`,
    "-q",
    "-F",
    ...["-b", "4096"],
    ...["-I", "256"],
    ...["-i", bytes <= 8 * 1024 * mebibyte ? "8192" : "16384"],
    ...["-m", "0"],
    ...["-O", extFeatures[type]],
    ...journal,
    ...["-E", ["nodiscard", ...lazy, "root_owner=0:0"].join(",")],
    ...named("-L", label),
    path,
  ];
}

/** Less than mke2fs uses: room on a stick is precious, and growing copies the journal too. */
function journalMebibytes(bytes: number): number {
  return Math.min(64, Math.max(4, Math.floor(bytes / (128 * mebibyte))));
}

function named(flag: string, label: string | undefined): readonly string[] {
  return label === undefined ? [] : [flag, label];
}
