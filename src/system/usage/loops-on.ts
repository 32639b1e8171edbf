// Which loop devices show a file or device. Files are compared by device number and inode, because one file has many
// paths; whoever may not ask a loop device reads in /sys which path it was attached by.
import { ifPossible } from "../port/errors.ts";
import { listIfPresent } from "../port/files.ts";
import type { LoopStatus, System } from "../port/system.ts";
import { waitUntil } from "../port/wait-until.ts";

/** Lists the loop devices ("/dev/loop3") that show a file or device, or a part of it. */
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

/** Lists the loop devices that show a file or device, or a part of it, and stay. */
export function findLastingLoops(system: System, path: string): string[] {
  return findLoopsOn(system, path).filter((loop) => isLasting(system, loop));
}

/** Tells whether a loop device stays: the kernel takes that of a look down a little after the program that looked has ended. */
export function isLasting(system: System, loop: string): boolean {
  let isGone = false;
  waitUntil(system, longestWaitMs, () => {
    const status = readStatus(system, loop);
    isGone = status === undefined;
    if (status === undefined || status === "unknown") return true;
    // A look is read-only, and mounted where nobody else sees it.
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
  // What is not attached has no status either, so the answer is wrapped.
  const answer = ifPossible(() => ({ status: system.loopStatus(loop) }));
  return answer === undefined ? "unknown" : answer.status;
}
