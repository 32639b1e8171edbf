// A System for code that waits forever: after some waits the test has seen enough.
import type { System } from "../../src/system/port/system.ts";

/** Thrown when the patience is over. */
export class Patience extends Error {}

/** Returns a System whose waits end the test after `most` of them. */
export function patient(system: System, most = 20): System {
  let waits = 0;
  return {
    ...system,
    waitForDevices(timeoutMs) {
      if (++waits > most) throw new Patience();
      return system.waitForDevices(timeoutMs);
    },
  };
}
