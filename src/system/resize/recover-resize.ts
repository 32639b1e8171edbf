// Completes or undoes an interrupted resize: killed, cut by a power failure, or stopped by a failed
// step.

import {
  planRecovery,
  type Recovery,
  type RecoveryFacts,
} from "../../core/resize/plan-recovery.ts";
import { places } from "../../core/session/places.ts";
import {
  countedBytes,
  mostResizeRecordBytes,
  parseResizeRecord,
  type ResizeRecord,
} from "../../core/stores/resize-record.ts";
import { namesBeside } from "../../core/stores/store-names.ts";
import type { Superblock } from "../../core/superblocks/superblock.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { readSuperblock } from "../looking/read-superblock.ts";
import { ifPossible, orFail } from "../port/errors.ts";
import type { System } from "../port/system.ts";
import { waitUntil } from "../port/wait-until.ts";
import { readAppliedSuperblock } from "../steps/changed-blocks.ts";
import { execute } from "../steps/execute.ts";
import { readByName } from "../stores/session-name.ts";
import { findLoopsOn } from "../usage/loops-on.ts";
import { nameHolder, nameLoop } from "../usage/name-holder.ts";
import { isOwnScratch } from "./inspect-resize.ts";

/** An interrupted resize, and what to do about it. */
export interface FoundResize {
  readonly intent: ResizeRecord | undefined;
  readonly recovery: Recovery;
}

/** Finds out whether a resize was interrupted; `store` is the path used for writing. */
export function findCutShort(system: System, store: string): FoundResize | undefined {
  const beside = namesBeside(store);
  const text = ifPossible(() => readByName(system, beside.intent, mostResizeRecordBytes));
  const isThere = text !== undefined || system.linkStatus(beside.intent) !== undefined;
  const isEmpty = system.linkStatus(beside.intent)?.kind === "file" && text === "";
  const intent = isThere && !isEmpty ? parseResizeRecord(text ?? "", store) : undefined;
  if (intent) waitForKernel(system, store, intent);
  const status = system.status(store);
  const bytes = status?.bytes ?? 0;
  const inner = orFail(`Cannot inspect ${formatPath(store)}`, () =>
    readSuperblock(system, store, countedBytes(bytes, intent)),
  );
  const recovery = planRecovery(
    {
      store,
      bytes,
      innerBytes: inner?.bytes,
      appliedBytes:
        intent?.stage === "applying"
          ? orFail(`Cannot look into ${formatPath(store)}`, () =>
              readAppliedSuperblock(system, store, bytes),
            )?.bytes
          : undefined,
      hasTemporary: system.linkStatus(beside.temporary)?.kind === "file",
      replacement:
        intent?.stage === "replacing" ? readReplacement(system, store, inner) : undefined,
      hasChanges: system.linkStatus(beside.changes)?.kind === "file",
      hasHalfRecord: system.linkStatus(`${beside.intent}.new`)?.kind === "file",
      hasEmptyRecord: isEmpty,
      ownsScratch: intent !== undefined && isOwnScratch(store, status, intent.scratch),
    },
    intent,
  );
  return recovery && { intent, recovery };
}

function readReplacement(
  system: System,
  store: string,
  inner: Superblock | undefined,
): RecoveryFacts["replacement"] {
  const { temporary } = namesBeside(store);
  const status = system.linkStatus(temporary);
  if (status?.kind !== "file") return undefined;
  const found = orFail(`Cannot inspect ${formatPath(temporary)}`, () =>
    readSuperblock(system, temporary, status.bytes),
  );
  if (found === undefined || inner === undefined) return undefined;
  const isSame = found.type === inner.type && found.uuid !== undefined && found.uuid === inner.uuid;
  return { isSame, bytes: found.bytes };
}

/** Executes the recovery. */
export function recoverResize(system: System, { intent, recovery }: FoundResize): void {
  execute(system, {
    title: `${intent?.operation ?? "resize"}: ${recovery.outcome}`,
    steps: recovery.steps,
    result: undefined,
  });
}

/**
 * The kernel releases mounts and loop devices a little after the process that had them. A session
 * that uses the store may only have been growing it.
 */
function waitForKernel(system: System, store: string, { stage }: ResizeRecord): void {
  let others: readonly string[] = [];
  waitUntil(system, longestWaitMs, () => {
    others = findOthers(system, store);
    return others.length === 0;
  });
  const mayBeUsed = stage === "preparing" || stage === "growing";
  const [loop] = mayBeUsed ? others : findLoopsOn(system, store);
  if (loop === undefined) return;
  const { reason, hint } = nameHolder(system, store) ?? nameLoop(system, loop);
  throw new Failure(
    "in-use",
    `Cannot complete the interrupted resize of ${formatPath(store)}: ${reason}`,
    hint,
  );
}

const longestWaitMs = 3000;

function findOthers(system: System, store: string): string[] {
  const own = system.mounts().find(({ target }) => target === places.store)?.source;
  return findLoopsOn(system, store).filter((loop) => loop !== own);
}
