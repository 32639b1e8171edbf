// Where the entries of a boot menu say that the store is. Without a store they say nothing: a boot
// then finds one that is made later, on the medium or on another removable device, and waits for
// none.

import { defaultStoreName } from "../stores/store-names.ts";
import type { Family } from "./families.ts";

/** A store that was made together with the entries, or that they are told of. */
export type EntryStore =
  /** The file at the top of the medium. */
  | { readonly kind: "file" }
  /** A directory store on the file system with a label. */
  | { readonly kind: "label"; readonly label: string };

/**
 * Returns the boot options for a store in entries of a family. A boot that is told of one waits for
 * it, and says aloud that it is missing. An initramfs that takes `cow_label` for its own
 * persistence does not look into `backstore=`.
 */
export function wordsOf(
  store: EntryStore | undefined,
  family?: Pick<Family, "persistence">,
): string[] {
  if (store === undefined) return [];
  if (store.kind === "file") return [`backstore=/${defaultStoreName}`];
  const isTaken = family?.persistence === "cow_label";
  return [isTaken ? `backstore=directory=LABEL=${store.label}` : `cow_label=${store.label}`];
}

/** As long as btrfs's, the longest of the file systems for directory stores. */
const mostLabelBytes = 255;

/**
 * Returns whether a label means itself in every menu: the quoting of boot loaders differs, and the
 * kernel has another one.
 */
export function isEntryLabel(label: string): boolean {
  return label.length <= mostLabelBytes && /^[A-Za-z0-9._+-]+$/.test(label);
}
