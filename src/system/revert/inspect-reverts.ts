// What a revert would take out of a store, and whether another machine may be using that.

import { isSameBytes } from "../../core/bytes/same.ts";
import { type ChosenPutBacks, choosePutBacks } from "../../core/revert/choose-put-backs.ts";
import {
  type ChosenReverts,
  chooseReverts,
  type RevertRequest,
} from "../../core/revert/choose-reverts.ts";
import type { SharerSearch } from "../../core/revert/find-sharers.ts";
import { describeOpenSession, identifyCut } from "../../core/stores/last-session.ts";
import { asideDirectory } from "../../core/stores/store-names.ts";
import { mostRecordBytes, parseRecord, recordFile } from "../../core/stores/store-record.ts";
import { Failure } from "../../core/text/failure.ts";
import { joinPath } from "../../core/text/path.ts";
import { formatPath } from "../../core/text/quoted.ts";
import {
  attemptTelling,
  type OpenOverlay,
  type OverlayDirectories,
  withOverlay,
} from "../changes/inspect-changes.ts";
import { ifPossible, orFail } from "../port/errors.ts";
import { readBelow } from "../port/files.ts";
import type { System } from "../port/system.ts";
import { inspectMachine } from "../stores/inspect-machine.ts";

const nothing = new Uint8Array(0);

/** Hears of a path that cannot be compared. */
export type TellFault = (path: string, reason: string) => void;

/** Chooses what is reverted in an upper directory; errnos become Failures. */
export function inspectReverts(
  system: System,
  directories: OverlayDirectories,
  { request, tellFault }: { request: RevertRequest; tellFault: TellFault },
): ChosenReverts {
  return orFail("Cannot look for changes", () =>
    withOverlay(system, directories, (layers) =>
      chooseReverts(layers, request, searchIn(system, layers, tellFault)),
    ),
  );
}

/** Chooses what the running session puts back, in the same way. */
export function inspectPutBacks(
  system: System,
  directories: OverlayDirectories,
  { request, tellFault }: { request: RevertRequest; tellFault: TellFault },
): ChosenPutBacks {
  return orFail("Cannot look for changes", () =>
    withOverlay(system, directories, (layers) =>
      choosePutBacks(layers, request, searchIn(system, layers, tellFault)),
    ),
  );
}

/** Returns how the files of an overlay are identified. */
export function searchIn(
  system: System,
  { placeOf }: OpenOverlay,
  tellFault: TellFault,
): SharerSearch {
  return {
    tellFault,
    attempt: attemptTelling(tellFault),
    hasHandle(place, handle) {
      const { root, path } = placeOf(place);
      return isSameBytes(system.fileHandle(`${root}${path}`) ?? nothing, handle);
    },
  };
}

/** Describes a session that may be using a store on another machine; undefined if none is. */
export function findUseElsewhere(system: System, store: string): string | undefined {
  const place = { root: store, path: recordFile };
  const text = ifPossible(() => readBelow(system, place, mostRecordBytes));
  const finding = text === undefined ? undefined : parseRecord(text);
  if (finding?.kind !== "record") return undefined;
  const { session } = finding.record;
  const now = inspectMachine(system);
  if (identifyCut(session, now) !== "elsewhere") return undefined;
  return describeOpenSession(session, { now, name: "this store" });
}

/**
 * Returns whether an interrupted revert has left something beside a store's changes; throws a
 * Failure if something else has that name, since nothing could be moved there.
 */
export function hasAside(system: System, store: string, cannot: string): boolean {
  const kind = system.linkStatus(joinPath(store, asideDirectory))?.kind;
  if (kind === undefined || kind === "directory") return kind !== undefined;
  throw new Failure(
    "unsafe",
    `${cannot}: ${formatPath(asideDirectory)} in it is not a directory`,
    "backstore makes only directories of that name: look what it is, and remove it",
  );
}
