// Which boot of which machine this is, and which base it runs from, as the boot has told.

import type { RunningSystem } from "../../core/check/check-facts.ts";
import { bootRecordPath, parseBootRecord } from "../../core/status/boot-record.ts";
import { readIfPresent } from "../port/files.ts";
import type { System } from "../port/system.ts";
import { inspectMachine } from "./inspect-machine.ts";

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
