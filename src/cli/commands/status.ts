// backstore status: what the running session keeps, checked against what the kernel shows.

import { type BootRecord, bootRecordPath, parseBootRecord } from "../../core/status/boot-record.ts";
import { checkClaim } from "../../core/status/check-claim.ts";
import { checkVersion } from "../../core/status/check-version.ts";
import { checkRoom } from "../../core/stores/room.ts";
import { exitStatus } from "../../core/text/failure.ts";
import { sortFindings } from "../../core/text/finding.ts";
import { formatQuoted } from "../../core/text/quoted.ts";
import {
  formatWord,
  renderStatus,
  type StatusReport,
  summariseStatus,
} from "../../report/status.ts";
import { readIfPresent } from "../../system/port/files.ts";
import type { System } from "../../system/port/system.ts";
import { inspectAddon } from "../../system/status/inspect-addon.ts";
import { inspectSession } from "../../system/status/inspect-session.ts";
import { usage } from "../command-line/arguments.ts";
import type { Command, Invocation } from "../command-line/command.ts";
import { quietFlag, tell } from "../command-line/tell.ts";

/** Reports what the running session keeps. */
export const command: Command = {
  name: "status",
  usage: "status [OPTION]...",
  description: `Shows what the running session keeps: persistent (every change), read-only (the store is used, but
new changes are lost at power-off) or volatile (changes are in memory); then the store, the medium,
the room that is left and how fast it is used up, and any problems. What the boot reported is
compared with what the kernel shows now. The exit status is 0 only for a persistent session.`,
  flags: [
    { name: "json", help: "print JSON (docs/status-json.md)" },
    { name: "short", help: "print one word, for a shell prompt" },
    quietFlag,
  ],
  operands: [],
  run,
};

function run(invocation: Invocation): number {
  const { system, arguments: given, context } = invocation;
  const isShort = given.switches.has("short");
  if (isShort && given.switches.has("json"))
    throw usage(command, '"--json" and "--short" cannot be used together');
  const report = learnStatus(system, context.version);
  tell(invocation, {
    text: () =>
      isShort ? `${formatWord(report.word)}\n` : renderStatus(report, context.terminal.columns),
    json: () => summariseStatus(report),
  });
  return report.word === "persistent" ? 0 : exitStatus.volatile;
}

function learnStatus(system: System, version: string): StatusReport {
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
