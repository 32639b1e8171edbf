// Where the changes of the running system really go, by the kernel's table of mounts: from the root overlay's upper
// directory to the file system it lies on, and through loop devices down to the disk (Documentation/filesystems/proc.rst,
// 3.5; overlayfs.rst).

/** Is one line of the table, as far as it tells where something lies. */
export interface KernelMount {
  readonly target: string;
  readonly type: string;
  readonly source: string;
  /** Options of the mount point ("rw,relatime"). */
  readonly options: string;
  /** Options of the file system ("rw,upperdir=…"). */
  readonly superOptions: string;
}

/** Is what leads from the changes to a disk. */
export interface ChangesPlace {
  /** The upper directory, as the kernel names it. */
  readonly upper: string;
  /** The file systems that one lies on the other, the one that has the upper directory first. */
  readonly mounts: readonly KernelMount[];
  /** The files that are shown as disks between them. */
  readonly files: readonly LoopedFile[];
  /** What the last one lies on: a device; undefined where that is no disk or is not known. */
  readonly device: string | undefined;
}

/** Is a file behind a loop device. */
export interface LoopedFile {
  /** Its path in the file system it lies on, with a leading slash. */
  readonly path: string;
  /** Whether it has no name any more: it is gone with its last user. */
  readonly isDeleted: boolean;
}

/** Finds the root that is seen; undefined when it is no overlay. */
export function findRoot(mounts: readonly KernelMount[]): KernelMount | undefined {
  const root = mounts.findLast(({ target }) => target === "/");
  return root?.type === "overlay" ? root : undefined;
}

/** Finds where the changes of an overlay go; undefined when it takes none. `loops` has the file behind each loop device. */
export function findChangesPlace(
  overlay: KernelMount,
  { mounts, loops }: { mounts: readonly KernelMount[]; loops: ReadonlyMap<string, string> },
): ChangesPlace | undefined {
  const upper = upperOf(overlay);
  if (upper === undefined) return undefined;
  const chain: KernelMount[] = [];
  const files: LoopedFile[] = [];
  let path = upper;
  let rounds = 0;
  for (;;) {
    const mount = mountAbove(mounts, path);
    if (mount === undefined) break;
    chain.push(mount);
    // What an overlay calls its source is any text.
    if (mount.type === "overlay") break;
    let device = mount.source;
    let file = loops.get(device);
    // A disk is shown by a loop device where it is used beside its partitions.
    for (; file?.startsWith("/dev/") && rounds < mostLoops; rounds++) {
      device = file;
      file = loops.get(device);
    }
    if (file === undefined) {
      const isDevice = device.startsWith("/dev/");
      return { upper, mounts: chain, files, device: isDevice ? device : undefined };
    }
    // Nobody stacks that many loop devices, and a circle must end.
    if (rounds++ >= mostLoops) break;
    const isDeleted = file.endsWith(deletedMark);
    path = isDeleted ? file.slice(0, -deletedMark.length) : file;
    const below = mountAbove(mounts, path)?.target ?? "/";
    files.push({ path: below === "/" ? path : path.slice(below.length), isDeleted });
  }
  return { upper, mounts: chain, files, device: undefined };
}

const mostLoops = 8;

/** What the kernel puts after the path of a file without a name. */
const deletedMark = " (deleted)";

/** The kernel writes what would break the line, and the commas of a name, as \NNN. */
function upperOf({ superOptions }: KernelMount): string | undefined {
  const word = superOptions.split(",").find((one) => one.startsWith("upperdir="));
  return word
    ?.slice("upperdir=".length)
    .replace(/\\([0-7]{3})/g, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 8)),
    );
}

/** The one with the longest target above the path, the last of several at one target. */
function mountAbove(mounts: readonly KernelMount[], path: string): KernelMount | undefined {
  let found: KernelMount | undefined;
  for (const mount of mounts)
    if (isWithin(path, mount.target) && mount.target.length >= (found?.target.length ?? 0))
      found = mount;
  return found;
}

function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory === "/" ? "/" : `${directory}/`);
}
