// What a boot makes of the record that an unfinished change of size left beside a store: one that may be half of one size
// and half of another is not written to before it is whole again.

import { cutSteps, endSteps } from "../resize/resize-ends.ts";
import type { Step } from "../steps/step.ts";
import { Failure } from "../text/failure.ts";
import { formatRecovery, isHalfResized, parseIntent, type StoreIntent } from "./resize-record.ts";
import { namesBeside } from "./store-names.ts";

/** Is a store's file with the record beside it. */
export interface RecordedFile {
  /** From the top of its host. */
  readonly path: string;
  /** The text of the record. */
  readonly intent: string | undefined;
}

/** Finds out why a store may not be written to, if its size was being changed; undefined when it may be. */
export function findUnfinished({ path, intent }: RecordedFile): string | undefined {
  const parsed = readRecord({ path, intent });
  if (parsed === undefined) return undefined;
  if (parsed === "unknown")
    return "a change of its size was begun by another version of backstore, and must be finished by that";
  // Where a session shows the host.
  const file = `/run/backstore/host${path}`;
  return isHalfResized(parsed)
    ? `a change of its size was cut off, and must be finished first (${formatRecovery(parsed, file)})`
    : undefined;
}

/** Finds a growth of a file that was cut off before anything in the store had changed. */
export function findBegunGrowth(file: RecordedFile): StoreIntent | undefined {
  const parsed = readRecord(file);
  const isBegun =
    parsed !== undefined &&
    parsed !== "unknown" &&
    parsed.operation === "grow" &&
    parsed.stage === "preparing";
  return isBegun ? parsed : undefined;
}

/**
 * Takes such a growth back, with the store at `store`; none: no steps. Where vfat has lost the room behind a file's end,
 * reading there makes the kernel give up writing to the whole host.
 */
export function takeBackGrowth(file: RecordedFile & { bytes: number }, store: string): Step[] {
  const begun = findBegunGrowth(file);
  if (begun === undefined || file.bytes !== begun.from) return [];
  return [...cutSteps(store, begun.from), ...endSteps(store, namesBeside(store).scratch)];
}

/** An empty one is what a power cut leaves of the first record on vfat, before anything was changed. */
function readRecord({ path, intent }: RecordedFile): StoreIntent | "unknown" | undefined {
  if (intent === undefined || intent === "") return undefined;
  try {
    return parseIntent(intent, path);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return "unknown";
  }
}
