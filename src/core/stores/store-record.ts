// backstore.json, the record beside a store's changes (format 1; docs/design.md, "A store on
// disk"). Stores created by other software have none. Unknown keys are kept; a record that cannot
// be read is a finding and never treated as empty.
import * as v from "valibot";
import { encodeUtf8 } from "../bytes/utf.ts";
import { type BaseIdentity, parseBase } from "../medium/base-identity.ts";
import { isTooDeep, mostLevels, parseJson } from "../text/json.ts";
import { formatQuoted } from "../text/quoted.ts";
import { type LastSession, parseSession, type SessionStart } from "./last-session.ts";
import { addNext, type NextRemoval, parseNext, withoutDone } from "./next-steps.ts";
import { type OverlayMount, parseOverlayMount } from "./overlay-mount.ts";
import { formatAllSettings, type OverlaySettings, parseSettings } from "./overlay-settings.ts";
import {
  addBoot,
  type BootPhases,
  completeBoot,
  endBoot,
  type MountedBoot,
  type PastBoots,
  parseBoots,
} from "./past-boots.ts";

/** The major format that this version reads and writes. */
export const recordFormat = 1;

/** A longer file is not a record, and is not read. */
export const mostRecordBytes = 1 << 20;

/** What a session adds to a record when it writes it anew, at most. */
const spareBytes = 1 << 14;

/** The record's name in the store's directory. */
export const recordFile = "backstore.json";

/** The record of a store. */
export interface StoreRecord {
  readonly id: string;
  readonly settings: OverlaySettings;
  /** When it was first used, as ISO 8601. */
  readonly created: string | undefined;
  /** The base that it was last used with. */
  readonly base: BaseIdentity | undefined;
  /**
   * The session that used it last; undefined if it was written by a version that did not record
   * one.
   */
  readonly session: LastSession | undefined;
  /**
   * The mount of the overlay by that session; undefined if it was written by a version that did not
   * record one.
   */
  readonly overlayMount: OverlayMount | undefined;
  /** The last boots on it, the newest last. */
  readonly past: PastBoots;
  /** What the next boot does before it mounts the overlay. */
  readonly next: readonly NextRemoval[];
  /** The whole object as it was read, so that unknown keys are kept. */
  readonly whole: Readonly<Record<string, unknown>>;
}

/** The contents of a record file. */
export type RecordFinding =
  | { readonly kind: "record"; readonly record: StoreRecord }
  | { readonly kind: "newer"; readonly format: number }
  /** `overlay`: the reason is unknown overlay options. */
  | { readonly kind: "unreadable"; readonly reason: string; readonly overlay?: string };

const schema = v.looseObject({
  format: v.pipe(v.number(), v.integer(), v.minValue(1)),
  id: v.string(),
  overlay: v.string(),
});

/** Parses the text of a record file. */
export function parseRecord(text: string): RecordFinding {
  if (isTooDeep(text))
    return { kind: "unreadable", reason: `it is nested deeper than ${mostLevels} levels` };
  const value = parseJson(text);
  if (value === undefined) return { kind: "unreadable", reason: "it is not JSON" };
  const format = v.safeParse(v.looseObject({ format: v.number() }), value);
  if (format.success && format.output.format >= recordFormat + 1)
    return { kind: "newer", format: format.output.format };
  const parsed = v.safeParse(schema, value);
  if (!parsed.success) {
    const key = v.getDotPath(parsed.issues[0]);
    return {
      kind: "unreadable",
      reason: key === null ? "it is not an object" : `its "${key}" is missing or invalid`,
    };
  }
  const settings = parseSettings(parsed.output.overlay);
  if (!settings)
    return {
      kind: "unreadable",
      reason: `its overlay options are unknown: ${formatQuoted(parsed.output.overlay)}`,
      overlay: parsed.output.overlay,
    };
  if (isLonger(formatRecord(parsed.output), mostRecordBytes - spareBytes))
    return { kind: "unreadable", reason: "it is longer than 1 MiB when it is written" };
  const { id, created, base, session, overlayMount, boots } = parsed.output;
  return {
    kind: "record",
    record: {
      id,
      settings,
      created: typeof created === "string" ? created : undefined,
      base: parseBase(base),
      session: parseSession(session),
      overlayMount: parseOverlayMount(overlayMount),
      past: parseBoots(boots),
      next: parseNext(parsed.output.next),
      whole: parsed.output,
    },
  };
}

/** The entries that a session writes into the record of the store that it uses. */
interface RecordedUse {
  readonly base: BaseIdentity | undefined;
  readonly session: SessionStart;
  /** Whether it counts among the last boots. */
  readonly isBoot?: boolean;
  readonly phases?: BootPhases | undefined;
  /** What is wrong with the store or the base although it is used; undefined if nothing is. */
  readonly note?: string | undefined;
}

