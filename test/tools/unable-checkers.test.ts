// Checkers that have no verdict, with the real tools: a host whose disk has sectors of 4096 bytes,
// which xfs_repair cannot read in its own units, and an ext4 that is newer than e2fsck. Neither is
// called damaged by any command.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { patch } from "./images.ts";
import { isRoot, run, tryRun } from "./programs.ts";
import { directory, program } from "./stores.ts";

const why = isRoot ? "" : " (skipped: no root)";
const host = join(directory, "host.img");
const store = join(directory, "new.bs");
const timeout = 120_000;

afterEach(() => {
  for (const path of [host, store]) rmSync(path, { force: true });
});

/** Runs a line of shell in a host on a disk with such sectors; "$B" is the program. */
function onLargeSectors(script: string): string {
  run(["truncate", "-s", "1200M", host]);
  const device = run(["losetup", "-b", "4096", "--show", "-f", host]).trim();
  try {
    run(["mkfs.ext4", "-q", device]);
    const lines = `mount "$1" /mnt; cd /mnt; B=$2; ${script}`;
    return run(["unshare", "--mount", "sh", "-uc", lines, "sh", device, program]);
  } finally {
    run(["losetup", "-d", device]);
  }
}

describe.skipIf(!isRoot)(`checkers without a verdict${why}`, () => {
  test("a store on large sectors is made for them, checked and resized", { timeout }, () => {
    const told = onLargeSectors(
      `for type in xfs ext4 btrfs; do "$B" create s.bs 320 --type $type >/dev/null; echo "create $?"
       "$B" check s.bs; echo "check $?"; "$B" grow s.bs 400 >/dev/null; echo "grow $?"
       "$B" shrink s.bs 320 >/dev/null; echo "shrink $?"; "$B" check s.bs; echo "check $?"
       test $type = xfs && xfs_db -r -c "sb 0" -c "p sectsize" s.bs; rm s.bs; done`,
    );
    const one = ["create 0", "check 0", "grow 0", "shrink 0", "check 0"];
    expect(
      told.split("\n").filter((line) => /^(create|check|grow|shrink) |sectsize/.test(line)),
    ).toEqual([...[...one, "sectsize = 4096"], ...one, ...one]);
    expect(told).not.toContain("damaged");
  });

  test("an xfs with small sectors on large ones is checked on a loop device", { timeout }, () => {
    const told = onLargeSectors(
      `truncate -s 320M s.bs; fallocate -l 320M s.bs; mkfs.xfs -q s.bs; "$B" check s.bs; echo "check $?"
       "$B" grow s.bs 340; echo "grow $?"`,
    );
    expect(told).toMatch(/^check 0$/m);
    expect(told).toMatch(/^grow 0$/m);
  });

  test("an ext4 that is newer than e2fsck is not called damaged", { timeout }, () => {
    run([program, "create", store, "64", "--force"]);
    run(["debugfs", "-w", "-R", "mkdir upperdir", store]);
    run(["debugfs", "-w", "-R", "mkdir workdir", store]);
    const features = Number.parseInt(run(["od", "-An", "-tx4", "-j1116", "-N4", store]).trim(), 16);
    const bytes = new Uint8Array(new Uint32Array([features | 0x2000]).buffer);
    patch(store, 1024 + 0x5c, bytes);
    const checked = tryRun([program, "check", store]);
    expect([checked.status, checked.stdout]).toEqual([
      3,
      expect.stringContaining("was not checked: its e2fsck is too old for it"),
    ]);
    for (const words of [
      ["grow", store, "96"],
      ["shrink", store, "48"],
    ]) {
      const { status, stderr } = tryRun([program, ...words]);
      expect([status, stderr]).toEqual([3, expect.stringContaining("is too old for it")]);
      expect(stderr).not.toContain("damaged");
    }
  });
});
