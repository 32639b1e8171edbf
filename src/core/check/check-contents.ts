// Checks the contents of a store's directory: its record, the overlay settings that its files need,
// and changes that no session will ever show.

import type { ChangesFacts } from "../changes/changes-facts.ts";
import { identifySeen } from "../stores/seen-store.ts";
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
    ...(changes === undefined ? [] : checkSettings(changes, record)),
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
  if (kind === "aufs") return [{ severity: "warning", sentence: `no boot takes it: ${sentence}` }];
  if (kind === "unknown") {
    // The reason has been reported already.
    if (checker.kind === "damaged" || checker.kind === "failed") return [];
    return [{ severity: "note", sentence: `what is in it was not looked at: ${sentence}` }];
  }
  const isBroken = isFile && (seen.file?.superblock === undefined || isTruncated(state));
  return [
    {
      severity: "error",
      sentence: `no boot takes it: ${sentence}`,
      ...(isBroken && { hint: "restore it from a copy, or make it anew: backstore create" }),
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
        sentence: `its ${recordFile} has format ${record.format}, which this version does not write: a boot with it uses the store read-only`,
        hint: "use a newer version of backstore",
      },
    ];
  if (record?.kind === "unreadable")
    return [
      {
        severity: "warning",
        sentence: `its ${recordFile} cannot be read: ${formatLine(record.reason)}`,
        hint: `move ${recordFile} out of the store; the next boot makes it anew`,
      },
    ];
  return [];
}

/** If no settings are recorded, a boot finds out which ones the files need. */
function checkSettings(changes: ChangesFacts, record: RecordFinding | undefined): Found[] {
  if (record?.kind !== "record") return [];
  const { metacopy, redirect_dir: redirects } = record.record.settings;
  const hint = `move ${recordFile} out of the store; the next boot finds out which settings its files need`;
  const found: Found[] = [];
  if (changes.metacopy !== undefined && metacopy !== "on")
    found.push({
      severity: "error",
      sentence: `files in it cannot be read with metacopy=${metacopy}, which it records: ${formatQuoted(changes.metacopy)} has attributes alone`,
      hint,
      code: "unsafe",
    });
  if (changes.redirect !== undefined && redirects !== "on" && redirects !== "follow")
    found.push({
      severity: "error",
      sentence: `directories that were renamed show nothing of the base with redirect_dir=${redirects}, which it records: ${formatQuoted(changes.redirect)} is one`,
      hint,
      code: "unsafe",
    });
  return found;
}

function checkUnseen({ seen, changes }: CheckFacts): Found[] {
  const found: Found[] = [];
  const { count, bytes, places } = changes?.covered ?? { count: 0, bytes: 0, places: [] };
  if (count > 0)
    found.push({
      severity: "note",
      sentence: `${count} ${count === 1 ? "change" : "changes"} in it (${formatSize(bytes)}) can never be seen, because every system mounts something over ${places.map((place) => `/${place}`).join(", ")}`,
    });
  if (changes?.isIncomplete)
    found.push({
      severity: "note",
      sentence: `it holds more than ${changes.entries} changes, and not all were looked at`,
    });
  const others = (seen.directory?.names ?? []).filter((name) => !isOwn(name));
  const [first] = others;
  // The top of a disk may contain more than the store.
  if (first !== undefined && (seen.kind === "file" || seen.path !== "/"))
    found.push({
      severity: "note",
      sentence: `${formatPath(first)}${others.length > 1 ? ` and ${others.length - 1} more` : ""} beside its changes can never be seen in a session, which shows upperdir alone`,
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
