// What the running session keeps: what its boot reported, compared with what the kernel shows now.

import { type BootRecord, bootRecordPath, parseBootRecord } from "../../core/status/boot-record.ts";
import { checkClaim } from "../../core/status/check-claim.ts";
import { checkVersion } from "../../core/status/check-version.ts";
import { checkRoom } from "../../core/stores/room.ts";
import { sortFindings } from "../../core/text/finding.ts";
import { formatQuoted } from "../../core/text/quoted.ts";
import type { StatusReport } from "../../report/status.ts";
import { readIfPresent } from "../../system/port/files.ts";
import type { System } from "../../system/port/system.ts";
import { inspectAddon } from "../../system/status/inspect-addon.ts";
import { inspectSession } from "../../system/status/inspect-session.ts";

/** Learns what the running session keeps. */
export function learnStatus(system: System, version: string): StatusReport {
  const text = readIfPresent(system, bootRecordPath);
  if (text === undefined)
    return {
      word: "none",
      boot: undefined,
      findings: [],
      hidesChanges: false,
      lostChanges: false,
      room: undefined,
      uptimeMs: system.uptimeMs(),
    };
  const record = parseBootRecord(text);
  if (!("unreadable" in record)) return checkSession(system, record, version);
  const message = `Cannot read ${formatQuoted(bootRecordPath)}: ${record.unreadable}`;
  return {
    word: "unknown",
    boot: undefined,
    findings: [{ level: "error", message }],
    hidesChanges: false,
    lostChanges: false,
    room: undefined,
    uptimeMs: system.uptimeMs(),
  };
}

function checkSession(system: System, boot: BootRecord, version: string): StatusReport {
  const seen = inspectSession(system);
  const { word, findings, hidesChanges, lostChanges } = checkClaim(boot, seen);
  const { room, uptimeMs } = seen;
  const owner = room?.type === "tmpfs" ? "memory" : "store";
  const full = room === undefined ? [] : checkRoom(room, owner);
  const addon = boot.medium && inspectAddon(system, boot.medium.device);
  const versions = checkVersion({ booted: boot.version, installed: addon, command: version });
  const all = sortFindings([...findings, ...full, ...versions]);
  return { word, boot, addon, findings: all, hidesChanges, lostChanges, room, uptimeMs };
}
