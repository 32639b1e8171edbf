// Unmounting what a loop device was used on. The kernel lets go of a file when the last process has
// closed the loop device, and anyone may have it open for a moment: a program that scans devices
// when they are announced, or another one that is looking for a free loop device.

import { errnoOf, type System } from "./system.ts";
import { waitUntil } from "./wait-until.ts";

/** Unmounts, waiting while a loop device that is no longer used still holds a file in it. */
export function unmountSoon(system: System, target: string): void {
  const isUnmounted = () => {
    try {
      system.unmount(target);
      return true;
    } catch (error) {
      if (errnoOf(error) !== "EBUSY") throw error;
      return false;
    }
  };
  // The last try reports the reason.
  if (!waitUntil(system, longestWaitMs, isUnmounted)) system.unmount(target);
}

const longestWaitMs = 3000;
