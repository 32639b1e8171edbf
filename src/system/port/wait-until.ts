// Waiting for the kernel, which releases mounts, loop devices and freed blocks a little after the
// call or the process that used them.
import type { System } from "./system.ts";

const napMs = 20;

/** Waits until `isDone` returns true, for `mostMs` at most; returns whether it did. */
export function waitUntil(system: System, mostMs: number, isDone: () => boolean): boolean {
  const end = system.uptimeMs() + mostMs;
  while (!isDone()) {
    if (system.uptimeMs() >= end) return false;
    system.waitForDevices(napMs);
  }
  return true;
}
