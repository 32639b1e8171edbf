// Waiting for the kernel, which takes mounts, loop devices and freed blocks down a little after the
// call or the process that let go of them.
import type { System } from "./system.ts";

const napMs = 20;

/** Waits until `isDone`, for `mostMs` at most; returns whether it is. */
export function waitUntil(system: System, mostMs: number, isDone: () => boolean): boolean {
  const end = system.uptimeMs() + mostMs;
  while (!isDone()) {
    if (system.uptimeMs() >= end) return false;
    system.waitForDevices(napMs);
  }
  return true;
}
