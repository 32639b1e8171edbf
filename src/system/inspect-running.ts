// Which boot of which machine this is, and which base it runs from, as the boot has told.
import { bootRecordPath, parseBootRecord } from "../core/boot-record.ts";
import type { RunningSystem } from "../core/check-facts.ts";
import { readIfPresent } from "./files.ts";
import { inspectMachine } from "./inspect-machine.ts";
import type { System } from "./system.ts";

/** Inspects the running system. */
export function inspectRunning(system: System): RunningSystem {
  return { ...inspectMachine(system), base: readBase(system) };
}

function readBase(system: System): RunningSystem["base"] {
  const record = parseBootRecord(readIfPresent(system, bootRecordPath) ?? "");
  const medium = "unreadable" in record ? undefined : record.medium;
  if (medium?.image === undefined) return undefined;
  const { label, image, release, fingerprint } = medium;
  return { label, image, release, fingerprint };
}
