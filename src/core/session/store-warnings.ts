// What a store's past means for the session that is about to use it: its last session and base, and
// stores that other releases have left beside it.
import { formatDirectoryOption } from "../choosing/choosing-options.ts";
import { isDirty } from "../file-systems/mounting.ts";
import { describeOtherBase, identifyBase } from "../medium/base-identity.ts";
import { describeLoss, findRoomLack, type RoomLack } from "../stores/file-store.ts";
import type { FoundStore } from "../stores/found-store.ts";
import { describeOpenSession } from "../stores/last-session.ts";
import { findBegunGrowth } from "../stores/resize-record.ts";
import type { DirectoryFacts } from "../stores/store-directory.ts";
import type { RecordFinding } from "../stores/store-record.ts";
import { formatPath, formatQuoted } from "../text/quoted.ts";
import { formatSize } from "../text/size.ts";
import { listBaseModules } from "./loaded-srms.ts";
import type { SessionFacts } from "./session.ts";

/**
 * Finds out whether the base differs from the last one ("the base is …"); undefined if it does not.
 */
export function findOtherBase(
  facts: SessionFacts,
  record: RecordFinding | undefined,
): string | undefined {
  if (record?.kind !== "record") return undefined;
  const base = identifyBase(facts.medium, listBaseModules(facts));
  return describeOtherBase(record.record.base, base);
}

/** Describes in a sentence what a different base means. */
export function describeMismatch(otherBase: string): string {
  const [first = "", ...rest] = otherBase;
  return `${first.toUpperCase()}${rest.join("")}: changed files stay as they are, even where the base has newer ones now`;
}

/** Reports that the last session did not end, as sentences about the store called `name`. */
export function findOpenSession(
  { record: now }: SessionFacts,
  record: RecordFinding | undefined,
  name: string,
): readonly string[] {
  if (record?.kind !== "record") return [];
  const found = describeOpenSession(record.record.session, { now, name });
  return found === undefined ? [] : [found];
}

/** Reports that a session which does not write will not show changes that are only in a journal. */
export function findHidden({ file, directory }: FoundStore, name: string): readonly string[] {
  if (!directory.ignoredJournal && !file?.ignoredJournal) return [];
  return [
    `The last changes to ${name} may be missing: they are still in its journal, which a session that does not write to it does not replay`,
  ];
}

/**
 * Finds stores of other releases beside a directory that was not named by an option and has no
 * changes yet.
 */
export function findOlder(
  { options }: SessionFacts,
  { directory, others = [] }: DirectoryFacts,
): readonly string[] {
  if (others.length === 0 || options.cow_directory.value !== undefined) return [];
  const choices = others.map((one) => formatDirectoryOption(one) ?? "no option").join(" or ");
  const are = others.length === 1 ? "is a store" : "are stores";
  return [
    `The directory ${formatPath(directory)} is new, but there ${are} of other media beside it, whose changes are not shown; ${choices} uses ${others.length === 1 ? "it" : "one"}`,
  ];
}

/**
 * Lists the repairs made to a store before it is used for writing, as sentences; they remain if the
 * plan is undone.
 */
export function findMended({ device, file }: FoundStore): readonly string[] {
  const begun = file && findBegunGrowth(file);
  return begun === undefined
    ? []
    : [
        `Growing the store ${formatQuoted(file?.path ?? "")} on ${device.path} to ${formatSize(begun.to)} was interrupted before anything was changed: its size is the same as before`,
      ];
}

/** Lists risks to the changes although the store can be written to, as sentences. */
export function findRisks(
  { live }: Pick<SessionFacts, "live">,
  { device, file }: FoundStore,
): readonly string[] {
  if (file === undefined) return [];
  // The bit is set while it is mounted for writing, as linux-live mounts its medium.
  const isMounted = live?.medium?.isWritable === true && live.medium.source === device.path;
  const place = `${formatQuoted(file.path)} on ${device.path}`;
  const lack = findRoomLack(file);
  return [
    ...(lack === undefined ? [] : [`The store ${place} ${lack.sentence}: ${describeDanger(lack)}`]),
    ...(device.superblock && isDirty(device.superblock) && !isMounted
      ? [
          `The host of the store, ${device.path}, was not cleanly unmounted (${device.superblock.type}, dirty bit set); using it anyway, but it should be checked`,
        ]
      : []),
  ];
}

function describeDanger(lack: RoomLack): string {
  const { kind } = lack;
  const loss = describeLoss(lack);
  if (kind === "copied") return loss;
  return `${loss}; "backstore grow" ${kind === "holes" ? "allocates the rest" : "gives it blocks of its own"}`;
}
