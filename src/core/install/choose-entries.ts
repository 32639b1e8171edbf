// Which entries of a medium's boot menus get the add-on, and why the others do not.

import type { Edit } from "../menus/edit.ts";
import type { MenuEntry, Obstacle, Place } from "../menus/menu-entry.ts";
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
  /** Whether our own initramfs takes the place of theirs, so that it needs no way into it. */
  readonly isOwn?: boolean;
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
  { everyFamily = false, isOwn = false }: ChoiceRequest,
): Reason | undefined {
  if (family?.refusal === "other-media") return family.refusal;
  if (entry.obstacle !== undefined) return entry.obstacle;
  const purpose = identifyPurpose(entry);
  if (purpose !== undefined) return purpose;
  if (family === undefined) return "other-initrd";
  const isAny = everyFamily || isOwn;
  if (family.refusal !== undefined && (!isAny || family.refusal === "installer"))
    return family.refusal;
  // What boots an image in a file finds its medium in there, and ours does not look there.
  if (isOwn && entry.file.toLowerCase().endsWith("loopback.cfg")) return "elsewhere";
  if (entry.words.some((word) => word.startsWith("rdinit="))) return "rdinit-taken";
  return family.way === "none" && !isAny ? "no-way" : undefined;
}

/** What is added to an entry. */
export interface Addition {
  /** The add-on's path at the top of the medium, with a leading slash. */
  readonly path: string;
  readonly words: readonly string[];
  /** Whether it takes the place of the distribution's initramfs. */
  readonly isOwn?: boolean;
}

/** Returns what is added to the entries of a family. */
export function additionOf(
  family: Family,
  {
    addon,
    words,
    isOwn,
  }: { readonly addon: string; readonly words: readonly string[]; readonly isOwn?: boolean },
): Addition {
  if (isOwn) return { path: `/${addon}`, words, isOwn };
  const first = family.way === "rdinit" ? ["rdinit=/backstore-init"] : [];
  return { path: `/${addon}`, words: [...first, ...words] };
}

/** Returns the edits that add the add-on to an entry. */
export function planEdits(entry: MenuEntry, { path, words: more, isOwn }: Addition): Edit[] {
  const words = isOwn && isCopied(entry) ? [...more, "copytoram"] : more;
  return entry.places.flatMap((place): Edit[] => {
    const { at, what, before, device } = place;
    if (what === "initrd" && isOwn) return replaceInitrd(place, `${device}${path}`);
    if (what === "initrd") return [{ at, removed: 0, text: `${before}${device}${path}` }];
    if (words.length === 0) return [];
    const text = words.join(" ");
    return [{ at, removed: 0, text: before === "" ? `${text} ` : `${before}${text}` }];
  });
}

function replaceInitrd({ at, from = at, lines = [] }: Place, path: string): Edit[] {
  return [
    ...lines.map((line) => ({ at: line, removed: 0, text: "#" })),
    { at: from, removed: at - from, text: path },
  ];
}

/** Returns whether an entry has the base copied to memory, by words that only its own knows. */
function isCopied({ words }: MenuEntry): boolean {
  return ["toram", "rd.live.ram", "rd.live.ram=1"].some((word) => words.includes(word));
}
