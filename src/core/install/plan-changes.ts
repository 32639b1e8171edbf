// What is changed on a medium: from its files as they were to the edits of each of them.

import type { Edit } from "../menus/edit.ts";
import { editText } from "../menus/edit.ts";
import { identifyMenu } from "../menus/menu-files.ts";
import { type Menu, readMenus } from "../menus/read-menus.ts";
import { isChecksumList, type ListTreatment, planList, type SumText } from "./checksum-lists.ts";
import {
  type Addition,
  additionOf,
  type ChosenEntry,
  chooseEntries,
  planEdits,
  type Reason,
} from "./choose-entries.ts";
import { type EntryStore, wordsOf } from "./entry-store.ts";
import type { Family } from "./families.ts";
import { findUnserved, type UnservedFirmware } from "./firmware.ts";
import { findOwnPlaces, formatCopies, isCovered, type OwnPlace, titleMark } from "./own-places.ts";

/** The files of a medium as they were before anything was installed. */
export interface MediumFiles {
  /** The paths of all files, without a leading slash. */
  readonly files: readonly string[];
  /** The texts of its menus and lists of checksums; each character is a byte. */
  readonly texts: ReadonlyMap<string, string>;
}

/** An entry of a boot menu in a report. */
export interface ReportedEntry {
  readonly file: string;
  readonly title: string;
  readonly loader: string;
  readonly changed: boolean;
  /**
   * Why it is left as it is; "own-place" if a copy of it is in a file for additions,
   * "not-asked" for an image of a stick of Ventoy.
   */
  readonly reason: Reason | "own-place" | "not-asked" | undefined;
}

/** A file of the medium that is changed. */
export interface FileChange {
  readonly path: string;
  /** Undefined where there is none. */
  readonly original: string | undefined;
  readonly edits: readonly Edit[];
}

/** All that is changed on a medium. */
export interface MediumChanges {
  readonly family: Family | undefined;
  readonly entries: readonly ReportedEntry[];
  /** Menus first, lists of checksums last. */
  readonly changes: readonly FileChange[];
  readonly lists: readonly { readonly path: string; readonly treatment: ListTreatment }[];
  /** Firmwares that would come to no changed entry: with one of them, nothing is changed. */
  readonly unserved: readonly UnservedFirmware[];
  /** The boot options that say in the entries where the store is. */
  readonly words: readonly string[];
  /** Whether our own initramfs takes the place of the distribution's. */
  readonly isOwn?: boolean;
}

/** What the changes depend on besides the medium. */
export interface ChangesRequest {
  /** The add-on's path, without a leading slash. */
  readonly addon: string;
  /** Boot options that the entries get besides it and those for the store. */
  readonly words?: readonly string[];
  /** The store that a boot is told of. */
  readonly store?: EntryStore | undefined;
  /** Computes digests for lists of checksums. */
  readonly sum?: SumText;
  /** Whether families count that the add-on has no way into. */
  readonly everyFamily?: boolean;
  /** Whether what is at its path is our own initramfs, which takes the place of the others. */
  readonly isOwn?: boolean;
}

/** Returns whether the text of a file is needed to plan changes. */
export function isNeededText(path: string): boolean {
  return identifyMenu(path) !== undefined || isChecksumList(path);
}

/** Returns the boot menus of a medium. */
export function findMenus({ texts }: MediumFiles): Menu[] {
  return [...texts].flatMap(([file, text]) => {
    const loader = identifyMenu(file);
    return loader === undefined ? [] : [{ file, text, loader }];
  });
}

/** Plans what is changed on a medium. */
export function planChanges(medium: MediumFiles, request: ChangesRequest): MediumChanges {
  const menus = findMenus(medium);
  const { files } = medium;
  const choice = chooseEntries(readMenus(menus), { ...request, files });
  // Our own initramfs takes every option for itself.
  const words = wordsOf(request.store, request.isOwn ? undefined : choice.family);
  const all = [...(request.words ?? []), ...words];
  const addition = choice.family && additionOf(choice.family, { ...request, words: all });
  const places = findOwnPlaces(menus);
  const placed = choice.entries.map((chosen) => ({
    chosen,
    place: chosen.reason === undefined ? placeOf(places, chosen) : undefined,
  }));
  const edited = addition === undefined ? [] : editMenus(menus, placed, addition);
  const texts = new Map(
    edited.map(({ path, original, edits }) => [path, editText(original ?? "", edits)]),
  );
  const lists = [...medium.texts].flatMap(([path, original]) => {
    const plan = planList({ file: path, text: original, files }, texts, request.sum ?? nothing);
    return plan === undefined ? [] : [{ path, original, ...plan }];
  });
  return {
    family: choice.family,
    entries: placed.flatMap((one) => reportEntry(one)),
    changes: [...edited, ...lists.filter(({ edits }) => edits.length > 0).map(toChange)],
    lists: lists.map(({ path, treatment }) => ({ path, treatment })),
    unserved: findUnserved(
      files.map((file) => file.toLowerCase()),
      choice.entries.map(({ entry, reason }) => ({ entry, isChanged: reason === undefined })),
    ),
    words,
    ...(request.isOwn && { isOwn: true }),
  };
}

function nothing(): undefined {
  return undefined;
}

function toChange({ path, original, edits }: FileChange): FileChange {
  return { path, original, edits };
}

interface PlacedEntry {
  readonly chosen: ChosenEntry;
  /** Where a copy of it is put, if it is left as it is for that. */
  readonly place: OwnPlace | undefined;
}

function placeOf(places: readonly OwnPlace[], { entry }: ChosenEntry): OwnPlace | undefined {
  return places.find((place) => isCovered(place, entry.file, "covers"));
}

function editMenus(
  menus: readonly Menu[],
  placed: readonly PlacedEntry[],
  addition: Addition,
): FileChange[] {
  const edits = new Map<string, Edit[]>();
  const add = (file: string, more: readonly Edit[]) => {
    const known = edits.get(file) ?? [];
    known.push(...more);
    edits.set(file, known);
  };
  const texts = new Map(menus.map(({ file, text }) => [file, text]));
  const textOf = (file: string) => texts.get(file);
  for (const { chosen, place } of placed)
    if (chosen.reason === undefined && place === undefined)
      add(chosen.entry.file, planEdits(chosen.entry, addition));
  for (const place of new Set(placed.flatMap(({ place: one }) => one ?? []))) {
    const copied = placed.filter((one) => one.place === place && isCopied(one));
    const entries = copied.map(({ chosen: { entry } }) => ({
      entry,
      menu: textOf(entry.file) ?? "",
    }));
    const at = textOf(place.file)?.length ?? 0;
    add(place.file, [{ at, removed: 0, text: formatCopies(place, entries, addition) }]);
  }
  return [...edits].map(([path, some]) => ({ path, original: textOf(path), edits: some }));
}

function isCopied({ chosen: { entry }, place }: PlacedEntry): boolean {
  return place !== undefined && isCovered(place, entry.file, "copies");
}

function reportEntry(placed: PlacedEntry): ReportedEntry[] {
  const { chosen, place } = placed;
  const { file, title, loader } = chosen.entry;
  const isChanged = chosen.reason === undefined && place === undefined;
  const reason = place === undefined ? chosen.reason : "own-place";
  const own: ReportedEntry = { file, title, loader, changed: isChanged, reason };
  if (place === undefined || !isCopied(placed)) return [own];
  const copy = { file: place.file, title: `${title} ${titleMark}`, loader, changed: true };
  return [own, { ...copy, reason: undefined }];
}
