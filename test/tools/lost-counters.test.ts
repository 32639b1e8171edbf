// What everybody may read of writes that a file system could not make, which "backstore status"
// relies on where only root may read the kernel log: a store's file with holes, on a host that is
// full.
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isRoot, run, temporaryDirectory } from "./programs.ts";

const directory = temporaryDirectory();
const why = isRoot ? "" : " (skipped: no root)";

/** Writes more than there is room for, and runs a line of shell; "$name" is the loop device's. */
function loseWrites(type: string, line: string): string {
  const script = `mkdir -p "$1/host" "$1/store"; mount -t tmpfs -o size=24M none "$1/host"
    truncate -s 128M "$1/host/s.bs"; mkfs.${type} -q "$1/host/s.bs" >/dev/null 2>&1
    device=$(losetup --show -f "$1/host/s.bs"); trap 'umount "$1/store"; losetup -d "$device"' EXIT
    mount "$device" "$1/store"; name=\${device#/dev/}
    head -c 60M /dev/urandom >"$1/store/big" || true; sync "$1/store/big" 2>/dev/null || sync -f "$1/store" 2>/dev/null || true
    ${line}`;
  return run(["unshare", "--mount", "sh", "-euc", script, "sh", join(directory, type)]);
}

describe.skipIf(!isRoot)(`lost writes${why}`, () => {
  test("ext4 counts writes that were lost as warnings, and no errors", () => {
    const read = (file: string) =>
      `cat /sys/fs/ext4/$name/${file}; stat -c %a /sys/fs/ext4/$name/${file}`;
    const told = loseWrites("ext4", `${read("warning_count")}; ${read("errors_count")}`);
    expect(told).toMatch(/^[1-9]\d*\n444\n0\n444\n$/);
  });

  test("btrfs becomes read-only, and its counters can be read by everybody", () => {
    const stats =
      'for one in /sys/fs/btrfs/*; do ! [ -e "$one/devices/$name" ] || stat -c %a "$one"/devinfo/*/error_stats; done';
    const told = loseWrites("btrfs", `grep -o " btrfs ro" /proc/mounts; ${stats}`);
    expect(told).toMatch(/^(?: btrfs ro\n)+444\n$/);
  });
});
