// The store of the running session, which commands mean where none is named.

import { bootRecordPath, parseBootRecord } from "../../core/status/boot-record.ts";
import { joinPath } from "../../core/text/path.ts";
import { readIfPresent } from "../../system/port/files.ts";
import type { System } from "../../system/port/system.ts";

/** The store that the running session was booted with. */
export interface SessionStore {
  readonly kind: "file" | "directory";
  /** By the session's own mounts, which only root may enter. */
  readonly path: string;
}

/** Returns the store of the running session; undefined if it has none. */
export function findSessionStore(system: System): SessionStore | undefined {
  const text = readIfPresent(system, bootRecordPath);
  const record = text === undefined ? undefined : parseBootRecord(text);
  if (record === undefined || "unreadable" in record || record.store === undefined)
    return undefined;
  const { file, directory } = record.store;
  // The boot mounts them, also where the medium is the host.
  return file === undefined
    ? { kind: "directory", path: joinPath("/run/backstore/store", directory) }
    : { kind: "file", path: `/run/backstore/host${file}` };
}
