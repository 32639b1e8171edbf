// Which program holds a file or device: /proc/locks, /proc/PID/fd, /proc/PID/fdinfo and
// /proc/PID/mountinfo (proc(5)). Naming a program requires examining every process, which is only
// done if something is known to be held.
import { formatDeviceNumber } from "../../core/kernel/device-number.ts";
import { type Mount, parseMountInfo } from "../../core/kernel/mount-table.ts";
import { formatPath, formatQuoted } from "../../core/text/quoted.ts";
import { ifPossible } from "../port/errors.ts";
import { listIfPresent, readIfPresent } from "../port/files.ts";
import type { System } from "../port/system.ts";

/**
 * Names the program that has locked a whole file or directory (flock(2)); undefined if it is
 * unknown.
 */
export function findLocker(system: System, path: string): string | undefined {
  const lock = readLocks(system, path).find(isWhole);
  const taker = lock && nameProgram(system, lock.process);
  return taker ?? findLockingOpener(system, path, isWhole);
}

/**
 * Names the program that has locked ranges of a file or device (fcntl(2)), as virtual machines do
 * with their disks; undefined if none has.
 */
export function findPartLocker(system: System, path: string): string | undefined {
  // Reading /proc/locks stops all locking for a moment (10 to 15 ms), and there is nearly never a
  // lock.
  const isLocked = ifPossible(() => system.hasPartLocks(path));
  if (isLocked === false) return undefined;
  const lock = readLocks(system, path).find(isPart);
  // If the file may not be opened, only the list shows locks.
  if (isLocked === undefined && lock === undefined) return undefined;
  // A lock of an open file description has no owner of its own.
  const owner = lock && nameProgram(system, lock.process);
  return (
    owner ??
    findLockingOpener(system, path, isPart) ??
    findOpener(system, path) ??
    "another program"
  );
}

/** Names the program that has a file or device open; undefined if it is unknown. */
export function findOpener(system: System, path: string): string | undefined {
  const [opener] = openersOf(system, path);
  return opener && nameProgram(system, opener.process);
}

/**
 * Describes where and for which program a device is mounted that is not mounted here; undefined if
 * it is unknown.
 */
export function findMounter(system: System, path: string): string | undefined {
  const paths = [path, ...findMembers(system, path)];
  const numbers = paths.map((one) => formatDeviceNumber(system.status(one)?.deviceNumber ?? 0));
  for (const process of listProcesses(system)) {
    const table = parseMountInfo(readIfPresent(system, `/proc/${process}/mountinfo`) ?? "");
    const target = table.find((mount) => numbers.includes(numberOf(system, mount)))?.target;
    if (target === undefined) continue;
    const program = nameProgram(system, process);
    return `mounted on ${formatPath(target)}${program === undefined ? "" : ` for ${program}`}`;
  }
  return undefined;
}

/** The number of a btrfs is no device's; its source is one of its devices. */
function numberOf(system: System, { type, deviceNumber, source }: Mount): string {
  const device = type === "btrfs" ? system.status(source) : undefined;
  return device === undefined ? deviceNumber : formatDeviceNumber(device.deviceNumber);
}

/** Lists the devices of the btrfs that a device belongs to, while that is mounted anywhere. */
function findMembers(system: System, path: string): string[] {
  return listIfPresent(system, "/sys/fs/btrfs")
    .map((one) => listIfPresent(system, `/sys/fs/btrfs/${one}/devices`))
    .filter((names) => names.some((name) => pathOf(name) === path))
    .flatMap((names) => names.map(pathOf));
}

/** Returns the path of a device by its name in /sys ("cciss!c0d0"). */
function pathOf(name: string): string {
  return `/dev/${name.replaceAll("!", "/")}`;
}

interface LockLine {
  readonly kind: string;
  readonly process: number;
  /** "08:02:131090": the numbers of the file system and of the inode. */
  readonly file: string;
}

function isWhole({ kind }: LockLine): boolean {
  return kind === "FLOCK";
}

function isPart(lock: LockLine): boolean {
  return !isWhole(lock);
}

/** Reads who has locked a file from the list of all locks, where few processes can be examined. */
function readLocks(system: System, path: string): readonly LockLine[] {
  const status = system.status(path);
  if (status === undefined) return [];
  const file = `${formatDeviceNumber(status.device, 16)}:${status.inode}`;
  return parseLocks(readIfPresent(system, "/proc/locks") ?? "").filter((one) => one.file === file);
}

/**
 * Names the program that has a file open and locked. The list of all locks has the number of the
 * file system, which on btrfs and overlays is none that a file has: there the inodes of several
 * subvolumes are the same in it.
 */
function findLockingOpener(
  system: System,
  path: string,
  isMeant: (lock: LockLine) => boolean,
): string | undefined {
  for (const { process, told } of openersOf(system, path)) {
    const lock = parseLocks(told.replaceAll(/^lock:\s*/gm, "")).find(isMeant);
    if (lock) return nameProgram(system, lock.process) ?? nameProgram(system, process);
  }
  return undefined;
}

/** "1: FLOCK  ADVISORY  WRITE 1234 08:02:131090 0 EOF"; waiting ones have an arrow. */
function parseLocks(text: string): LockLine[] {
  return text.split("\n").flatMap((line) => {
    const [number = "", kind = "", , , process = "", file = ""] = line.trim().split(/\s+/);
    const isLock = /^\d+:$/.test(number) && kind !== "->";
    return isLock ? [{ kind, process: Number(process), file }] : [];
  });
}

interface Opener {
  readonly process: number;
  /** What the kernel tells of the open file: its inode, its locks (/proc/PID/fdinfo). */
  readonly told: string;
}

function* openersOf(system: System, path: string): Generator<Opener> {
  const file = system.status(path);
  for (const process of listProcesses(system))
    for (const name of listIfPresent(system, `/proc/${process}/fd`)) {
      const opened = `/proc/${process}/fd/${name}`;
      const told = readIfPresent(system, `/proc/${process}/fdinfo/${name}`) ?? "";
      // It may have another path. Only files with the same inode number are examined: another disk
      // may not respond.
      const mayBe = file !== undefined && /^ino:\s*(\d+)$/m.exec(told)?.[1] === String(file.inode);
      if (
        ifPossible(() => system.readLink(opened)) === path ||
        (mayBe && system.status(opened)?.device === file.device)
      )
        yield { process, told };
    }
}

function listProcesses(system: System): number[] {
  const own = ifPossible(() => system.readLink("/proc/self"));
  return listIfPresent(system, "/proc")
    .filter((name) => /^[1-9]\d*$/.test(name) && name !== own)
    .map(Number);
}

function nameProgram(system: System, process: number): string | undefined {
  if (!Number.isSafeInteger(process) || process <= 0) return undefined;
  const name = readIfPresent(system, `/proc/${process}/comm`)?.trim();
  return name === undefined ? undefined : `the program ${formatQuoted(name)} (process ${process})`;
}
