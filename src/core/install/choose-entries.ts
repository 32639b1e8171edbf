// Which entries of a medium's boot menus get the add-on, and why the others do not.

import type { Edit } from "../menus/edit.ts";
import type { MenuEntry, Obstacle } from "../menus/menu-entry.ts";
import {
  type Family,
  findSeen,
  identifyPurpose,
  matchFamily,
  normalizePath,
  type Purpose,
  type Refusal,
} from "./families.ts";

/** Why an entry is left as it is. */
export type Reason =
  | Obstacle
  | Purpose
  | Refusal
  /** The add-on has no way into the initramfs of this family. */
  | "no-way"
  /** It loads another initramfs than the live system's. */
  | "other-initrd"
  /** It starts another program of the initramfs already. */
  | "rdinit-taken";

/** An entry, and why it is left as it is; "undefined" if it gets the add-on. */
export interface ChosenEntry {
  readonly entry: MenuEntry;
  readonly reason: Reason | undefined;
}

/** The entries of a medium, and the family that its live system belongs to. */
export interface Choice {
  readonly family: Family | undefined;
  readonly entries: readonly ChosenEntry[];
}

/** What a choice depends on besides the entries. */
export interface ChoiceRequest {
  /** The paths of all files of the medium, without a leading slash. */
  readonly files: readonly string[];
  /** Whether families count that the add-on has no way into: to see what would be changed. */
  readonly everyFamily?: boolean;
}

/** Chooses the entries that get the add-on. */
export function chooseEntries(entries: readonly MenuEntry[], request: ChoiceRequest): Choice {
  const seen = findSeen(request.files.map((file) => file.toLowerCase()));
  const matched = entries.map((entry) =>
    entry.obstacle === undefined || entry.obstacle === "netboot"
      ? matchFamily(entry, seen)
      : undefined,
  );
  const carrier = [...seen].find(({ refusal }) => refusal === "other-media");
  const family = carrier ?? matched.find((one) => one !== undefined);
  const own = entries.filter((_, index) => family !== undefined && matched[index] === family);
  const initrds = new Set(own.flatMap(mainInitrds));
  return {
    family,
    entries: entries.map((entry, index) => {
      const belongs =
        family !== undefined &&
        (family === carrier ||
          matched[index] === family ||
          mainInitrds(entry).some((path) => initrds.has(path)));
      return { entry, reason: judge(entry, belongs ? family : undefined, request) };
    }),
  };
}

function mainInitrds({ mains }: MenuEntry): string[] {
  return mains.map(normalizePath);
}

function judge(
  entry: MenuEntry,
  family: Family | undefined,
  { everyFamily }: ChoiceRequest,
): Reason | undefined {
  if (family?.refusal === "other-media") return family.refusal;
  if (entry.obstacle !== undefined) return entry.obstacle;
  const purpose = identifyPurpose(entry);
  if (purpose !== undefined) return purpose;
  if (family === undefined) return "other-initrd";
  if (family.refusal !== undefined && (everyFamily !== true || family.refusal === "installer"))
    return family.refusal;
  if (entry.words.some((word) => word.startsWith("rdinit="))) return "rdinit-taken";
  return family.way === "none" && everyFamily !== true ? "no-way" : undefined;
}

/** What is added to an entry. */
export interface Addition {
  /** The add-on's path at the top of the medium, with a leading slash. */
  readonly path: string;
  readonly words: readonly string[];
}

/** Returns what is added to the entries of a family. */
export function additionOf(
  family: Family,
  { addon, words }: { readonly addon: string; readonly words: readonly string[] },
): Addition {
  const first = family.way === "rdinit" ? ["rdinit=/backstore-init"] : [];
  return { path: `/${addon}`, words: [...first, ...words] };
}

/** Returns the edits that add the add-on to an entry. */
export function planEdits({ places }: MenuEntry, { path, words }: Addition): Edit[] {
  return places.flatMap(({ at, what, before, device }): Edit[] => {
    if (what === "initrd") return [{ at, removed: 0, text: `${before}${device}${path}` }];
    if (words.length === 0) return [];
    const text = words.join(" ");
    return [{ at, removed: 0, text: before === "" ? `${text} ` : `${before}${text}` }];
  });
}
