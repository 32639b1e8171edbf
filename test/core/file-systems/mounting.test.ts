import { describe, expect, test } from "vitest";
import {
  describeMissingDriver,
  directoryStoreTypes,
  driverOf,
  findWriteObstacle,
  holdsDirectoryStore,
  isDirty,
  lookingOptions,
  writesWhenReadonly,
} from "../../../src/core/file-systems/mounting.ts";
import { describeClosed } from "../../../src/core/superblocks/closed.ts";
import type { Unclean } from "../../../src/core/superblocks/superblock.ts";

const stores = ["ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs"];
const strange = ["", "crypto_LUKS", "swap", "LVM2_member", "toString", "__proto__", "EXT4"];

describe("what is known of a type", () => {
  test("directoryStoreTypes are those that the issue promises", () => {
    expect(directoryStoreTypes).toEqual(stores);
  });

  for (const type of stores) {
    test(`${type} holds a store, is kept from writing, and can be looked at with a journal pending`, () => {
      expect([holdsDirectoryStore(type), writesWhenReadonly(type)]).toEqual([true, true]);
      expect(lookingOptions(type)).toEqual(["", expect.stringMatching(/^(no|rescue=no)/)]);
    });
  }

  for (const type of ["vfat", "exfat", "ntfs", "iso9660", "squashfs", "erofs", "udf"]) {
    test(`${type} can be mounted and holds no directory store`, () => {
      expect([driverOf(type) !== undefined, holdsDirectoryStore(type)]).toEqual([true, false]);
      expect([lookingOptions(type), writesWhenReadonly(type)]).toEqual([[""], false]);
    });
  }

  for (const type of strange) {
    test(`${JSON.stringify(type)} is no file system`, () => {
      expect([driverOf(type), holdsDirectoryStore(type)]).toEqual([undefined, false]);
      expect([lookingOptions(type), writesWhenReadonly(type)]).toEqual([[""], false]);
    });
  }

  test("driverOf() names the kernel's drivers where blkid has another word", () => {
    expect(["ext2", "ext3", "ntfs"].map(driverOf)).toEqual(["ext4", "ext4", "ntfs3"]);
  });
});

describe("what is known of hosts", () => {
  const superblock = (type: string, ...unclean: Unclean[]) => ({
    type,
    label: undefined,
    uuid: undefined,
    bytes: undefined,
    unclean,
  });
  const cases: readonly (readonly [
    host: ReturnType<typeof superblock>,
    obstacle: string | undefined,
    isDirty: boolean,
  ])[] = [
    [superblock("vfat"), undefined, false],
    [superblock("vfat", "dirty"), undefined, true],
    [superblock("exfat", "errors", "dirty"), undefined, true],
    [superblock("ext4", "dirty", "journal"), undefined, false],
    [superblock("ntfs"), undefined, false],
    [
      superblock("ntfs", "dirty"),
      'its ntfs file system was not cleanly unmounted and must be checked by the system that it belongs to (in Windows: "chkdsk /f")',
      false,
    ],
    [
      superblock("iso9660"),
      "backstore never writes to iso9660 (copy the file to another device)",
      false,
    ],
    [
      superblock("squashfs"),
      "backstore never writes to squashfs (copy the file to another device)",
      false,
    ],
    [superblock("toString", "dirty"), undefined, false],
  ];
  for (const [host, obstacle, dirty] of cases) {
    test(`findWriteObstacle() and isDirty() know ${host.type} that is ${host.unclean.join(", ") || "clean"}`, () => {
      expect([findWriteObstacle(host), isDirty(host)]).toEqual([obstacle, dirty]);
    });
  }

  test("describeMissingDriver() names the driver where it has another name", () => {
    expect(["exfat", "ext2", "ntfs"].map(describeMissingDriver)).toEqual([
      "this kernel has no driver for exfat",
      "this kernel has no driver for ext2 (ext4)",
      "this kernel has no driver that can write to ntfs (ntfs3)",
    ]);
  });
});

describe("describeClosed()", () => {
  const cases: readonly (readonly [type: string, told: string | undefined])[] = [
    ["crypto_LUKS", "it is encrypted and locked"],
    ["linux_raid_member", "it is a member of a RAID (md) and is not inspected on its own"],
    ["LVM2_member", "it belongs to LVM and is not inspected on its own"],
    ["bcache", "it belongs to bcache and is not inspected on its own"],
    ["ambivalent", "it has the marks of xfs and ext4, and none of them is believed"],
    ["ext4", undefined],
    ["swap", undefined],
  ];
  for (const [type, told] of cases)
    test(`describeClosed() says of ${type}: ${told ?? "nothing"}`, () => {
      const signatures = ["xfs", "ext4"];
      const superblock = { type, label: undefined, uuid: undefined, bytes: undefined, unclean: [] };
      expect(describeClosed({ ...superblock, signatures })).toBe(told);
    });
});
