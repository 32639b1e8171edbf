// The loop devices on a file or device. Files are compared by device number and inode, because one
// file has many paths; without access to a loop device, its path in /sys is used.
import { ifPossible } from "../port/errors.ts";
import { listIfPresent } from "../port/files.ts";
import type { LoopStatus, System } from "../port/system.ts";
import { waitUntil } from "../port/wait-until.ts";

/** Lists the loop devices ("/dev/loop3") on a file or device, or on a part of it. */
export function findLoopsOn(system: System, path: string): string[] {
  const status = system.status(path);
  if (status === undefined) return [];
  return listIfPresent(system, "/dev")
    .filter((name) => /^loop\d+$/.test(name))
    .map((name) => `/dev/${name}`)
    .filter((loop) => {
      const shown = readStatus(system, loop);
      if (shown === "unknown") return system.loopFile(loop) === path;
      return shown?.device === status.device && shown.inode === status.inode;
    });
}

/** Lists the loop devices on a file or device, or on a part of it, that will last. */
export function findLastingLoops(system: System, path: string): string[] {
  return findLoopsOn(system, path).filter((loop) => isLasting(system, loop));
}

/**
 * Returns whether a loop device will last: the kernel detaches one used for inspection a little
 * after the program has ended.
 */
export function isLasting(system: System, loop: string): boolean {
  let isGone = false;
  waitUntil(system, longestWaitMs, () => {
    const status = readStatus(system, loop);
    isGone = status === undefined;
    if (status === undefined || status === "unknown") return true;
    // An inspection mount is read-only, and in a private namespace.
    const mayGo = status.readonly && !isMounted(system, loop);
    return !mayGo;
  });
  return !isGone;
}

const longestWaitMs = 1000;

function isMounted(system: System, loop: string): boolean {
  return system.mounts().some(({ source }) => source === loop);
}

function readStatus(system: System, loop: string): LoopStatus | "unknown" | undefined {
  // A device that is not attached has no status either, so the answer is wrapped.
  const answer = ifPossible(() => ({ status: system.loopStatus(loop) }));
  return answer === undefined ? "unknown" : answer.status;
}
