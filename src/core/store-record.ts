// backstore.json, the record beside a store's changes (format 1; docs/design.md, "A store on disk"). Absent in stores
// that others made. Unknown keys are kept; what cannot be read is a finding and never treated as empty.
import * as v from "valibot";
import { formatAllSettings, type OverlaySettings, parseSettings } from "./overlay.ts";
import { formatQuoted } from "./quoted.ts";

/** The major format that this version reads and writes. */
export const recordFormat = 1;

/** The record's name in the store's directory. */
export const recordFile = "backstore.json";

/** Is what a store says of itself. */
export interface StoreRecord {
  readonly id: string;
  readonly settings: OverlaySettings;
  /** The whole object as it was read, so that what others put in stays. */
  readonly whole: Readonly<Record<string, unknown>>;
}

/** Says what stands in a record file. */
export type RecordFinding =
  | { readonly kind: "record"; readonly record: StoreRecord }
  | { readonly kind: "newer"; readonly format: number }
  | { readonly kind: "unreadable"; readonly reason: string };

/** Is the base that a store is used with. */
export interface BaseIdentity {
  readonly label: string | undefined;
  readonly image: string;
}

const schema = v.looseObject({
  format: v.pipe(v.number(), v.integer(), v.minValue(1)),
  id: v.string(),
  overlay: v.string(),
});

/** Parses the text of a record file. */
export function parseRecord(text: string): RecordFinding {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: "unreadable", reason: "it is not JSON" };
  }
  const format = v.safeParse(v.looseObject({ format: v.number() }), value);
  if (format.success && format.output.format >= recordFormat + 1)
    return { kind: "newer", format: format.output.format };
  const parsed = v.safeParse(schema, value);
  if (!parsed.success) {
    const key = v.getDotPath(parsed.issues[0]);
    return {
      kind: "unreadable",
      reason:
        key === null ? "it is not an object" : `its "${key}" is missing or not what it should be`,
    };
  }
  const settings = parseSettings(parsed.output.overlay);
  if (!settings)
    return {
      kind: "unreadable",
      reason: `its overlay options are not known: ${formatQuoted(parsed.output.overlay)}`,
    };
  return { kind: "record", record: { id: parsed.output.id, settings, whole: parsed.output } };
}

/** Formats the record of a store that has none: one that is new, or one that somebody else made. */
export function formatNewRecord(record: {
  readonly id: string;
  readonly settings: OverlaySettings;
  readonly base: BaseIdentity;
  readonly created: string;
  readonly version: string;
}): string {
  return formatRecord({
    format: recordFormat,
    id: record.id,
    created: record.created,
    tool: `backstore ${record.version}`,
    base: record.base,
    overlay: formatAllSettings(record.settings),
  });
}

function formatRecord(whole: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify(whole, undefined, 2)}\n`;
}