/** Formats the record of a store that has none: a new one, or one created by other software. */
export function formatNewRecord(record: {
  readonly id: string;
  readonly settings: OverlaySettings;
  readonly created: string;
  readonly version: string;
  readonly use: RecordedUse;
}): string {
  return formatRecord({
    format: recordFormat,
    id: record.id,
    created: record.created,
    tool: `backstore ${record.version}`,
    overlay: formatAllSettings(record.settings),
    ...recordUse(record.use, { whole: {}, session: undefined, past: { boots: [] } }),
  });
}

/** Formats the record in `text` once its session has mounted the overlay. */
export function formatMountedRecord(
  text: string,
  mounted: MountedBoot & { readonly overlayMount: OverlayMount | undefined },
): string {
  const { boots, session, ...whole } = known(parseJson(text));
  const started = parseSession(session)?.started;
  return formatRecord({
    ...{ ...whole, session },
    boots: completeBoot(parseBoots(boots).boots, started, mounted),
    overlayMount: mounted.overlayMount,
  });
}

/**
 * Formats the record in `text` for a copy of its store: another store, with the same base and past,
 * that no session has used; undefined if it is not a record.
 */
export function formatCopiedRecord(text: string, id: string): string | undefined {
  const finding = parseRecord(text);
  if (finding.kind !== "record") return undefined;
  const { session: _, overlayMount: __, next: ___, ...kept } = finding.record.whole;
  return formatRecord({ ...kept, id });
}

/** Formats an existing record for a session that begins; unknown keys are kept. */
export function formatUsedRecord(record: StoreRecord, use: RecordedUse): string {
  const overlay = formatAllSettings(record.settings);
  return formatRecord({ ...record.whole, overlay, ...recordUse(use, record) });
}

/**
 * Formats the record in `text` when the session of a boot has ended; undefined if it is not a
 * record, or that of another session.
 */
export function formatEndedRecord(
  text: string,
  {
    boot,
    ended,
    usedBytes,
  }: {
    readonly boot: string | undefined;
    readonly ended: string;
    /** What is used of the store then. */
    readonly usedBytes?: number | undefined;
  },
): string | undefined {
  const finding = parseRecord(text);
  if (finding.kind !== "record" || boot === undefined) return undefined;
  const { session, past, whole } = finding.record;
  if (session?.state !== "open" || session.boot !== boot) return undefined;
  const end = { ended, endUsedBytes: usedBytes };
  return formatRecord({
    ...whole,
    session: { ...known(whole.session), state: "clean", ended },
    // What cannot be read is left as it is.
    ...(past.boots.length > 0 && { boots: endBoot(past.boots, session.started, end) }),
  });
}

/**
 * Formats the record in `text` with more for the next boot to do; undefined if it is not a record,
 * or would have too much.
 */
export function formatNextRecord(text: string, added: readonly NextRemoval[]): string | undefined {
  const finding = parseRecord(text);
  if (finding.kind !== "record") return undefined;
  const next = addNext(finding.record.whole.next, added);
  const formatted = formatRecord({ ...finding.record.whole, next });
  const isTooLong = isLonger(formatted, mostRecordBytes - 2 * spareBytes);
  return next === undefined || isTooLong ? undefined : formatted;
}

function recordUse(
  { base, session: { boot, machine, started }, isBoot = true, phases = {}, note }: RecordedUse,
  { whole, session, past }: Pick<StoreRecord, "whole" | "session" | "past">,
): Readonly<Record<string, unknown>> {
  const { ended: _, ...others } = known(whole.session);
  const count = (session?.count ?? 0) + 1;
  return {
    next: withoutDone(whole.next),
    // Until the overlay is mounted, nothing is known about the mount.
    overlayMount: undefined,
    ...(base === undefined ? {} : { base }),
    session: { ...others, state: "open", boot, machine, count, started },
    ...(isBoot && {
      boots: addBoot(past.boots, { started, session: "persistent", phases, note }),
    }),
  };
}

function known(value: unknown): Readonly<Record<string, unknown>> {
  const parsed = v.safeParse(v.looseObject({}), value);
  return parsed.success ? parsed.output : {};
}

/** Returns whether a text has more bytes than that in UTF-8. */
function isLonger(text: string, bytes: number): boolean {
  return text.length > bytes || (text.length * 3 > bytes && encodeUtf8(text).length > bytes);
}

function formatRecord(whole: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify(whole, undefined, 2)}\n`;
}
