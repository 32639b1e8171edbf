// Powers the machine off or restarts it. If that fails, the next best way is tried, and in the end
// it waits for somebody to switch it off.

import { reasonOf } from "../system/port/errors.ts";
import { type Ending, errnoOf, type System } from "../system/port/system.ts";

/** Ends the machine; `argument` is passed to the firmware on a restart. */
export function endMachine(system: System, how: Ending, argument?: string): never {
  for (const way of ways[how]) {
    try {
      system.shutDown(way, way === "reboot" ? argument : undefined);
    } catch (error) {
      if (errnoOf(error) === undefined) throw error;
      system.say("stderr", `backstore: Cannot ${sentences[way]}: ${reasonOf(error)}\n`);
    }
  }
  system.say("stderr", "backstore: the machine can be switched off now\n");
  for (;;) system.waitForDevices(3_600_000);
}

const ways: Readonly<Record<Ending, readonly Ending[]>> = {
  poweroff: ["poweroff", "halt"],
  reboot: ["reboot", "halt"],
  halt: ["halt"],
  kexec: ["kexec", "reboot"],
};

const sentences: Readonly<Record<Ending, string>> = {
  poweroff: "power off the machine",
  reboot: "restart the machine",
  halt: "halt the machine",
  kexec: "start the kernel that was loaded for that",
};
