// backstore copy: another store with the same changes, as a backup or for another stick.

import { upperOf } from "../../core/kernel/mount-table.ts";
import { defaultStoreName } from "../../core/stores/store-names.ts";
import { formatCopiedRecord, mostRecordBytes, recordFile } from "../../core/stores/store-record.ts";
import { Failure } from "../../core/text/failure.ts";
import { directoryOf, joinPath } from "../../core/text/path.ts";
import { formatPath } from "../../core/text/quoted.ts";
import type { Losses } from "../../report/exchange/carried.ts";
import {
  type CopyReport,
  renderCopy,
  renderCopyNotes,
  summariseCopy,
} from "../../report/exchange/copy.ts";
import { withUpper } from "../../system/changes/open-changes.ts";
import {
  copyChanges,
  type ForeignChanges,
  sumChanges,
} from "../../system/exchange/import-changes.ts";
import { ifPossible, orFail } from "../../system/port/errors.ts";
import { readBelow, writeWhole } from "../../system/port/files.ts";
import { errnoOf, type System } from "../../system/port/system.ts";
import { undoing } from "../../system/port/undo.ts";
import { newId } from "../../system/stores/inspect-machine.ts";
import { nameHolder } from "../../system/usage/name-holder.ts";
import {
  type CarryingView,
  collectLosses,
  requireMost,
  requireOutside,
  requireRoom,
  withCarryingView,
} from "../command-line/carrying.ts";
import type { Command, Invocation } from "../command-line/command.ts";
import { showProgress } from "../command-line/progress.ts";
import { readStoreSize } from "../command-line/store-flags.ts";
import { isQuiet, tellingFlags, tellOutcome, tellPlan } from "../command-line/tell.ts";
import { directoryOfAny } from "../create/device-target.ts";
import {
  optionsOf,
  planTarget,
  type Target,
  targetFlags,
  targetOperands,
  withDevicePlan,
  withTarget,
} from "../create/store-target.ts";

/** Copies a store. */
export const command: Command = {
  name: "copy",
  usage: "copy STORE TARGET [SIZE] [OPTION]...\ncopy STORE --device DEV --label NAME [OPTION]...",
  description: `
Makes another store with the same changes, and compares it with them, byte by byte, before it gets its
name. STORE is a directory store, the file of a store, or a device with one. TARGET is an empty store,
or made: a file store with SIZE, or of the size of STORE if that is a file, otherwise a directory
store. --device makes a file system with a directory store on a partition or disk, as "backstore
create" does. The copy is a store of its own, with another identity.

STORE may be in use. Each file is then copied whole, but not all of them at one moment, and those that
were written to meanwhile are named.`,
  flags: [
    { name: "directory", help: "make a directory store, also of a file" },
    ...targetFlags,
    ...tellingFlags,
  ],
  operands: (given) => ["STORE", ...targetOperands(command, given, ["TARGET", "[SIZE]"])],
  run,
};

function run(invocation: Invocation): number {
  const { system, arguments: given } = invocation;
  const [from = "", to = "", size] = given.operands;
  const bytes = size === undefined ? undefined : readStoreSize(command, size);
  const cannot = `Cannot copy ${formatPath(from)}`;
  const file = given.switches.has("directory") ? undefined : findFile(system, from);
  return withCarryingView(invocation, cannot, (view) => {
    const request = {
      ...{ given: to, action: "copy to", directory: directoryOfAny(system) },
      size:
        bytes ?? (file === undefined ? undefined : orFail(cannot, () => system.deviceBytes(file))),
    };
    const holder = ifPossible(() => nameHolder(system, findFile(system, from) ?? from));
    return withUpper(system, { given: from, view, action: "copy" }, (upper) => {
      if (upper === undefined)
        throw new Failure("not-found", `${cannot}: it is a new store without changes`);
      const isInUse = holder !== undefined || isMounted(system, upper);
      const target = planTarget(command, invocation, request);
      return copyUpper(invocation, { from, upper, isInUse, target, view });
    });
  });
}

