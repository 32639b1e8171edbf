// Where a distribution reads additions of others from a file of its own menus: there the changed
// entries are put as copies, and its own files stay as they are.

import { type Edit, editText } from "../menus/edit.ts";
import type { MenuEntry } from "../menus/menu-entry.ts";
import type { Menu } from "../menus/read-menus.ts";
import { type Addition, planEdits } from "./choose-entries.ts";
import type { Ends } from "./families.ts";

/** A file that a distribution's menu reads for additions. */
export interface OwnPlace {
  readonly file: string;
  readonly loader: "grub" | "syslinux";
  /** The menu that reads it, and what is written there. */
  readonly reader: string;
  readonly reads: string;
  /** The menus whose entries are left as they are, and of these the ones that are copied. */
  readonly covers: readonly Ends[];
  readonly copies: readonly Ends[];
  /** Whether it is read before the entries, so that its first one is the default. */
  readonly isFirst: boolean;
}

const systemRescueGrub: Ends = ["boot/grub/grubsrcd.cfg", ""];
const systemRescueSyslinux: Ends = ["sysresccd/boot/syslinux/sysresccd_sys.cfg", ""];

const ownPlaces: readonly OwnPlace[] = [
  {
    ...{ file: "boot/grub/custom.cfg", loader: "grub", isFirst: false },
    ...{ reader: systemRescueGrub[0], reads: "source /boot/grub/custom.cfg" },
    ...{ covers: [systemRescueGrub], copies: [systemRescueGrub] },
  },
  {
    file: "sysresccd/boot/syslinux/sysresccd_custom.cfg",
    ...{ loader: "syslinux", isFirst: false, reader: systemRescueSyslinux[0] },
    reads: "INCLUDE boot/syslinux/sysresccd_custom.cfg",
    ...{ covers: [systemRescueSyslinux], copies: [systemRescueSyslinux] },
  },
  {
    ...{ file: "boot/grub/grub_local_custom_pre_entry.cfg", loader: "grub", isFirst: true },
    ...{ reader: "boot/grub/grub.cfg", reads: "/grub_local_custom_pre_entry.cfg" },
    covers: [
      ["boot/grub/", "_default.cfg"],
      ["boot/grub/", "_options.cfg"],
    ],
    copies: [["boot/grub/", "_default.cfg"]],
  },
];

/** Returns the places for additions that the menus of a medium read. */
export function findOwnPlaces(menus: readonly Menu[]): OwnPlace[] {
  return ownPlaces.filter(({ reader, reads }) =>
    menus.some(({ file, text }) => file === reader && text.includes(reads)),
  );
}

/** Returns whether a place takes the entries of a menu, or copies of them. */
export function isCovered(place: OwnPlace, file: string, what: "covers" | "copies"): boolean {
  return place[what].some(([beginning, end]) => file.startsWith(beginning) && file.endsWith(end));
}

/** Stands behind the title of a copy. */
export const titleMark = "[backstore]";

/** Makes the copies of entries with the add-on, as the text that is added to a place. */
export function formatCopies(
  place: OwnPlace,
  entries: readonly { readonly entry: MenuEntry; readonly menu: string }[],
  addition: Addition,
): string {
  const copies = entries.map(({ entry, menu }, index) => {
    const edits = [...planEdits(entry, addition), ...renameEdits(place, entry, index)];
    const moved = edits.map((edit) => ({ ...edit, at: edit.at - entry.from }));
    return `${editText(menu.slice(entry.from, entry.to), moved)}\n`;
  });
  const isDefault = place.loader === "grub" && !place.isFirst;
  return [
    "\n# What follows was added by backstore.\n",
    ...copies,
    isDefault ? "set default=backstore\n" : "",
  ].join("\n");
}

function renameEdits(place: OwnPlace, entry: MenuEntry, index: number): Edit[] {
  const edits: Edit[] = [];
  const insert = (at: number | undefined, text: string) => {
    if (at !== undefined) edits.push({ at, removed: 0, text });
  };
  if (place.loader === "grub") {
    insert(
      entry.titleTo,
      `" ${titleMark}"${index === 0 && !place.isFirst ? " --id=backstore" : ""}`,
    );
    return edits;
  }
  insert(entry.labelTo, `_backstore${index === 0 ? "\nMENU DEFAULT" : ""}`);
  insert(entry.titleTo, ` ${titleMark}`);
  return edits;
}
