// The identity of this machine and of its boot: /sys/class/dmi/id with a BIOS or UEFI, otherwise
// the device tree.

import type { RunningSystem } from "../../core/check/check-facts.ts";
import { withModules } from "../../core/medium/base-identity.ts";
import { bootRecordPath, parseBootRecord } from "../../core/status/boot-record.ts";
import { formatMachine } from "../../core/stores/machine-name.ts";
import { readIfPresent } from "../port/files.ts";
import type { System } from "../port/system.ts";

/** The identity of this boot and this machine for the record of a store. */
export interface MachineIdentity {
  /** The kernel's boot id. */
  readonly boot: string | undefined;
  readonly machine: string | undefined;
}

/** Inspects the identity of this machine. */
export function inspectMachine(system: System): MachineIdentity {
  return { boot: readBootId(system), machine: readDmi(system) ?? readDeviceTree(system) };
}

/** Reads the kernel's boot id; undefined without /proc. */
export function readBootId(system: System): string | undefined {
  return readIfPresent(system, "/proc/sys/kernel/random/boot_id")?.trim() || undefined;
}

/** Returns an id that nothing else has; empty without /proc. */
export function newId(system: System): string {
  return (readIfPresent(system, "/proc/sys/kernel/random/uuid") ?? "").trim();
}

function readDmi(system: System): string | undefined {
  const read = (name: string) => readIfPresent(system, `/sys/class/dmi/id/${name}`) ?? "";
  return formatMachine({
    names: ["sys_vendor", "product_name"].map(read),
    serials: ["product_uuid", "product_serial", "board_serial"].map(read),
  });
}

function readDeviceTree(system: System): string | undefined {
  const read = (name: string) => readIfPresent(system, `/proc/device-tree/${name}`) ?? "";
  return formatMachine({ names: [read("model")], serials: [read("serial-number")] });
}

/** Inspects the running system. */
export function inspectRunning(system: System): RunningSystem {
  return { ...inspectMachine(system), base: readBase(system) };
}

function readBase(system: System): RunningSystem["base"] {
  const record = parseBootRecord(readIfPresent(system, bootRecordPath) ?? "");
  const medium = "unreadable" in record ? undefined : record.medium;
  if (medium?.image === undefined) return undefined;
  const { label, image, release, fingerprint, modules } = medium;
  return { label, image, release, fingerprint, ...withModules(modules) };
}
