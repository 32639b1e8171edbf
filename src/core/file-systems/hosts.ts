// What the file system that contains a store file can do, by the kernel's name for its type: how
// large a file may be, how fast space is allocated, how much is left free.
// Facts: each driver's fallocate and s_maxbytes in Linux 6.1 (fs/*).

/** The properties of a host's type. */
interface HostLimits {
  /** The maximum size of a file; undefined if no store comes near it. */
  readonly largestFileBytes: number | undefined;
  /**
   * How much to allocate in one call: little if the driver writes zeros for it, which takes time.
   */
  readonly pieceBytes: number;
  /**
   * Whether a power failure may leave a file longer than its allocation, unless the space is
   * reserved and synced first.
   */
  readonly reservesFirst: boolean;
  /**
   * Whether the file's allocation has to be synced on its device before the file itself is:
   * otherwise a power failure may leave a grown file without its previous contents.
   */
  readonly syncsDeviceFirst: boolean;
  /** Why files on it cannot be written; undefined if they can. */
  readonly refusal: string | undefined;
  /** Why no boot would find a store there; undefined if one would. */
  readonly note: string | undefined;
  /** The same, where a store would also take what is needed, or end with the session. */
  readonly passing: string | undefined;
}

const mebibyte = 2 ** 20;

function isFat(type: string): boolean {
  return type === "vfat" || type === "msdos";
}

const fatLargest = 2 ** 32 - 1;

/** Drivers whose fallocate only records what is allocated. */
const quick = new Set(["ext4", "xfs", "btrfs", "f2fs", "tmpfs", "bcachefs"]);

/** File systems that are written once and never changed. */
const unchanging = new Set(["iso9660", "squashfs", "erofs", "cramfs", "romfs"]);

const inMemory = new Set(["tmpfs", "ramfs", "rootfs", "devtmpfs"]);

const unions = new Set(["overlay", "aufs", "unionfs", "fuse.fuse-overlayfs", "fuse.unionfs"]);

/** What the kernel shows of itself. */
const views = new Set([
  "proc",
  "sysfs",
  "cgroup",
  "cgroup2",
  "configfs",
  "debugfs",
  "tracefs",
  "securityfs",
  "efivarfs",
  "pstore",
  "devpts",
  "mqueue",
  "hugetlbfs",
  "bpf",
  "fusectl",
  "binfmt_misc",
  "autofs",
]);

/** What a boot can mount; ntfs-3g and exfat-fuse are "fuseblk". */
const mounted = new Set([
  ...["ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs"],
  ...["vfat", "msdos", "exfat", "ntfs3", "ntfs", "fuseblk", "udf"],
]);

const elsewhere = new Set([
  "nfs",
  "nfs4",
  "cifs",
  "smb3",
  "9p",
  "virtiofs",
  "ceph",
  "afs",
  "vboxsf",
]);

/**
 * Returns the properties of a host by the kernel's name for its type ("vfat", "ntfs3", "fuseblk").
 */
export function limitsOf(type: string): HostLimits {
  return {
    largestFileBytes: isFat(type) ? fatLargest : undefined,
    reservesFirst: isFat(type),
    // A contiguous file has no chain there. When it gets one, the directory entry says so, and is
    // synced first.
    syncsDeviceFirst: type === "exfat",
    pieceBytes: (quick.has(type) ? 64 : 8) * mebibyte,
    refusal: unchanging.has(type) ? `${type} is read-only` : undefined,
    note: passingOf(type) ?? noteOf(type),
    passing: passingOf(type),
  };
}

/**
 * Returns how many bytes of a host are left free beside a store: 1 % of the host, between 4 and 64
 * MiB, for the host's own bookkeeping and for the small files that are still to be written to a
 * boot stick.
 */
export function marginBytes(hostBytes: number): number {
  return Math.min(64 * mebibyte, Math.max(4 * mebibyte, Math.ceil(hostBytes / 100)));
}

function passingOf(type: string): string | undefined {
  if (inMemory.has(type)) return "it is in memory and is lost at power-off";
  if (unions.has(type)) return "it is on an overlay, where no boot finds it";
  if (views.has(type)) return "nothing can be kept there";
  return undefined;
}

/** Returns whether a type shows several directories as one: no boot looks there for a store. */
export function isUnion(type: string): boolean {
  return unions.has(type);
}

function noteOf(type: string): string | undefined {
  if (elsewhere.has(type)) return "it is on another machine, where no boot finds it";
  if (type === "fuse" || type.startsWith("fuse."))
    return `it is behind FUSE (${type}), where no boot finds it`;
  if (mounted.has(type) || unchanging.has(type)) return undefined;
  return `it is on ${type}, which no boot mounts`;
}
