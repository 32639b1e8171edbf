// The record of what was installed on a medium: what of each file was kept, and how it was changed.
// It is on the medium before the first menu changes, and tells which states of a file are ours.

import * as v from "valibot";
import { encodeByteText } from "../bytes/byte-text.ts";
import { crc32 } from "../bytes/crc32.ts";
import { type Edit, editText } from "../menus/edit.ts";
import { parseJson } from "../text/json.ts";
import { isEntryLabel } from "./entry-store.ts";

/** The directory on the medium that holds all that is not a menu. */
export const ownDirectory = "backstore";

/** Where the files that were changed are kept as they were. */
export const keptDirectory = `${ownDirectory}/kept`;

/** Where blocks of an ISO image are kept as they were, one after the other. */
export const keptBlocksFile = `${keptDirectory}/blocks`;

/** The program, for who has the medium alone. */
export const programFile = `${ownDirectory}/backstore`;

/**
 * The two places of the add-on and its record: a new one is complete at the other place before a
 * menu names it.
 */
export const slots = ["1", "2"] as const;

/** One of the two places. */
export type Slot = (typeof slots)[number];

/**
 * What the add-on is: an initramfs, or an archive that Ventoy unpacks into one; or, in its stead,
 * our own initramfs, which takes the place of the distribution's.
 */
export type AddonForm = "img" | "tar.gz" | "own";

/** Returns the path of the add-on at a place; short enough for every file system of a medium. */
export function addonFile(slot: Slot, form: AddonForm = "img"): string {
  return `${ownDirectory}/${form === "own" ? `own${slot}.img` : `addon${slot}.${form}`}`;
}

/** The paths of the add-on at both places, whatever it is. */
export const addonFiles: readonly string[] = slots.flatMap(addonFilesOf);

/** Returns the paths of the add-on at a place, whatever it is. */
export function addonFilesOf(slot: Slot): string[] {
  return [addonFile(slot), addonFile(slot, "tar.gz"), addonFile(slot, "own")];
}

/** Returns the path of the record beside it. */
export function recordFile(slot: Slot): string {
  return `${ownDirectory}/install${slot}.json`;
}

const number = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const edit = v.object({ at: number, removed: number, text: v.string() });
const file = v.object({
  path: v.pipe(v.string(), v.check(isInside)),
  kept: v.nullable(
    v.pipe(
      v.string(),
      v.check((name) => /^\d{1,4}$/.test(name)),
    ),
  ),
  bytes: number,
  crc32: number,
  edits: v.array(edit),
});
const blocks = v.object({ block: number, blocks: number, areZero: v.optional(v.literal(true)) });
const iso = v.object({
  bytes: number,
  sha512: v.optional(v.pipe(v.string(), v.regex(/^[0-9a-f]{128}$/))),
  kept: v.array(blocks),
});
const store = v.variant("kind", [
  v.object({ kind: v.literal("file") }),
  v.object({ kind: v.literal("label"), label: v.pipe(v.string(), v.check(isEntryLabel)) }),
]);
const record = v.object({
  format: v.literal(1),
  version: v.string(),
  family: v.string(),
  /** What the entries say of the store; missing where they say nothing. */
  store: v.optional(store),
  /** Whether the entries load our own initramfs in place of the distribution's. */
  own: v.optional(v.literal(true)),
  files: v.array(file),
  iso: v.optional(iso),
});

/** A medium of somebody else must not lead out of itself. */
function isInside(path: string): boolean {
  return path.split("/").every((name) => name !== "" && name !== "." && name !== "..");
}

/** A file of the medium that was changed; one without `kept` was not there. */
export type RecordedFile = v.InferOutput<typeof file>;

/**
 * What an ISO image was: its length, its digest where it was a file, and which of its blocks are
 * kept, in the order of their contents; of those that were zero nothing is.
 */
export type IsoRecord = v.InferOutput<typeof iso>;

/** The record of what was installed. */
export type InstallRecord = v.InferOutput<typeof record>;

/** What is longer is no record, and is not read. */
export const mostRecordBytes = 4 * 1024 * 1024;

/** Parses a record; undefined if it is none, or not whole. */
export function parseInstallRecord(text: string): InstallRecord | undefined {
  const parsed = v.safeParse(record, parseJson(text));
  return parsed.success ? parsed.output : undefined;
}

/** Formats a record in ASCII: it is written as the texts of menus are, a byte for a character. */
export function formatInstallRecord(value: InstallRecord): string {
  const text = JSON.stringify(value, undefined, 1).replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `${text}\n`;
}

/** Returns the entry of the record for a file that is changed by edits. */
export function recordChange(
  path: string,
  original: string,
  { kept, edits }: { kept: string | null; edits: readonly Edit[] },
): RecordedFile {
  const bytes = encodeByteText(original);
  return { path, kept, bytes: bytes.length, crc32: crc32(bytes), edits: [...edits] };
}

/** Returns whether a text is what was kept of a file. */
export function isKept({ bytes, crc32: sum }: RecordedFile, original: string): boolean {
  return original.length === bytes && crc32(encodeByteText(original)) === sum;
}

/**
 * Returns whether a text is a state of a file that installing or its undoing makes: as it was or as
 * it was changed, either with newlines behind it, or one of them begun over the other. Of a file
 * that is made shorter, FAT writes zeros over the rest of a block before the length is on the disk.
 */
export function isOwnState(
  text: string,
  original: string,
  changes: readonly RecordedFile[],
): boolean {
  const whole = [original, ...changes.map(({ edits }) => editText(original, edits))];
  const isShortened = (one: string) =>
    text.startsWith(one) && /^[\0\n]*$/.test(text.slice(one.length));
  if (whole.some(isShortened)) return true;
  const padded = whole
    .filter((one) => one.length <= text.length)
    .map((one) => pad(one, text.length));
  return padded.some((over) => {
    const begun = commonLength(over, text);
    return padded.some((under) => text.slice(begun) === under.slice(begun));
  });
}

/** Fills a text up with newlines, which mean nothing in any menu. */
export function pad(text: string, length: number): string {
  return text + "\n".repeat(Math.max(0, length - text.length));
}

function commonLength(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length++;
  return length;
}
