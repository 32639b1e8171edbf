// Checks the contents of a store's directory: its record, the overlay settings that its files need,
// and changes that no session will ever show.

import type { ChangesFacts } from "../changes/changes-facts.ts";
import { areReadableWith, type OverlaySettings } from "../stores/overlay-settings.ts";
import { identifySeen } from "../stores/seen-store.ts";
import { isRecordCurrent } from "../stores/store-directory.ts";
import { parseRecord, type RecordFinding, recordFile } from "../stores/store-record.ts";
import { formatLine, formatPath, formatQuoted } from "../text/quoted.ts";
import { formatSize } from "../text/size.ts";
import type { CheckFacts } from "./check-facts.ts";
import type { Found } from "./check-finding.ts";

/** Checks what is in the place of a store and in it. */
export function checkContents(facts: CheckFacts): Found[] {
  const { seen, changes } = facts;
  const state = identifySeen(seen);
  if (state.kind !== "used" && state.kind !== "new") return checkState(facts, state);
  const text = seen.directory?.record;
  const record = text === undefined ? undefined : parseRecord(text);
  return [
    ...checkRecord(record),
    ...(changes === undefined ? [] : checkSettings(facts, changes, record)),
    ...checkUnseen(facts),
  ];
}

function checkState(
  { seen, checker }: CheckFacts,
  state: ReturnType<typeof identifySeen>,
): Found[] {
  const { kind, reason = "" } = state;
  // Only leftovers of its creation are there, and those are reported.
  const isFile = seen.file !== undefined;
  if (kind === "none" && seen.kind === "file" && !isFile && seen.unfinished === "create") return [];
  const sentence = formatLine(reason);
  if (kind === "aufs") return [{ severity: "warning", sentence: `no boot uses it: ${sentence}` }];
  if (kind === "unknown") {
    // The reason has been reported already.
    if (checker.kind === "damaged" || checker.kind === "failed") return [];
    const isAbsent = checker.kind === "not-asked" && typeof checker.reason === "object";
    if (isAbsent && "absent" in checker.reason) return [];
    return [{ severity: "note", sentence: `its contents were not checked: ${sentence}` }];
  }
  const isBroken = isFile && (seen.file?.superblock === undefined || isTruncated(state));
  return [
    {
      severity: "error",
      sentence: `no boot uses it: ${sentence}`,
      ...(isBroken && { hint: "restore it from a backup or create it again: backstore create" }),
      code: isBroken ? "damaged" : "unsafe",
    },
  ];
}

function isTruncated(state: ReturnType<typeof identifySeen>): boolean {
  return "fault" in state && state.fault === "truncated";
}

function checkRecord(record: RecordFinding | undefined): Found[] {
  if (record?.kind === "newer")
    return [
      {
        severity: "warning",
        sentence: `its ${recordFile} has format ${record.format}, which this version cannot write: a boot uses the store read-only`,
        hint: "use a newer version of backstore",
      },
    ];
  if (record?.kind === "unreadable")
    return [
      {
        severity: "warning",
        sentence: `its ${recordFile} cannot be read: ${formatLine(record.reason)}`,
        hint: `move ${recordFile} out of the store; the next boot creates it again`,
      },
    ];
  return [];
}

/**
 * If the recorded settings are not those of the last mount, a boot finds out which ones the files
 * need.
 */
function checkSettings(
  { seen }: CheckFacts,
  changes: ChangesFacts,
  record: RecordFinding | undefined,
): Found[] {
  if (record?.kind !== "record") return [];
  const { directory, use } = seen;
  const isCurrent = directory !== undefined && isRecordCurrent(directory);
  if (!isCurrent && use?.by !== "session") return checkForeign(changes, record.record.settings);
  const { metacopy, redirect_dir: redirects } = record.record.settings;
  const hint = `move ${recordFile} out of the store; the next boot detects the settings that its files need`;
  const found: Found[] = [];
  if (changes.metacopy !== undefined && metacopy !== "on")
    found.push({
      severity: "error",
      sentence: `files in it cannot be read with the recorded metacopy=${metacopy}: ${formatQuoted(changes.metacopy)} contains only metadata`,
      hint,
      code: "unsafe",
    });
  if (changes.redirect !== undefined && redirects !== "on" && redirects !== "follow")
    found.push({
      severity: "error",
      sentence: `renamed directories show nothing of the base with the recorded redirect_dir=${redirects}: ${formatQuoted(changes.redirect)} is one`,
      hint,
      code: "unsafe",
    });
  return found;
}

function checkForeign(changes: ChangesFacts, settings: OverlaySettings): Found[] {
  const metacopy = changes.metacopy !== undefined;
  const redirect = changes.redirect !== undefined;
  if (areReadableWith({ metacopy, redirect }, settings)) return [];
  const example = formatQuoted(changes.metacopy ?? changes.redirect ?? "");
  return [
    {
      severity: "note",
      sentence: `another system has written changes to it that need other overlay options than the recorded ones (${example} is one); the next boot uses those that they need`,
    },
  ];
}

function checkUnseen({ seen, changes }: CheckFacts): Found[] {
  const found: Found[] = [];
  const { count, bytes, places } = changes?.covered ?? { count: 0, bytes: 0, places: [] };
  if (count > 0)
    found.push({
      severity: "note",
      sentence: `${count} ${count === 1 ? "change" : "changes"} in it (${formatSize(bytes)}) are never visible, because every session mounts something over ${places.map((place) => `/${place}`).join(", ")}`,
    });
  if (changes?.isIncomplete)
    found.push({
      severity: "note",
      sentence: `it contains more than ${changes.entries} changes, not all of which were checked`,
    });
  const others = (seen.directory?.names ?? []).filter((name) => !isOwn(name));
  const [first] = others;
  // The top of a disk may contain more than the store.
  if (first !== undefined && (seen.kind === "file" || seen.path !== "/"))
    found.push({
      severity: "note",
      sentence: `sessions show only upperdir, not ${formatPath(first)}${others.length > 1 ? ` and ${others.length - 1} more` : ""}`,
    });
  return found;
}

/** Names that boots, mkfs and the store's own upkeep create beside the changes. */
function isOwn(name: string): boolean {
  return (
    ["upperdir", "upperdir.new", "workdir", "lost+found"].includes(name) ||
    name.startsWith("backstore.")
  );
}
