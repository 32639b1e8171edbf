import { expect, test } from "vitest";
import { describeShortage } from "../../../src/core/superblocks/shortage.ts";
import type { Superblock } from "../../../src/core/superblocks/superblock.ts";

const MiB = 2 ** 20;

function superblock(type: string, bytes: number, more: Partial<Superblock> = {}): Superblock {
  return { type, label: undefined, uuid: undefined, bytes, unclean: [], ...more };
}

const cases: readonly (readonly [
  name: string,
  superblock: Superblock | undefined,
  bytes: number,
  isShort: boolean,
])[] = [
  ["nothing recognised", undefined, 0, false],
  ["as large as its device", superblock("ext4", 400 * MiB), 400 * MiB, false],
  ["a byte larger", superblock("ext4", 400 * MiB), 400 * MiB - 1, true],
  ["an xfs", superblock("xfs", 400 * MiB), 380 * MiB, true],
  ["an ntfs", superblock("ntfs", 400 * MiB), 380 * MiB, true],
  ["a disc's image, whose size is often too large", superblock("iso9660", 400 * MiB), MiB, false],
  ["a FAT, whose driver does not compare", superblock("vfat", 400 * MiB), 380 * MiB, false],
  ["a btrfs", superblock("btrfs", 400 * MiB, { memberBytes: 400 * MiB }), 380 * MiB, true],
  [
    "a member of a btrfs on two devices, whose sum is larger",
    superblock("btrfs", 800 * MiB, { members: 2, memberBytes: 400 * MiB }),
    400 * MiB,
    false,
  ],
  [
    "a member that is cut off",
    superblock("btrfs", 800 * MiB, { members: 2, memberBytes: 400 * MiB }),
    380 * MiB,
    true,
  ],
];
for (const [name, found, bytes, isShort] of cases)
  test(`describeShortage(): ${name}: ${isShort}`, () => {
    const told = describeShortage({ superblock: found, bytes });
    if (isShort) expect(told).toMatch(/file system has 400\.0 MiB, but there is room for only /);
    else expect(told).toBeUndefined();
  });
