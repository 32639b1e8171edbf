import { describe, expect, test } from "vitest";
import { describeClosed } from "../../../src/core/file-systems/closed-devices.ts";

const cases: readonly (readonly [type: string, told: string | undefined])[] = [
  ["crypto_LUKS", "it is encrypted, and locked"],
  ["linux_raid_member", "it is a member of a RAID (md), and is not looked into by itself"],
  ["LVM2_member", "it belongs to LVM, and is not looked into by itself"],
  ["bcache", "it belongs to bcache, and is not looked into by itself"],
  ["ambivalent", "it has the marks of xfs and ext4, and none of them is believed"],
  ["ext4", undefined],
  ["swap", undefined],
];

describe("describeClosed()", () => {
  for (const [type, told] of cases)
    test(`describeClosed() says of ${type}: ${told ?? "nothing"}`, () => {
      const signatures = ["xfs", "ext4"];
      const superblock = { type, label: undefined, uuid: undefined, bytes: undefined, unclean: [] };
      expect(describeClosed({ ...superblock, signatures })).toBe(told);
    });
});
