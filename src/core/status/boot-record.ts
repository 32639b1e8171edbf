// The record of a boot in /run/backstore/boot.json (docs/boot-json.md), as far as the running
// session is compared with it. Another version may have written it, so nothing in it is taken for
// granted.
import * as v from "valibot";
import { type BaseModule, modulesSchema } from "../medium/base-identity.ts";
import type { SessionKind } from "../session/session.ts";
import type { RoomMeasure } from "../stores/room.ts";
import { isTooDeep, mostLevels } from "../text/json.ts";

/** The path of a boot's verdict. */
export const bootRecordPath = "/run/backstore/boot.json";

/** A boot's verdict; keys that are missing or of an unexpected type are undefined. */
export interface BootRecord {
  readonly version?: string | undefined;
  readonly session: SessionKind;
  readonly reason?: string | undefined;
  readonly store?: RecordedStore | undefined;
  readonly medium?: RecordedMedium | undefined;
  readonly room?: RoomMeasure | undefined;
  readonly problems: readonly RecordedProblem[];
  /** Every device that was seen, with the reason why it has the store or not. */
  readonly candidates?: readonly RecordedCandidate[] | undefined;
  /** The result of checking the store before it was used. */
  readonly check?: { readonly result: string } | undefined;
  /** The ends of the boot's phases, in milliseconds since the kernel started. */
  readonly times?: RecordedTimes | undefined;
}

/** A device that was seen in the search for a store. */
export interface RecordedCandidate {
  readonly device: string;
  readonly accepted: boolean;
  readonly reason: string;
  /** The path on it of what may be the file of a store. */
  readonly file?: string | undefined;
}

interface RecordedTimes {
  readonly started: number;
  readonly medium?: number | undefined;
  readonly store?: number | undefined;
  readonly mounted?: number | undefined;
}

/** The store that was used. */
interface RecordedStore {
  readonly kind: string;
  readonly device: string;
  readonly type?: string | undefined;
  readonly label?: string | undefined;
  readonly directory: string;
  /** The path on its host, of a file store. */
  readonly file?: string | undefined;
  readonly hostType?: string | undefined;
  readonly bytes?: number | undefined;
}

/** The medium and the base on it. */
export interface RecordedMedium {
  readonly device: string;
  readonly label?: string | undefined;
  readonly layout?: string | undefined;
  readonly image?: string | undefined;
  readonly release?: string | undefined;
  readonly fingerprint?: string | undefined;
  readonly modules?: readonly BaseModule[] | undefined;
}

/** A problem of the boot, with its place in a file where it has one. */
interface RecordedProblem {
  readonly message: string;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  /** Set if it is the reason for the kind of session. */
  readonly isReason?: boolean | undefined;
}

const size = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const storeSchema = v.object({
  kind: v.string(),
  device: v.string(),
  type: maybe(v.string()),
  label: maybe(v.string()),
  directory: v.string(),
  file: maybe(v.string()),
  hostType: maybe(v.string()),
  bytes: maybe(size),
});
const mediumSchema = v.object({
  device: v.string(),
  label: maybe(v.string()),
  layout: maybe(v.string()),
  image: maybe(v.string()),
  release: maybe(v.string()),
  fingerprint: maybe(v.string()),
  modules: modulesSchema,
});
const problemSchema = v.object({
  message: v.string(),
  file: maybe(v.string()),
  line: maybe(size),
  column: maybe(size),
  isReason: maybe(v.boolean()),
});
const candidateSchema = v.object({
  device: v.string(),
  accepted: v.boolean(),
  reason: v.string(),
  file: maybe(v.string()),
});
const time = v.pipe(v.number(), v.minValue(0), v.maxValue(3e10));
const schema = v.object({
  version: maybe(v.string()),
  session: v.picklist(["persistent", "readonly", "volatile", "foreign", "stopped"]),
  reason: maybe(v.string()),
  store: maybe(storeSchema),
  medium: maybe(mediumSchema),
  room: maybe(
    v.object({
      totalBytes: size,
      usedBytes: size,
      measured: size,
      totalInodes: v.optional(size),
      usedInodes: v.optional(size),
    }),
  ),
  problems: v.fallback(v.array(problemSchema), []),
  candidates: maybe(v.array(candidateSchema)),
  check: maybe(v.object({ result: v.string() })),
  times: maybe(
    v.object({ started: time, medium: maybe(time), store: maybe(time), mounted: maybe(time) }),
  ),
});

/** Parses the text of boot.json; returns the reason if it is invalid. */
export function parseBootRecord(json: string): BootRecord | { readonly unreadable: string } {
  if (isTooDeep(json)) return { unreadable: `it is nested deeper than ${mostLevels} levels` };
  let value: unknown;
  try {
    // Unknown values are written as null.
    value = JSON.parse(json, (_, inner) => inner ?? undefined);
  } catch {
    return { unreadable: "it is not JSON" };
  }
  const parsed = v.safeParse(schema, value);
  return parsed.success
    ? parsed.output
    : { unreadable: "it does not say what kind of session was booted" };
}

/** Makes a value undefined if it is missing or invalid. */
function maybe<T extends v.GenericSchema>(schema: T) {
  return v.fallback(v.optional(schema), undefined);
}
