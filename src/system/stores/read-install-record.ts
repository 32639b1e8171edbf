// What "backstore install" has recorded on a medium.

import {
  type InstallRecord,
  mostRecordBytes,
  parseInstallRecord,
  recordFile,
  type Slot,
  slots,
} from "../../core/install/install-record.ts";
import { ifPossible } from "../port/errors.ts";
import { readBelow } from "../port/files.ts";
import type { System } from "../port/system.ts";

/** Reads the record at a place of a medium by its top; undefined if there is none. */
export function readInstallRecord(
  system: System,
  root: string,
  slot: Slot,
): InstallRecord | undefined {
  const place = { root, path: recordFile(slot) };
  const text = ifPossible(() => readBelow(system, place, mostRecordBytes));
  return text === undefined ? undefined : parseInstallRecord(text);
}

/** Reads the record of a medium; while it is upgraded it has two, and either tells. */
export function findInstallRecord(system: System, root: string): InstallRecord | undefined {
  for (const slot of slots) {
    const record = readInstallRecord(system, root, slot);
    if (record !== undefined) return record;
  }
  return undefined;
}
