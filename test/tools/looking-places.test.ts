// Commands that only look need neither room nor a writable directory: with /tmp, /run and /dev/shm
// full, read-only or not there, they say what they say otherwise.
import { describe, expect, test } from "vitest";
import { copyProgram, isRoot, rootNote, run, temporaryDirectory, tryRun } from "./programs.ts";

const directory = temporaryDirectory();
const timeout = 120_000;
copyProgram(directory);

const commands = [
  "list --image disk.img",
  "list --image disk.img --json",
  "check --image disk.img",
  "check store.bs",
  "explain --image disk.img --cmdline cow_label=looked",
  "shrink store.bs min --dry-run",
];

const surroundings = [
  {
    name: "full",
    script: (at: string) =>
      `mount -t tmpfs -o size=64k none ${at}; cat /dev/zero > ${at}/fill || :`,
  },
  {
    name: "without inodes",
    script: (at: string) => `mount -t tmpfs -o nr_inodes=1 none ${at}`,
  },
  {
    name: "read-only",
    script: (at: string) => `mount -t tmpfs -o ro none ${at}`,
  },
];

describe.skipIf(!isRoot)(`commands that look, where there is no place${rootNote}`, () => {
  for (const { name, script } of surroundings)
    test(`with /tmp, /run and /dev/shm ${name}`, { timeout }, () => {
      run([
        "sh",
        "-euc",
        `cd ${directory}; rm -rf tree disk.img store.bs; mkdir -p tree/persistent_X/x/upperdir/etc tree/persistent_X/x/workdir; echo a > tree/persistent_X/x/upperdir/etc/a; truncate -s 32M disk.img; mkfs.ext4 -q -F -L looked -d tree disk.img; fallocate -l 128M store.bs; mkfs.btrfs -K -q store.bs >/dev/null 2>&1`,
      ]);
      // The tests are in /tmp themselves: they are seen in another place.
      const places = ["/tmp", "/run", "/dev/shm", "/var/tmp"];
      const inMounts = (before: string, words: string) =>
        tryRun([
          "unshare",
          "--mount",
          "sh",
          "-uc",
          `mount --bind ${directory} /mnt; { ${before}; } 2>/dev/null; cd /mnt; exec ./backstore ${words}`,
        ]);
      for (const words of commands) {
        const expected = inMounts(":", words);
        const before = places.map(script).join("; ");
        const { status, stdout, stderr } = inMounts(before, words);
        expect({ status, stdout, stderr }, words).toEqual({
          status: expected.status,
          stdout: expected.stdout,
          stderr: expected.stderr,
        });
        expect(expected.stderr, words).not.toContain("backstore: Cannot use");
        expect(expected.stdout, words).not.toBe("");
      }
    });
});
