import { expect, test } from "vitest";
import { findDamageWord, findKernelWord } from "../../../src/core/kernel/kernel-word.ts";

const attached = "<6>[    1.000000] loop3: detected capacity change from 0 to 778240\n";

// What Linux 6.1 says of file systems that were cut off, are newer, or are no such thing.
const cases: readonly (readonly [name: string, log: string, word: string | undefined])[] = [
  ["nothing", "", undefined],
  [
    "ext4",
    `${attached}<4>[    1.1] EXT4-fs (loop3): bad geometry: block count 102400 exceeds size of device (97280 blocks)\n`,
    "bad geometry: block count 102400 exceeds size of device (97280 blocks)",
  ],
  [
    "xfs, whose first line tells and whose others follow from it",
    `${attached}<4>[1.1] XFS (loop3): Superblock has unknown incompatible features (0x1000) enabled.\n<4>[1.1] XFS (loop3): Filesystem cannot be safely mounted by this kernel.\n<4>[1.2] XFS (loop3): SB validate failed with error -22.\n`,
    "Superblock has unknown incompatible features (0x1000) enabled.",
  ],
  [
    "btrfs",
    `${attached}<6>[1.1] BTRFS info (device loop3): using crc32c\n<3>[1.1] BTRFS error (device loop3): cannot mount because of unsupported optional features (0x1000)\n<3>[1.2] BTRFS error (device loop3): open_ctree failed\n`,
    "cannot mount because of unsupported optional features (0x1000)",
  ],
  [
    "btrfs with a state",
    `${attached}<3>[1.1] BTRFS error (device loop3 state EA): block=1 write time tree block corruption detected\n`,
    "block=1 write time tree block corruption detected",
  ],
  ["f2fs", `${attached}<4>[1.1] F2FS-fs (loop3): Magic Mismatch\n`, "Magic Mismatch"],
  [
    "ntfs3",
    `${attached}<3>[1.1] ntfs3: loop3: Primary boot signature is not NTFS.\n`,
    "Primary boot signature is not NTFS.",
  ],
  ["another device", `${attached}<4>[1.1] EXT4-fs (loop30): bad geometry\n`, undefined],
  [
    "what was said before it was attached",
    `<4>[0.9] EXT4-fs (loop3): bad geometry\n${attached}`,
    undefined,
  ],
  ["what is only said", `${attached}<6>[1.1] EXT4-fs (loop3): recovery complete\n`, undefined],
];
for (const [name, log, word] of cases)
  test(`findKernelWord(): ${name}`, () => {
    expect(findKernelWord(log, "loop3")).toBe(word);
  });

const error = "<2>[2.0] EXT4-fs error (device loop3): htree_dirblock_to_tree:1077: bad entry\n";
const damages: readonly (readonly [
  name: string,
  before: string,
  log: string,
  word: string | undefined,
])[] = [
  ["an error since then", attached, attached + error, "htree_dirblock_to_tree:1077: bad entry"],
  ["an error in a log that was empty", "", error, "htree_dirblock_to_tree:1077: bad entry"],
  ["an error of before", attached + error, attached + error, undefined],
  ["an error of another device", attached, attached + error.replace("loop3", "loop30"), undefined],
  ["a log that has forgotten what was before", attached, error, undefined],
  [
    "a warning",
    attached,
    `${attached}<4>[2.0] EXT4-fs (loop3): mounting fs with errors\n`,
    undefined,
  ],
];
for (const [name, before, log, word] of damages)
  test(`findDamageWord(): ${name}`, () => {
    expect(findDamageWord({ before, log }, "loop3")).toBe(word);
  });
