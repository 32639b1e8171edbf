// The menu at the console: which store to use, or what else to do. Every store that can be used is
// offered, even if the options do not lead to it; Enter alone does what is done without asking.

import type { Device } from "../devices/device.ts";
import type { FoundStore } from "../stores/found-store.ts";

/** The choices; `occasion` says why the user is asked. */
export interface Menu {
  readonly occasion: Occasion;
  readonly stores: readonly OfferedStore[];
  /** What Enter alone does: one of the menu's answers. */
  readonly byEnter: Answer;
  /** Why Enter alone uses no store ("there is no …"); undefined if it uses one. */
  readonly missing: string | undefined;
}

/**
 * The reason why the user is asked: `backstore=ask`, or a boot that must not continue by itself.
 */
export type Occasion = "ask" | "stopped";

/** A store that can be chosen. */
export interface OfferedStore {
  readonly found: FoundStore;
  /** Whether it is still empty. */
  readonly isNew: boolean;
}

/** The user's answer. */
export type Answer =
  | { readonly kind: "store"; readonly store: OfferedStore }
  | { readonly kind: "volatile" }
  | { readonly kind: "again" }
  | { readonly kind: "details" }
  | { readonly kind: "reboot" }
  | { readonly kind: "poweroff" };

/** A row of the menu that is not a store: the letter that chooses it, and what it does. */
interface MenuRow {
  readonly key: string;
  readonly kind: Exclude<Answer["kind"], "store">;
  readonly help: string;
}

/** The choices other than using a store, in the order in which they are shown. */
export const menuRows: readonly MenuRow[] = [
  { key: "v", kind: "volatile", help: "continue without a store: changes are lost at power-off" },
  { key: "t", kind: "again", help: "search for stores again" },
  { key: "d", kind: "details", help: "show each device and why it is not used" },
  { key: "r", kind: "reboot", help: "restart the machine" },
  { key: "p", kind: "poweroff", help: "power off the machine" },
];

/**
 * Parses what was typed: a store's number, a letter or its word, or nothing; undefined for anything
 * else.
 */
export function parseAnswer(text: string, { stores, byEnter }: Menu): Answer | undefined {
  const word = text.trim().toLowerCase();
  if (word === "") return byEnter;
  if (/^\d{1,4}$/.test(word)) {
    const store = stores[Number(word) - 1];
    return store && { kind: "store", store };
  }
  const row = menuRows.find(({ key, kind }) => word === key || word === kind);
  return row && { kind: row.kind };
}

/** Returns the key that chooses what Enter alone does. */
export function keyByEnter({ stores, byEnter }: Menu): string {
  if (byEnter.kind === "store") {
    const { store } = byEnter;
    return String(stores.findIndex(({ found }) => isSameStore(found, store.found)) + 1);
  }
  return menuRows.find(({ kind }) => kind === byEnter.kind)?.key ?? "";
}

/** Returns whether two findings are the same store. */
export function isSameStore(one: FoundStore, other: FoundStore): boolean {
  return (
    isSameDevice(one.device, other.device) &&
    one.file?.path === other.file?.path &&
    one.directory.directory === other.directory.directory
  );
}

/** Returns whether a device is still the one that was seen under its name. */
export function isSameDevice(one: Device, other: Device): boolean {
  return (
    one.path === other.path &&
    one.bytes === other.bytes &&
    one.superblock?.type === other.superblock?.type &&
    one.superblock?.uuid === other.superblock?.uuid
  );
}

/** Returns whether two menus offer the same, so that the menu need not be shown again. */
export function isSameMenu(one: Menu, other: Menu): boolean {
  return (
    one.missing === other.missing &&
    keyByEnter(one) === keyByEnter(other) &&
    one.stores.length === other.stores.length &&
    one.stores.every(({ found }, index) => {
      const there = other.stores[index];
      return there !== undefined && isSameStore(found, there.found);
    })
  );
}
