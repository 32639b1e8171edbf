// Inspection never writes: list, explain and status, the real program, on the disks of
// test/machines/scenarios/looking.ts. As image files and as loop devices, one digest before and
// after all.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { loggedTypes, makeCutOff, makeWhole } from "../machines/disks/cut-off.ts";
import { makeOtherDisk, otherDisks } from "../machines/disks/other-disks.ts";
import { digestFile } from "./digest.ts";
import { directory, users } from "./explain-call.ts";
import { isRoot, run } from "./programs.ts";

const missing = ["qemu-system-x86_64", "cryptsetup", "pvcreate"].filter(
  (name) => spawnSync("which", [name]).status !== 0,
);
if (!isRoot) missing.push("root");
const why = missing.length === 0 ? "" : ` (skipped: no ${missing.join(", no ")})`;

const names = [...loggedTypes.flatMap((type) => [`cut-${type}`, `whole-${type}`]), ...otherDisks];
const images = names.map((name) => `${name}.img`);

function digests(): string[] {
  return images.map((name) => `${name} ${digestFile(join(directory, name))}`);
}

interface Call {
  readonly words: readonly string[];
  readonly devices: readonly string[];
  readonly prefix?: readonly string[];
}

function call({ words, devices, prefix = [] }: Call): string {
  const given = devices.flatMap((device) => ["--image", device]);
  const [name = "", ...rest] = [...prefix, join(directory, "backstore"), ...words, ...given];
  const { status, signal, stdout, stderr } = spawnSync(name, rest, {
    encoding: "utf8",
    cwd: directory,
    timeout: 60_000,
  });
  expect([status, signal, stderr]).toEqual([0, null, ""]);
  return stdout;
}

function withLoops<T>(use: (devices: readonly string[]) => T): T {
  const devices: string[] = [];
  try {
    for (const name of images)
      devices.push(run(["losetup", "--find", "--show", join(directory, name)]).trim());
    return use(devices);
  } finally {
    for (const device of devices) run(["losetup", "--detach", device]);
  }
}

const cmdlines = [
  "",
  "backstore=alldev",
  "backstore=LABEL=cut-ext4",
  "backstore=LABEL=cut-xfs,readonly",
  "cow_label=whole-btrfs",
  "cow_device=LABEL=asleep cow_directory=x",
];

const looks = cmdlines.flatMap((cmdline) =>
  ["list", "explain"].map((command) => [command, "--cmdline", cmdline]),
);

const timeout = 600_000;

describe.skipIf(missing.length > 0)(`looking at the disks of a patient${why}`, () => {
  let before: readonly string[] = [];
  beforeAll(() => {
    const copy = (image: string, name: string) =>
      run(["cp", "--sparse=always", image, join(directory, `${name}.img`)]);
    for (const type of loggedTypes) {
      copy(makeCutOff(type), `cut-${type}`);
      copy(makeWhole(type), `whole-${type}`);
    }
    for (const name of otherDisks) copy(makeOtherDisk(name), name);
    before = digests();
  }, timeout);

  test("the file systems that were cut off are unclean: each has something to replay", () => {
    const at = (type: string) => join(directory, `cut-${type}.img`);
    const ext4 = run(["dumpe2fs", "-h", at("ext4")]);
    expect(ext4).toMatch(/^Filesystem features:.*\bneeds_recovery\b/m);
    expect(ext4).toMatch(/^First orphan inode: +\d+$/m);
    expect(spawnSync("xfs_logprint", ["-t", at("xfs")], { encoding: "utf8" }).stdout).toContain(
      "INODE:",
    );
    expect(run(["btrfs", "inspect-internal", "dump-super", at("btrfs")])).toMatch(
      /^log_root\s+[1-9]\d*$/m,
    );
  });

  for (const [who, prefix] of users) {
    test(`list and explain for ${who} change no byte of images`, { timeout }, () => {
      for (const words of looks) call({ words, devices: images, prefix });
      expect(digests()).toEqual(before);
    });
  }

  test("list and explain change no byte of block devices", { timeout }, () => {
    withLoops((devices) => {
      for (const words of looks) call({ words, devices });
    });
    expect(digests()).toEqual(before);
  });

  test("status changes no byte of block devices", { timeout }, () => {
    withLoops(() => spawnSync(join(directory, "backstore"), ["status"], { timeout: 60_000 }));
    expect(digests()).toEqual(before);
  });

  test("explain names each disk with the reason against it", { timeout }, () => {
    const words = ["explain", "--cmdline", "backstore=alldev", "--json"];
    const { candidates } = JSON.parse(call({ words, devices: images }));
    const reasons = new Map<string, string>(
      candidates.map(({ device, reason }: { device: string; reason: string }) => [device, reason]),
    );
    const isOneOfMany = /^it has the store "\/sysrcd\.bs", but so do .* chooses this one$/;
    const expected: Readonly<Record<string, RegExp>> = {
      ...Object.fromEntries(
        loggedTypes.flatMap((type) => [
          [`cut-${type}.img`, isOneOfMany],
          [`whole-${type}.img`, isOneOfMany],
        ]),
      ),
      "sleeping-linux.img#1": isOneOfMany,
      "sleeping-linux.img#2": /^it is swsuspend, /,
      "hibernated-ntfs.img": /ntfs|has the store/,
      "luks.img": /^it is crypto_LUKS, /,
      "lvm.img": /^it is LVM2_member, /,
      "md-0.90.img": /^it is linux_raid_member, /,
      "md-1.2.img": /^it is linux_raid_member, /,
      "bcache.img": /^it is bcache, /,
      "garbage.img": /^no file system was recognised on it$/,
      "empty.img": /^no file system was recognised on it$/,
    };
    for (const [name, reason] of Object.entries(expected))
      expect(reasons.get(name), name).toMatch(reason);
  });

  test("list names what it does not look into", { timeout }, () => {
    const { unseen } = JSON.parse(call({ words: ["list", "--json"], devices: images }));
    const told = unseen.map(({ device, type }: { device: string; type: string }) => [device, type]);
    for (const [device, type] of [
      ["luks.img", "crypto_LUKS"],
      ["lvm.img", "LVM2_member"],
      ["md-0.90.img", "linux_raid_member"],
      ["md-1.2.img", "linux_raid_member"],
      ["bcache.img", "bcache"],
    ])
      expect(told).toContainEqual([device, type]);
  });
});
