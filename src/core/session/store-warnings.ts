// What a store's past means for the session that is about to use it: the session before it and its base, and stores that
// other releases have left beside it.
import { formatDirectoryOption } from "../choosing/choosing-options.ts";
import { isDirty } from "../file-systems/mounting.ts";
import { describeOtherBase, identifyBase } from "../medium/base-identity.ts";
import { describeAllocation, isSparse } from "../stores/file-store.ts";
import type { FoundStore } from "../stores/found-store.ts";
import { describeOpenSession } from "../stores/last-session.ts";
import { findBegunGrowth } from "../stores/resize-record.ts";
import type { DirectoryFacts } from "../stores/store-directory.ts";
import type { RecordFinding } from "../stores/store-record.ts";
import { formatPath, formatQuoted } from "../text/quoted.ts";
import { formatSize } from "../text/size.ts";
import type { SessionFacts } from "./session.ts";

/** Finds out whether the base is another one than last time ("the base is …"); undefined where it is not. */
export function findOtherBase(
  { medium }: SessionFacts,
  record: RecordFinding | undefined,
): string | undefined {
  if (record?.kind !== "record") return undefined;
  return describeOtherBase(record.record.base, identifyBase(medium));
}

/** Says as a sentence what it means that the base is another one. */
export function describeMismatch(otherBase: string): string {
  const [first = "", ...rest] = otherBase;
  return `${first.toUpperCase()}${rest.join("")}: files that were changed stay as they were changed, also where the base has newer ones now`;
}

/** Finds that the last session was not ended, as sentences about the store called `name`. */
export function findOpenSession(
  { record: now }: SessionFacts,
  record: RecordFinding | undefined,
  name: string,
): readonly string[] {
  if (record?.kind !== "record") return [];
  const found = describeOpenSession(record.record.session, { now, name });
  return found === undefined ? [] : [found];
}

/** Finds that a session which does not write will not show what waits in a journal. */
export function findHidden({ file, directory }: FoundStore, name: string): readonly string[] {
  if (!directory.ignoredJournal && !file?.ignoredJournal) return [];
  return [
    `The last changes to ${name} may be missing: they wait in a journal, which a session that does not write to it leaves alone`,
  ];
}

/** Finds stores of other releases beside a directory that nobody asked for by name and that has no changes yet. */
export function findOlder(
  { options }: SessionFacts,
  { directory, others = [] }: DirectoryFacts,
): readonly string[] {
  if (others.length === 0 || options.cow_directory.value !== undefined) return [];
  const choices = others.map((one) => formatDirectoryOption(one) ?? "no option").join(" or ");
  const are = others.length === 1 ? "is a store" : "are stores";
  return [
    `The directory ${formatPath(directory)} is new, and there ${are} of other media beside it, whose changes are not shown; ${choices} uses ${others.length === 1 ? "it" : "one"}`,
  ];
}

/** Finds what is set right of a store before it is used for writing, as sentences; it stays so when the plan is undone. */
export function findMended({ device, file }: FoundStore): readonly string[] {
  const begun = file && findBegunGrowth(file);
  return begun === undefined
    ? []
    : [
        `Growing the store ${formatQuoted(file?.path ?? "")} on ${device.path} to ${formatSize(begun.to)} was cut off before anything in it had changed: it is as large as before`,
      ];
}

/** Finds what may cost changes although the store can be written to, as sentences. */
export function findRisks({ device, file }: FoundStore): readonly string[] {
  if (file === undefined) return [];
  const place = `${formatQuoted(file.path)} on ${device.path}`;
  return [
    ...(isSparse(file)
      ? [
          `The store ${place} is sparse (${describeAllocation(file)}): when its host fills up, changes are lost; "backstore grow" allocates the rest`,
        ]
      : []),
    ...(device.superblock && isDirty(device.superblock)
      ? [
          `The host of the store, ${device.path}, was not unmounted (${device.superblock.type}, its dirty bit is set): it is used all the same, and should be checked`,
        ]
      : []),
  ];
}
