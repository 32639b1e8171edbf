// The record beside a store of a resize in progress. It is written before anything of the store
// changes and removed when the store is consistent again; a run that finds one knows that an
// earlier one was interrupted. A store that may be only partly resized is not written to until the
// resize is completed.

import * as v from "valibot";
import { Failure } from "../text/failure.ts";
import { parseJson } from "../text/json.ts";
import { formatPath } from "../text/quoted.ts";

/**
 * The state of a resize. `preparing`: the contents of the store are unchanged; its file may be
 * longer. `applying`: the changed blocks are complete beside the store, and are being written into
 * it. `growing`: the kernel grows the mounted file system, protected by its journal. `shrinking`:
 * the kernel shrinks it, and the file is truncated after that. `copying`: a smaller store is being
 * filled beside it. `replacing`: that is complete and takes the store's name.
 */
export interface ResizeRecord {
  readonly operation: "grow" | "shrink";
  /** The store's size before and after, in bytes. */
  readonly from: number;
  readonly to: number;
  readonly stage: Stage;
  /** The directory for temporary files; may be gone. */
  readonly scratch: string;
}

/** A stage of a resize. */
type Stage = (typeof stages)[number];

const stages = ["preparing", "applying", "growing", "shrinking", "copying", "replacing"] as const;

const longestStage = Math.max(...stages.map(({ length }) => length));

const size = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

const schema = v.object({
  format: v.literal(1),
  operation: v.picklist(["grow", "shrink"]),
  from: size,
  to: size,
  stage: v.picklist(stages),
  scratch: v.pipe(v.string(), v.maxLength(4096)),
});

/** What is longer is no record, and is not read. */
export const mostResizeRecordBytes = 64 * 1024;

/** Formats the record, which has the same length at each stage of a resize. */
export function formatResizeRecord(intent: ResizeRecord): string {
  const padding = " ".repeat(longestStage - intent.stage.length);
  return `${JSON.stringify({ format: 1, ...intent })}${padding}\n`;
}

/**
 * Parses the record beside `store`; throws Failure "unsafe" if this version does not understand it.
 */
export function parseResizeRecord(text: string, store: string): ResizeRecord {
  const parsed = v.safeParse(schema, parseJson(text));
  if (!parsed.success)
    throw new Failure(
      "unsafe",
      `Cannot determine how far the resize of ${formatPath(store)} got: the record beside it was written by another version`,
      "use the version of backstore that started it",
    );
  const { operation, from, to, stage, scratch } = parsed.output;
  return { operation, from, to, stage, scratch };
}

/** Returns whether the file system in the store may be only partly resized. */
export function isHalfResized(intent: ResizeRecord): boolean {
  return intent.stage === "applying";
}

/**
 * Returns how many of a store's bytes count: a growth that was interrupted at its beginning may
 * have left the file longer, by an unused part, and a host without a journal (vfat) cannot always
 * read that.
 */
export function countedBytes(bytes: number, intent: ResizeRecord | undefined): number {
  return intent?.stage === "preparing" ? Math.min(bytes, intent.from) : bytes;
}

/**
 * Returns the command that completes or undoes the recorded resize; the size in it does not matter.
 */
export function formatRecovery(intent: ResizeRecord, store: string): string {
  return `backstore ${intent.operation} ${formatPath(store)} ${intent.to}B`;
}

/** A store's file with the record beside it. */
export interface RecordedFile {
  /** From the top of its host. */
  readonly path: string;
  /** The text of the record. */
  readonly intent: string | undefined;
}

/**
 * Finds out whether an interrupted resize keeps a store from being written to, and why; undefined
 * if it does not.
 */
export function findUnfinished({ path, intent }: RecordedFile): string | undefined {
  const parsed = readRecord({ path, intent });
  if (parsed === undefined) return undefined;
  if (parsed === "unknown")
    return "a resize was started by another version of backstore, which must complete it";
  // The place where a session mounts the host.
  const file = `/run/backstore/host${path}`;
  return isHalfResized(parsed)
    ? `an interrupted resize must be completed first (${formatRecovery(parsed, file)})`
    : undefined;
}

/** Finds a growth of a file that was interrupted before anything in the store had changed. */
export function findBegunGrowth(file: RecordedFile): ResizeRecord | undefined {
  const parsed = readRecord(file);
  const isBegun =
    parsed !== undefined &&
    parsed !== "unknown" &&
    parsed.operation === "grow" &&
    parsed.stage === "preparing";
  return isBegun ? parsed : undefined;
}

/**
 * An empty one is what a power failure leaves of the first record on vfat, before anything was
 * changed.
 */
function readRecord({ path, intent }: RecordedFile): ResizeRecord | "unknown" | undefined {
  if (intent === undefined || intent === "") return undefined;
  try {
    return parseResizeRecord(intent, path);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return "unknown";
  }
}
