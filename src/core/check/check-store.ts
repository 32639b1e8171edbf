// From the facts about a store to findings: its file, its file system, its space. The contents of
// its directory are judged by check-contents.ts.

import { findRoomLack } from "../stores/file-store.ts";
import { formatRecovery, isHalfResized } from "../stores/resize-record.ts";
import { checkRoom } from "../stores/room.ts";
import type { StoreUser } from "../stores/seen-store.ts";
import { formatEscaped, formatPath } from "../text/quoted.ts";
import { checkContents } from "./check-contents.ts";
import type { CheckFacts } from "./check-facts.ts";
import { checkFileSystem } from "./check-file-system.ts";
import { type CheckFinding, type Found, repairHint, sortCheckFindings } from "./check-finding.ts";
import { checkSession } from "./check-session.ts";

/** Checks a store, the worst findings first; returns nothing if it is in order. */
export function checkStore(facts: CheckFacts): CheckFinding[] {
  const found = [
    ...checkFileSystem(facts),
    ...checkUnfinished(facts),
    ...checkContents(facts),
    ...checkHost(facts),
    ...checkAllocation(facts),
    ...checkRoomLeft(facts),
    ...checkUser(facts),
    ...checkSession(facts),
  ];
  return sortCheckFindings(found.map((one) => withStore(facts, one)));
}

/**
 * Nothing is repaired that is in use, cannot be written to, or is held in the memory of a
 * hibernated system.
 */
function withStore(facts: CheckFacts, { repair, ...found }: Found): CheckFinding {
  const { store, path, seen, isLocked, sleeper } = facts;
  const isFree = seen.use === undefined && !isLocked && sleeper === undefined;
  if (repair === undefined || !isFree) return { ...found, store };
  const hint = found.hint ?? (found.severity === "note" ? undefined : repairHint(path));
  return {
    ...found,
    store,
    ...(hint !== undefined && { hint }),
    ...(path !== undefined && { repair }),
  };
}

function checkUnfinished(facts: CheckFacts): Found[] {
  const { seen, remains, isLocked, locker } = facts;
  if (isLocked)
    return [
      {
        severity: "warning",
        sentence: `${locker ?? "another program"} is working on it`,
        hint: "check again once that has ended",
        code: "in-use",
      },
    ];
  const found: Found[] = [];
  if (seen.unfinished !== undefined && seen.unfinished !== "create")
    found.push(describeUnfinished(facts, seen.unfinished));
  if (remains.length > 0)
    found.push({
      severity: "warning",
      sentence: `an interrupted command left ${remains.map(formatPath).join(" and ")} behind`,
      repair: "remove-remains",
    });
  return found;
}

function describeUnfinished({ path, intent, seen }: CheckFacts, operation: string): Found {
  if (intent === undefined)
    return {
      severity: "error",
      sentence: "another version of backstore was interrupted while resizing it",
      hint: "complete the resize with that version",
      code: "unsafe",
    };
  const isHalf = isHalfResized(intent);
  const isUsed = seen.use !== undefined && path !== undefined;
  return {
    severity: isHalf ? "error" : "warning",
    sentence: `a resize (${operation}) was interrupted${isHalf ? " and left it half resized" : ""}`,
    ...(isUsed && { hint: `complete it: ${formatRecovery(intent, path)}` }),
    ...(isHalf && { code: "unsafe" as const }),
    repair: "finish-resize",
  };
}

/** While a host is in use its superblock says so: only that of an unused one counts. */
function checkHost({ seen, sleeper }: CheckFacts): Found[] {
  const { kind, device } = seen;
  const unclean = device.superblock?.unclean ?? [];
  const name = `${formatEscaped(device.path)} (${device.superblock?.type ?? "?"})`;
  const found: Found[] = [];
  if (sleeper !== undefined)
    found.push({
      severity: "warning",
      sentence: `the same disk holds a hibernated system (${formatEscaped(sleeper)}), which changes would damage`,
      hint: "resume that system and shut it down, then check again",
    });
  if (kind === "file" && unclean.includes("errors"))
    found.push({
      severity: "error",
      sentence: `its host ${name} has errors`,
      hint: `unmount the host and check it: fsck ${formatPath(device.path)}`,
      code: "damaged",
    });
  return found;
}

/** What is short of room now loses changes as soon as they are made. */
function checkAllocation({ path, seen }: CheckFacts): Found[] {
  const { file } = seen;
  const lack = file?.superblock === undefined ? undefined : findRoomLack(file);
  if (file === undefined || lack === undefined) return [];
  const { kind, isShort, sentence } = lack;
  const loss = isShort ? "changes to it will be lost" : "if its host fills up, changes are lost";
  const allocating = kind === "holes" ? "allocate the rest" : "give it blocks of its own";
  const hint =
    kind === "copied"
      ? 'make another store with "backstore create" and copy its contents'
      : path === undefined
        ? `mount its host and ${allocating} with "backstore grow"`
        : `${allocating}: backstore grow ${formatPath(path)} ${formatWord(file.bytes)}`;
  return [
    {
      severity: isShort ? "error" : "warning",
      sentence: `it ${sentence}: ${loss}`,
      hint: isShort ? `free some room on its host, then ${hint}` : hint,
      ...(isShort && { code: "no-room" as const }),
    },
  ];
}

/** Formats a size as a person would type it, if that is exact. */
function formatWord(bytes: number): string {
  return bytes % 2 ** 20 === 0 ? `${bytes / 2 ** 20}M` : `${bytes}B`;
}

function checkRoomLeft({ path, seen, room }: CheckFacts): Found[] {
  const larger =
    seen.kind === "file"
      ? `, or enlarge it: backstore grow ${formatPath(path ?? "PATH")} SIZE`
      : "";
  return (room === undefined ? [] : checkRoom(room, "store")).map(({ level, state }) => ({
    severity: level,
    sentence: `it is ${state}`,
    hint: `delete unneeded files in a session that uses it${larger}`,
    ...(level === "error" && { code: "no-room" as const }),
  }));
}

function checkUser({ seen: { kind, use } }: CheckFacts): Found[] {
  if (use === undefined) return [];
  const seenThrough = "only what the mount shows was checked";
  if (use.by === "session")
    return [
      {
        severity: "note",
        sentence: `the running session uses it: ${seenThrough}`,
        hint: "boot with backstore=off to check its file system",
      },
    ];
  // Of a directory on a disk mounted for other reasons nothing else can be expected.
  if (use.by === "mount" && kind === "directory")
    return [
      {
        severity: "note",
        sentence: `its file system is mounted on ${formatPath(use.where ?? "")}: ${seenThrough}`,
        hint: "unmount it and check the device",
      },
    ];
  return [
    {
      severity: "warning",
      sentence: `${describeUse(use)} and was not checked`,
      hint: "check it once it is no longer in use",
      code: "in-use",
    },
  ];
}

function describeUse({ by, where }: StoreUser): string {
  const place = formatPath(where ?? "");
  if (by === "overlay") return `it is in use (an overlay on ${place})`;
  if (by === "mount") return `it is in use (mounted on ${place})`;
  if (by === "loop") return `it is in use (attached to ${place})`;
  return `it is ${where ?? "in use by another program"}`;
}
