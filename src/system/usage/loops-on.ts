// Which loop devices show a file or device. Files are compared by device number and inode, because one file has many
// paths; whoever may not ask a loop device reads in /sys which path it was attached by.
import { listIfPresent } from "../port/files.ts";
import { errnoOf, type LoopStatus, type System } from "../port/system.ts";

/** Lists the loop devices ("/dev/loop3") that show a file or device, or a part of it. */
export function findLoopsOn(system: System, path: string): string[] {
  const status = system.status(path);
  if (status === undefined) return [];
  return listIfPresent(system, "/dev")
    .filter((name) => /^loop\d+$/.test(name))
    .map((name) => `/dev/${name}`)
    .filter((loop) => {
      try {
        const shown = system.loopStatus(loop);
        return shown?.device === status.device && shown.inode === status.inode;
      } catch (error) {
        if (errnoOf(error) === undefined) throw error;
        return system.loopFile(loop) === path;
      }
    });
}

/** Lists the loop devices that show a file or device, or a part of it, and stay. */
export function findLastingLoops(system: System, path: string): string[] {
  return findLoopsOn(system, path).filter((loop) => isLasting(system, loop));
}

/** Tells whether a loop device stays: the kernel takes that of a look down a little after the program that looked has ended. */
export function isLasting(system: System, loop: string): boolean {
  const end = system.uptimeMs() + longestWaitMs;
  for (;;) {
    const status = readStatus(system, loop);
    if (status === undefined) return false;
    // A look is read-only, and mounted where nobody else sees it.
    const mayGo = status !== "unknown" && status.readonly && !isMounted(system, loop);
    if (!mayGo || system.uptimeMs() >= end) return true;
    system.waitForDevices(20);
  }
}

const longestWaitMs = 1000;

function isMounted(system: System, loop: string): boolean {
  return system.mounts().some(({ source }) => source === loop);
}

function readStatus(system: System, loop: string): LoopStatus | "unknown" | undefined {
  try {
    return system.loopStatus(loop);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return "unknown";
  }
}
