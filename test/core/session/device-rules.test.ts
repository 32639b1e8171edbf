import { expect, test } from "vitest";
import { parseMountInfo } from "../../../src/core/kernel/mount-table.ts";
import { formatDeviceRules, listSessionDevices } from "../../../src/core/session/device-rules.ts";

const session = "/run/initramfs/backstore";

test("listSessionDevices() names what is mounted for the store and the base, once", () => {
  const mounts = parseMountInfo(
    [
      "21 1 0:5 / /dev rw - devtmpfs devtmpfs rw",
      `22 1 8:1 / ${session}/medium ro - vfat /dev/sda1 ro`,
      `23 1 7:0 / ${session}/base ro - squashfs /dev/loop0 ro`,
      `24 1 7:1 / ${session}/srm1 ro - squashfs /dev/loop1 ro`,
      `25 1 8:17 / ${session}/host rw - exfat /dev/sdb1 rw`,
      `26 1 7:2 / ${session}/store rw - ext4 /dev/loop2 rw`,
      `27 1 0:30 / ${session}/memory rw - tmpfs backstore rw`,
      "28 1 7:2 / /mnt/memory ro - ext4 /dev/loop2 rw",
      "29 1 8:33 / /mnt/other rw - ext4 /dev/sdc1 rw",
      `30 1 0:31 / ${session}/root rw - overlay overlay rw`,
    ].join("\n"),
  );
  expect(listSessionDevices(mounts)).toEqual([
    "/dev/loop0",
    "/dev/loop1",
    "/dev/sdb1",
    "/dev/loop2",
  ]);
  const onMedium = `25 1 8:1 / ${session}/host rw - vfat /dev/sda1 rw`;
  expect(listSessionDevices([...mounts, ...parseMountInfo(onMedium)])).toContain("/dev/sda1");
  expect(listSessionDevices([])).toEqual([]);
});

test("formatDeviceRules() has one rule for each device", () => {
  expect(formatDeviceRules(["7:2", "259:1"])).toBe(
    `# The devices of this session, by backstore.
SUBSYSTEM=="block", ENV{MAJOR}=="7", ENV{MINOR}=="2", ENV{UDISKS_IGNORE}="1", ENV{UDISKS_AUTO}="0", ENV{UDISKS_SYSTEM}="1"
SUBSYSTEM=="block", ENV{MAJOR}=="259", ENV{MINOR}=="1", ENV{UDISKS_IGNORE}="1", ENV{UDISKS_AUTO}="0", ENV{UDISKS_SYSTEM}="1"
`,
  );
});
