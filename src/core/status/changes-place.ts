// Where the changes of the running system really go, by the kernel's mount table: from the root
// overlay's upper directory to the file system it is on, and through loop devices down to the disk
// (Documentation/filesystems/proc.rst, 3.5; overlayfs.rst).
import { findMountAbove, type Mount, upperOf } from "../kernel/mount-table.ts";

/** The layers between the changes and a disk. */
export interface ChangesPlace {
  /** The upper directory, as the kernel names it. */
  readonly upper: string;
  /** The file systems on top of each other, the one with the upper directory first. */
  readonly mounts: readonly Mount[];
  /** The files behind loop devices between them. */
  readonly files: readonly LoopedFile[];
  /** The lowest device; undefined if it is not a disk or not known. */
  readonly device: string | undefined;
}

/** A file behind a loop device. */
interface LoopedFile {
  /** Its path in the file system it is on, with a leading slash. */
  readonly path: string;
  /** Whether it has no name any more: it will be gone with its last user. */
  readonly isDeleted: boolean;
}

/** Finds the visible root; undefined if it is not an overlay. */
export function findRoot(mounts: readonly Mount[]): Mount | undefined {
  const root = mounts.findLast(({ target }) => target === "/");
  return root?.type === "overlay" ? root : undefined;
}

/**
 * Finds where the changes of an overlay go; undefined if it accepts none. `loops` has the file
 * behind each loop device.
 */
export function findChangesPlace(
  overlay: Mount,
  { mounts, loops }: { mounts: readonly Mount[]; loops: ReadonlyMap<string, string> },
): ChangesPlace | undefined {
  const upper = upperOf(overlay);
  if (upper === undefined) return undefined;
  const chain: Mount[] = [];
  const files: LoopedFile[] = [];
  let path = upper;
  let rounds = 0;
  for (;;) {
    const mount = findMountAbove(mounts, path);
    if (mount === undefined) break;
    chain.push(mount);
    // The source of an overlay is an arbitrary text.
    if (mount.type === "overlay") break;
    let device = mount.source;
    let file = loops.get(device);
    // A loop device can be backed by a disk, so that its partitions stay usable.
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
    const below = findMountAbove(mounts, path)?.target ?? "/";
    files.push({ path: below === "/" ? path : path.slice(below.length), isDeleted });
  }
  return { upper, mounts: chain, files, device: undefined };
}

const mostLoops = 8;

/** The text that the kernel appends to the path of a file without a name. */
const deletedMark = " (deleted)";
