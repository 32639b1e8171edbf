// The label of a file system, and the tools that write it: what its field can hold, what a boot
// option and a terminal can handle, what the tools accept. Facts: tune2fs(8), xfs_admin(8),
// xfs_io(8), btrfs-filesystem(8), f2fslabel(8), fatlabel(8), exfatlabel(8), and each format's
// superblock.

import { encodeUtf8 } from "../bytes/utf.ts";
import { formatQuoted } from "../text/quoted.ts";

/** The maximum length of the labels of a type, in bytes of UTF-8 or in units of UTF-16. */
interface LabelLimit {
  readonly type: string;
  readonly longest: number;
  readonly unit: "bytes" | "characters";
}

/** Returns what is wrong with a label; undefined if nothing is. */
export function findLabelFault(
  label: string,
  { type, longest, unit }: LabelLimit,
): string | undefined {
  if (label === "") return "the label is empty";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are meant
  if (/[\u0000-\u001f\u007f\ufffd\ud800-\udfff]/u.test(label))
    return `the label ${formatQuoted(label)} contains control characters or invalid text`;
  // blkid and every boot read a label without the blanks that pad its field.
  if (label.endsWith(" ")) return `the label ${formatQuoted(label)} ends with a space`;
  const length = unit === "bytes" ? encodeUtf8(label).length : label.length;
  if (length <= longest) return undefined;
  return `the label ${formatQuoted(label)} has ${length} ${unit}, but ${type} allows at most ${longest}`;
}

interface Labelling {
  readonly longest: number;
  readonly unit: LabelLimit["unit"];
  readonly unmounted: (path: string, label: string) => readonly string[];
  /** Undefined if it has to be unmounted for that. */
  readonly mounted:
    | ((
        mount: { readonly source: string; readonly target: string },
        label: string,
      ) => readonly string[])
    | undefined;
  /** What its tools accept, if that is less than the format allows. */
  readonly taken?: { readonly pattern: RegExp; readonly words: string };
}

/** What fatlabel accepts; a boot reads "NO NAME" as no label. */
const fat = {
  pattern: /^(?! |NO NAME$)[^*?.,;:/\\|+=<>[\]"\x80-\uffff]+$/i,
  words: "unaccented letters, digits and some punctuation",
};

/** Other letters need a locale that defines their encoding, and not every system has one. */
const ascii = { pattern: /^[\x20-\x7e]+$/, words: "unaccented letters, digits and punctuation" };

const ext: Labelling = {
  longest: 16,
  unit: "bytes",
  unmounted: (path, label) => ["tune2fs", "-L", label, path],
  mounted: ({ source }, label) => ["tune2fs", "-L", label, source],
};

/** The maximum length of labels of each type, and the tools that write them. */
export const labellings: Readonly<Record<string, Labelling>> = {
  ext2: ext,
  ext3: ext,
  ext4: ext,
  xfs: {
    longest: 12,
    unit: "bytes",
    unmounted: (path, label) => ["xfs_admin", "-L", label, path],
    mounted: ({ target }, label) => ["xfs_io", "-c", `label -s ${label}`, target],
    // xfs_io splits its command at every space, and xfs_admin passes the label to a shell.
    taken: { pattern: /^[\w.:+@%-]+$/, words: "letters, digits and . : + @ % _ -" },
  },
  btrfs: {
    // The field has 255 bytes; btrfs-progs 6.2 reports writing them, but writes 254.
    longest: 254,
    unit: "bytes",
    unmounted: (path, label) => ["btrfs", "filesystem", "label", path, label],
    mounted: ({ target }, label) => ["btrfs", "filesystem", "label", target, label],
  },
  f2fs: {
    longest: 511,
    unit: "characters",
    unmounted: (path, label) => ["f2fslabel", path, label],
    mounted: undefined,
  },
  vfat: {
    longest: 11,
    unit: "bytes",
    unmounted: (path, label) => ["fatlabel", path, label],
    mounted: undefined,
    taken: fat,
  },
  exfat: {
    longest: 11,
    unit: "characters",
    unmounted: (path, label) => ["exfatlabel", path, label],
    mounted: undefined,
    taken: ascii,
  },
};
