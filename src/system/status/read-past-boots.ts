// The last boots on the store of the running session, from its record.

import { places } from "../../core/session/places.ts";
import type { BootRecord } from "../../core/status/boot-record.ts";
import type { PastBoots } from "../../core/stores/past-boots.ts";
import { mostRecordBytes, parseRecord, recordFile } from "../../core/stores/store-record.ts";
import { joinPath } from "../../core/text/path.ts";
import { ifPossible } from "../port/errors.ts";
import { readBelow } from "../port/files.ts";
import type { System } from "../port/system.ts";

/** Reads the last boots on the store of the running session; none if there is none to read. */
export function readPastBoots(system: System, store: BootRecord["store"]): PastBoots {
  if (store === undefined) return { boots: [] };
  const path = joinPath(store.directory, recordFile);
  const text = ifPossible(() => readBelow(system, { root: places.store, path }, mostRecordBytes));
  const finding = text === undefined ? undefined : parseRecord(text);
  if (finding === undefined || finding.kind === "newer") return { boots: [] };
  return finding.kind === "record" ? finding.record.past : { boots: [], fault: finding.reason };
}
