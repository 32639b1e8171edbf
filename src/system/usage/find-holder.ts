// Which program holds a file or device: /proc/locks, /proc/PID/fd and /proc/PID/mountinfo
// (proc(5)). Naming a program requires examining every process, which is only done if something is
// known to be held.
import { formatDeviceNumber } from "../../core/kernel/device-number.ts";
import { parseMountInfo } from "../../core/kernel/mount-table.ts";
import { formatPath, formatQuoted } from "../../core/text/quoted.ts";
import { ifPossible } from "../port/errors.ts";
import { listIfPresent, readIfPresent } from "../port/files.ts";
import type { System } from "../port/system.ts";

/**
 * Names the program that has locked a whole file or directory (flock(2)); undefined if it is
 * unknown.
 */
export function findLocker(system: System, path: string): string | undefined {
  const lock = readLocks(system, path).find(({ kind }) => kind === "FLOCK");
  return lock && nameProgram(system, lock.process);
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
  const lock = readLocks(system, path).find(({ kind }) => kind !== "FLOCK");
  // If the file may not be opened, only the list shows locks.
  if (isLocked === undefined && lock === undefined) return undefined;
  // A lock of an open file description has no owner of its own.
  const owner = lock && nameProgram(system, lock.process);
  return owner ?? findOpener(system, path) ?? "another program";
}

/** Names the program that has a file or device open; undefined if it is unknown. */
export function findOpener(system: System, path: string): string | undefined {
  const file = system.status(path);
  for (const process of listProcesses(system)) {
    const isOpen = listIfPresent(system, `/proc/${process}/fd`).some((name) => {
      const opened = `/proc/${process}/fd/${name}`;
      if (ifPossible(() => system.readLink(opened)) === path) return true;
      // It may have another path. Only files with the same inode number are examined: another disk
      // may not respond.
      const told = readIfPresent(system, `/proc/${process}/fdinfo/${name}`) ?? "";
      if (file === undefined || /^ino:\s*(\d+)$/m.exec(told)?.[1] !== String(file.inode))
        return false;
      return system.status(opened)?.device === file.device;
    });
    if (isOpen) return nameProgram(system, process);
  }
  return undefined;
}

/**
 * Describes where and for which program a device is mounted that is not mounted here; undefined if
 * it is unknown.
 */
export function findMounter(system: System, path: string): string | undefined {
  const number = formatDeviceNumber(system.status(path)?.deviceNumber ?? 0);
  for (const process of listProcesses(system)) {
    const table = parseMountInfo(readIfPresent(system, `/proc/${process}/mountinfo`) ?? "");
    const target = table.find(({ deviceNumber }) => deviceNumber === number)?.target;
    if (target === undefined) continue;
    const program = nameProgram(system, process);
    return `mounted on ${formatPath(target)}${program === undefined ? "" : ` for ${program}`}`;
  }
  return undefined;
}

interface LockLine {
  readonly kind: string;
  readonly process: number;
}

/** "1: FLOCK  ADVISORY  WRITE 1234 08:02:131090 0 EOF"; waiting ones have an arrow. */
function readLocks(system: System, path: string): readonly LockLine[] {
  const status = system.status(path);
  if (status === undefined) return [];
  const file = `${formatDeviceNumber(status.device, 16)}:${status.inode}`;
  return (readIfPresent(system, "/proc/locks") ?? "").split("\n").flatMap((line) => {
    const [, kind = "", , , process = "", locked = ""] = line.trim().split(/\s+/);
    return kind !== "->" && locked === file ? [{ kind, process: Number(process) }] : [];
  });
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
