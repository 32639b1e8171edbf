// Where the entries of a boot menu say that the store is. Without a store they say nothing: a boot
// then finds one that is made later, on the medium or on another removable device, and waits for
// none.

import { defaultStoreName } from "../stores/store-names.ts";

/** A store that was made together with the entries, or that they are told of. */
export type EntryStore =
  /** The file at the top of the medium. */
  | { readonly kind: "file" }
  /** A directory store on the file system with a label. */
  | { readonly kind: "label"; readonly label: string };

/**
 * Returns the boot options for a store. A boot that is told of one waits for it, and says aloud
 * that it is missing.
 */
export function wordsOf(store: EntryStore | undefined): string[] {
  if (store === undefined) return [];
  return [store.kind === "file" ? `backstore=/${defaultStoreName}` : `cow_label=${store.label}`];
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
