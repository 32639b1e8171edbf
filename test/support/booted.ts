// A machine in memory that backstore has booted: the system's root is its root.
import { boot } from "../../src/boot/init.ts";
import type { System } from "../../src/system/port/system.ts";
import { patient } from "../boot/patience.ts";
import { createMemory, HandedOver, type Machine, type Memory } from "./memory.ts";

/** Boots a machine into its system. */
export function bootMemory(cmdline: string, machine: Machine): Memory {
  const memory = createMemory({
    isBooted: false,
    ...machine,
    proc: { cmdline: `${cmdline}\n`, "sys/kernel/random/uuid": "8a4be3d2\n", ...machine.proc },
    sys: { "module/overlay/parameters": { index: "N\n", metacopy: "N\n" }, ...machine.sys },
  });
  try {
    boot(patient(memory.system, 400), { words: [], version: "1.2.3" });
  } catch (error) {
    if (!(error instanceof HandedOver)) throw error;
    memory.system.mount({ source: error.root, target: "/", flags: ["move"] });
  }
  // What was printed while it booted does not belong to any command.
  const said: Memory["said"][number][] = [];
  const say: System["say"] = (where, text) => void said.push({ where, text });
  return { ...memory, system: { ...memory.system, say }, said };
}