/** Returns the file of a store, named by itself or by its directory; undefined for any other. */
function findFile(system: System, given: string): string | undefined {
  const kindOf = (path: string) => ifPossible(() => system.status(path))?.kind;
  const kind = kindOf(given);
  if (kind === "file") return given;
  const named = joinPath(given, defaultStoreName);
  const isNamed = kind === "directory" && kindOf(joinPath(given, "upperdir")) === undefined;
  return isNamed && kindOf(named) === "file" ? named : undefined;
}

function isMounted(system: System, upper: string): boolean {
  const path = system.resolve(upper);
  return system.mounts().some((mount) => upperOf(mount) === path);
}

interface Copy {
  readonly from: string;
  readonly upper: string;
  readonly isInUse: boolean;
  readonly target: Target;
  readonly view: CarryingView;
}

function copyUpper(invocation: Invocation, { from, upper, isInUse, target, view }: Copy): number {
  const { system } = invocation;
  const cannot = `Cannot copy ${formatPath(from)}`;
  requireOutside(invocation, { target: target.path, root: upper, cannot });
  const losses: Losses = { examples: [], count: 0 };
  const changes: ForeignChanges = {
    ...{ root: upper, parts: [{ from: "", to: "", format: "overlay" }] },
  };
  const { entries, bytes } = orFail(cannot, () => sumChanges(system, changes, () => {}));
  view.requireSound({ path: upper, given: from, cannot });
  const report: CopyReport = {
    ...{ from, isInUse, store: target.path, kind: target.kind, isNew: target.plan !== undefined },
    ...{ id: undefined, options: undefined, entries, bytes, losses },
  };
  const telling = (word: "Copy" | "Copied", done: CopyReport) => ({
    text: () => renderCopy(word, done),
    json: () => summariseCopy(done),
    notes: () => renderCopyNotes(done),
  });
  requireMost({ kind: target.kind, bytes, freeBytes: target.mostBytes, cannot });
  if (tellPlan(invocation, () => withDevicePlan(target, telling("Copy", report)))) return 0;
  const id = newId(system);
  const record = readRecord(system, directoryOf(upper), id);
  const advance = isQuiet(invocation) ? () => {} : showProgress(invocation, "copying");
  const copied = withTarget(
    invocation,
    { target, at: view.at, progress: showProgress(invocation, "allocating") },
    (directory) =>
      orFail(`${cannot} to ${formatPath(target.path)}`, () => {
        requireRoom(invocation, { directory, kind: target.kind, bytes, cannot });
        const heard = {
          ...collectLosses(losses),
          progress: (done: number) => advance(done, bytes),
        };
        return withRecord(system, { directory, record }, () =>
          copyChanges(system, { ...changes, store: directory, heard }),
        );
      }),
  );
  const { entries: made, bytes: madeBytes } = copied;
  const done = {
    ...report,
    entries: made,
    bytes: madeBytes,
    id: record === undefined ? undefined : id,
    options: optionsOf(invocation, target),
  };
  tellOutcome(invocation, telling("Copied", done));
  return 0;
}

/**
 * Writes the record before the changes: without them it is taken for what an interrupted run has
 * left. If there are none, there is the one that there was.
 */
function withRecord<T>(
  system: System,
  { directory, record }: { directory: string; record: string | undefined },
  copy: () => T,
): T {
  if (record === undefined) return copy();
  const path = joinPath(directory, recordFile);
  const before = readRecordIn(system, directory);
  return undoing(
    () => (before === undefined ? system.removeFile(path) : writeWhole(system, path, before)),
    () => {
      writeWhole(system, path, record);
      return copy();
    },
  );
}

function readRecordIn(system: System, root: string): string | undefined {
  try {
    return readBelow(system, { root, path: recordFile }, mostRecordBytes);
  } catch (error) {
    if (!notRecords.has(errnoOf(error) ?? "")) throw error;
    return undefined;
  }
}

/** A link is not followed, and like a directory no record. */
const notRecords: ReadonlySet<string> = new Set(["ENOENT", "ELOOP", "EISDIR"]);

/** Returns the record for the copy; undefined where the store has none. */
function readRecord(system: System, root: string, id: string): string | undefined {
  const text = orFail(`Cannot read ${formatPath(recordFile)} of the store`, () =>
    readRecordIn(system, root),
  );
  return text === undefined ? undefined : formatCopiedRecord(text, id);
}
