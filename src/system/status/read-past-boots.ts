// The last boots on the store of the running session, from its record.

import { places } from "../../core/session/places.ts";
import type { BootRecord } from "../../core/status/boot-record.ts";
import type { PastBoots } from "../../core/stores/past-boots.ts";
import { mostRecordBytes, parseRecord, recordFile } from "../../core/stores/store-record.ts";
import { joinPath } from "../../core/text/path.ts";
import { ifPossible } from "../port/errors.ts";
import { readBelow } from "../port/files.ts";
import type { System } from "../port/system.ts";
import { readBootId } from "../stores/inspect-machine.ts";

/** The last boots on a store. */
interface StorePast {
  readonly past: PastBoots;
  /** Whether the newest of them is that of the running session. */
  readonly hasThis: boolean;
}

const none: StorePast = { past: { boots: [] }, hasThis: false };

/** Reads the last boots on the store of the running session; none if there is none to read. */
export function readPastBoots(system: System, store: BootRecord["store"]): StorePast {
  if (store === undefined) return none;
  const path = joinPath(store.directory, recordFile);
  const text = ifPossible(() => readBelow(system, { root: places.store, path }, mostRecordBytes));
  const finding = text === undefined ? undefined : parseRecord(text);
  if (finding === undefined || finding.kind === "newer") return none;
  if (finding.kind === "unreadable") return { ...none, past: { boots: [], fault: finding.reason } };
  const { past, session } = finding.record;
  const { started } = past.boots.at(-1) ?? {};
  const isThis = session?.state === "open" && session.boot === readBootId(system);
  return { past, hasThis: isThis && started !== undefined && started === session.started };
}
