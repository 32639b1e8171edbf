// The record beside a store of a change of its size that is under way. It is written before anything of the store
// changes and removed when the store is whole again; a run that finds one was preceded by one that was interrupted. A
// store that may be half of one size and half of another is not written to before it is whole again.

import * as v from "valibot";
import { Failure } from "../text/failure.ts";
import { parseJson } from "../text/json.ts";
import { formatPath } from "../text/quoted.ts";

/**
 * Is what a resize is doing. `preparing`: what the store holds is as it was; its file may be longer. `applying`: the
 * changed blocks lie beside the store, whole, and are being written into it. `growing`: the kernel makes the mounted
 * file system larger, in its own journal. `shrinking`: the kernel makes it smaller, and the file is cut after that.
 * `copying`: a smaller store is being filled beside. `replacing`: it is whole and takes the store's name.
 */
export interface ResizeRecord {
  readonly operation: "grow" | "shrink";
  /** The store's size before and after, in bytes. */
  readonly from: number;
  readonly to: number;
  readonly stage: Stage;
  /** The directory for what is needed meanwhile; may be gone. */
  readonly scratch: string;
}

/** Names how far a resize has come. */
type Stage = (typeof stages)[number];

const stages = ["preparing", "applying", "growing", "shrinking", "copying", "replacing"] as const;

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

/** Formats the record. */
export function formatResizeRecord(intent: ResizeRecord): string {
  return `${JSON.stringify({ format: 1, ...intent })}\n`;
}

/** Parses the record beside `store`; throws Failure "unsafe" for what this version does not understand. */
export function parseResizeRecord(text: string, store: string): ResizeRecord {
  const parsed = v.safeParse(schema, parseJson(text));
  if (!parsed.success)
    throw new Failure(
      "unsafe",
      `Cannot tell how far a change of the size of ${formatPath(store)} had come: the record beside it is not one of this version`,
      "use the version of backstore that began it",
    );
  const { operation, from, to, stage, scratch } = parsed.output;
  return { operation, from, to, stage, scratch };
}

/** Tells whether the file system in the store may be half of one size and half of another. */
export function isHalfResized(intent: ResizeRecord): boolean {
  return intent.stage === "applying";
}

/**
 * Gives how many of a store's bytes count: a growth that was cut off in its beginning may have left the file longer, by
 * what nothing is in, and a host without a journal (vfat) cannot always read that.
 */
export function countedBytes(bytes: number, intent: ResizeRecord | undefined): number {
  return intent?.stage === "preparing" ? Math.min(bytes, intent.from) : bytes;
}

/** Gives the command that finishes or takes back what the record tells of; its size does not matter. */
export function formatRecovery(intent: ResizeRecord, store: string): string {
  return `backstore ${intent.operation} ${formatPath(store)} ${intent.to}B`;
}

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
export function findBegunGrowth(file: RecordedFile): ResizeRecord | undefined {
  const parsed = readRecord(file);
  const isBegun =
    parsed !== undefined &&
    parsed !== "unknown" &&
    parsed.operation === "grow" &&
    parsed.stage === "preparing";
  return isBegun ? parsed : undefined;
}

/** An empty one is what a power cut leaves of the first record on vfat, before anything was changed. */
function readRecord({ path, intent }: RecordedFile): ResizeRecord | "unknown" | undefined {
  if (intent === undefined || intent === "") return undefined;
  try {
    return parseResizeRecord(intent, path);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return "unknown";
  }
}
