import { expect, test } from "vitest";
import { findKernelWord } from "../../../src/core/kernel/kernel-word.ts";

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
