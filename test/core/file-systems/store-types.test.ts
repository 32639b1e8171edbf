import { describe, expect, test } from "vitest";
import { findStoreType, storeFileSystems } from "../../../src/core/file-systems/store-types.ts";

const MiB = 2 ** 20;
const file = { path: "/mnt/new", bytes: 256 * MiB, isZeroed: true };
const ext4Features =
  "none,has_journal,ext_attr,resize_inode,dir_index,filetype,extent,flex_bg,sparse_super,large_file,huge_file,uninit_bg,dir_nlink,extra_isize";

describe("make gives the words of mkfs", () => {
  const cases = [
    {
      type: "ext4",
      request: file,
      words: `mkfs.ext4 -q -F -b 4096 -I 256 -i 8192 -m 0 -O ${ext4Features} -J size=4 -E nodiscard,lazy_itable_init=0,lazy_journal_init=1,root_owner=0:0 /mnt/new`,
    },
    {
      type: "ext4",
      request: { ...file, bytes: 127 * MiB },
      words: `mkfs.ext4 -q -F -b 4096 -I 256 -i 8192 -m 0 -O ${ext4Features} -E nodiscard,lazy_itable_init=0,lazy_journal_init=1,root_owner=0:0 /mnt/new`,
    },
    {
      type: "ext4",
      request: { ...file, bytes: 1024 * MiB },
      words: `mkfs.ext4 -q -F -b 4096 -I 256 -i 8192 -m 0 -O ${ext4Features} -J size=8 -E nodiscard,lazy_itable_init=0,lazy_journal_init=1,root_owner=0:0 /mnt/new`,
    },
    {
      type: "ext4",
      request: { ...file, bytes: 9 * 1024 * MiB },
      words: `mkfs.ext4 -q -F -b 4096 -I 256 -i 16384 -m 0 -O ${ext4Features} -J size=64 -E nodiscard,lazy_itable_init=0,lazy_journal_init=1,root_owner=0:0 /mnt/new`,
    },
    {
      type: "ext2",
      request: { ...file, path: "/dev/sdb1", isZeroed: false, label: "changes" },
      words:
        "mkfs.ext2 -q -F -b 4096 -I 256 -i 8192 -m 0 -O none,ext_attr,resize_inode,dir_index,filetype,sparse_super,large_file -E nodiscard,lazy_itable_init=1,root_owner=0:0 -L changes /dev/sdb1",
    },
    {
      type: "ext3",
      request: file,
      words:
        "mkfs.ext3 -q -F -b 4096 -I 256 -i 8192 -m 0 -O none,has_journal,ext_attr,resize_inode,dir_index,filetype,sparse_super,large_file -J size=4 -E nodiscard,lazy_itable_init=0,lazy_journal_init=1,root_owner=0:0 /mnt/new",
    },
    {
      type: "xfs",
      request: { ...file, label: "a b" },
      words: "mkfs.xfs -q -f -K -L a b /mnt/new",
    },
    { type: "btrfs", request: file, words: "mkfs.btrfs -q -f -K /mnt/new" },
  ];
  for (const { type, request, words } of cases) {
    test(`${type}: ${words}`, () => {
      expect(findStoreType(type)?.make(request).join(" ")).toBe(words);
    });
  }
});

test("checking changes nothing", () => {
  expect(storeFileSystems.map(({ check }) => check("/s").join(" "))).toEqual([
    "e2fsck -f -n /s",
    "e2fsck -f -n /s",
    "e2fsck -f -n /s",
    "xfs_repair -n /s",
    "btrfs check --readonly /s",
  ]);
});

test("growing is by the file where no mount is needed, else by the device or the mount", () => {
  const mounted = { device: "/dev/loop1", target: "/mnt" };
  const ways = storeFileSystems.map(({ type, growUnmounted, growMounted }) => [
    type,
    growUnmounted?.("/s").join(" "),
    growMounted?.(mounted).join(" "),
  ]);
  expect(ways).toEqual([
    ["ext4", "resize2fs /s", "resize2fs /dev/loop1"],
    ["ext3", "resize2fs /s", "resize2fs /dev/loop1"],
    ["ext2", "resize2fs /s", undefined],
    ["xfs", undefined, "xfs_growfs -d /mnt"],
    ["btrfs", undefined, "btrfs filesystem resize max /mnt"],
  ]);
});

test("findStoreType() knows nothing of types that no store can be made with", () => {
  for (const type of ["vfat", "ntfs", "EXT4", "", "toString"])
    expect(findStoreType(type)).toBeUndefined();
});
