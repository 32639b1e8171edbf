import { expect, test } from "vitest";
import { parseMountInfo } from "../../../src/core/kernel/mount-table.ts";
import { listKeptPlaces } from "../../../src/core/takeover/kept-places.ts";

const table = `1 1 0:2 / / rw - rootfs rootfs rw
20 1 8:1 / /run/live/medium ro - vfat /dev/sda1 rw
21 1 8:2 / /run/live/persistence/sda2 rw - ext4 /dev/sda2 rw
24 1 0:20 / /root rw - overlay overlay rw
25 24 8:2 /home /root/home rw - ext4 /dev/sda2 rw
26 24 8:2 / /root/usr/lib/live/mount/persistence/sda2 rw - ext4 /dev/sda2 rw
27 24 8:1 / /root/medium rw - vfat /dev/sda1 rw
28 24 8:3 / /root/srv ro - ext4 /dev/sda3 rw
29 24 7:0 / /root/rofs ro - squashfs /dev/loop0 ro
30 24 0:30 / /root/tmp rw - tmpfs tmpfs rw
31 24 8:4 / /root/media/disk rw - ext4 /dev/sda4 rw
32 24 0:31 /var /root/var rw - btrfs /dev/sda5 rw
`;

test("listKeptPlaces() finds what is writable on a device, and not the medium", () => {
  const mounts = parseMountInfo(table);
  expect(listKeptPlaces({ root: "/root", mounts, medium: "8:1" })).toEqual([
    { path: "/home", device: "/dev/sda2" },
    { path: "/var", device: "/dev/sda5" },
  ]);
  expect(listKeptPlaces({ root: "/elsewhere", mounts, medium: undefined })).toEqual([]);
});
