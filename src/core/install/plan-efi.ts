// What is changed in the EFI partition of an ISO image that has menus of its own. One that only
// searches for the menus of the image is left as it is.

import { decodeByteText, encodeByteText } from "../bytes/byte-text.ts";
import type { ReadImage } from "../iso/check-session.ts";
import {
  type EfiPartition,
  type EfiWrites,
  planEfiWrites,
  readEfiPartition,
  type TextChange,
} from "../iso/efi-partition.ts";
import { readFatFile } from "../iso/fat-tree.ts";
import { editText } from "../menus/edit.ts";
import { readMenus } from "../menus/read-menus.ts";
import type { EntryStore } from "./entry-store.ts";
import { normalizePath } from "./families.ts";
import { addonFile } from "./install-record.ts";
import {
  findMenus,
  isNeededText,
  type MediumChanges,
  type MediumFiles,
  planChanges,
} from "./plan-changes.ts";

/** What is changed in an EFI partition. */
export interface EfiPlan {
  readonly partition: EfiPartition;
  readonly changes: MediumChanges;
  readonly texts: readonly TextChange[];
  /** Whether kernels are loaded from it, and so the add-on as well. */
  readonly hasKernels: boolean;
}

const mostTexts = 200;
const mostTextBytes = 1024 * 1024;

/** The place of the add-on there; it has no other. */
export const efiAddon = addonFile("1");

/**
 * Plans what is changed in the EFI partition, whose entries say so of the store; undefined if
 * nothing in it starts a kernel, or there is none.
 */
export function planEfi(
  { source, facts }: ReadImage,
  store: EntryStore | undefined,
): EfiPlan | undefined {
  const partition = readEfiPartition(source, facts);
  const medium = partition && readEfiFiles(partition);
  if (partition === undefined || medium === undefined) return undefined;
  const kernels = readMenus(findMenus(medium)).flatMap((entry) => entry.kernels);
  if (kernels.length === 0) return undefined;
  const files = new Set(medium.files.map((file) => file.toLowerCase()));
  const changes = planChanges(medium, { addon: efiAddon, store });
  return {
    ...{ partition, changes },
    texts: changes.changes.map(({ path, original = "", edits }) => ({
      path,
      from: encodeByteText(original),
      to: encodeByteText(editText(original, edits)),
    })),
    hasKernels: kernels.some((kernel) => files.has(normalizePath(kernel))),
  };
}

function readEfiFiles({ source, tree }: EfiPartition): MediumFiles | undefined {
  const files = tree.files.filter(({ isDirectory }) => !isDirectory);
  const needed = files.filter(({ path }) => isNeededText(path));
  if (needed.length > mostTexts) return undefined;
  const texts = new Map<string, string>();
  for (const file of needed) {
    const bytes = readFatFile(source, file, mostTextBytes);
    if (bytes !== undefined) texts.set(file.path, decodeByteText(bytes));
  }
  return { files: files.map(({ path }) => path), texts };
}

/** Plans what is written there, with an add-on of so many bytes. */
export function planWrites(
  { partition, texts, hasKernels }: EfiPlan,
  addonBytes: number,
): EfiWrites {
  return planEfiWrites(partition, texts, hasKernels && texts.length > 0 ? [addonBytes] : []);
}

/** Stands before a path that is in the EFI partition. */
export const efiPrefix = "efi:";

/** Returns all changes of an image: UEFI comes to menus in its EFI partition where it has some. */
export function joinChanges(image: MediumChanges, efi: EfiPlan | undefined): MediumChanges {
  if (efi === undefined) return image;
  const inEfi = <T extends { readonly path: string }>(one: T): T => ({
    ...one,
    path: `${efiPrefix}${one.path}`,
  });
  const { changes } = efi;
  return {
    family: image.family ?? changes.family,
    words: image.family === undefined ? changes.words : image.words,
    entries: [
      ...image.entries,
      ...changes.entries.map((entry) => ({ ...entry, file: `${efiPrefix}${entry.file}` })),
    ],
    changes: [...image.changes, ...changes.changes.map(inEfi)],
    lists: [...image.lists, ...changes.lists.map(inEfi)],
    unserved: [
      ...image.unserved.filter(({ firmware }) => firmware !== "uefi"),
      ...changes.unserved.filter(({ firmware }) => firmware === "uefi"),
    ],
  };
}
