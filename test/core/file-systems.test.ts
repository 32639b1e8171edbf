import { describe, expect, test } from "vitest";
import {
  directoryStoreTypes,
  driverOf,
  holdsDirectoryStore,
  lookingOptions,
  writesWhenReadonly,
} from "../../src/core/file-systems.ts";

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
