// All entries of the boot menus of a medium.

import { type MenuText, readGrubEntries } from "./grub-entries.ts";
import { readLoaderSpecEntry } from "./loader-spec-entries.ts";
import type { Loader, MenuEntry, Obstacle } from "./menu-entry.ts";
import { readSyslinuxEntries } from "./syslinux-entries.ts";

/** A boot menu of a medium. */
export interface Menu extends MenuText {
  readonly loader: Loader;
}

/** Reads the entries of all menus, menu by menu. */
export function readMenus(menus: readonly Menu[]): MenuEntry[] {
  const grub = menus.filter(({ loader }) => loader === "grub");
  const others = menus.filter(({ loader }) => loader !== "grub");
  return [...readGrubEntries(grub), ...others.flatMap(readOne)];
}

function readOne(menu: Menu): MenuEntry[] {
  if (menu.loader === "loader-spec") return [readLoaderSpecEntry(menu)];
  if (menu.loader === "syslinux") return readSyslinuxEntries(menu);
  return [unread(menu, menu.loader === "pxelinux" ? "netboot" : "loader")];
}

function unread({ file, text, loader }: Menu, obstacle: Obstacle): MenuEntry {
  const nothing = { kernels: [], initrds: [], mains: [], words: [], places: [] };
  return { file, loader, title: file, from: 0, to: text.length, obstacle, ...nothing };
}
