// "backstore copy": generated stores show the same in their copies; a store in use, a record, a copy
// that is killed before each of its calls, and what is refused.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { buildJudge } from "./build-judge.ts";
import { callsOf, killBefore } from "./kill-at.ts";
import { scriptsOnDisks } from "./namespaces.ts";
import {
  copyProgram,
  isRoot,
  numberDirectories,
  rootNote,
  run,
  temporaryDirectory,
  tryRun,
} from "./programs.ts";

const directory = temporaryDirectory();
const program = copyProgram(directory);
const newDirectory = numberDirectories(directory);
const runOnDisk = scriptsOnDisks(newDirectory, program);

const record = {
  format: 1,
  id: "11111111-1111-1111-1111-111111111111",
  overlay: "index=off,metacopy=off,xino=off,redirect_dir=nofollow",
  base: { label: "BASE" },
  session: { state: "open", boot: "b", count: 3 },
  kept: "unknown",
};

describe.skipIf(!isRoot)(`copy${rootNote}`, () => {
  const judge = buildJudge("carry-judge", directory);

  test("shows of generated stores what they show", { timeout: 240_000 }, () => {
    const { status, stderr } = tryRun([...judge, program, newDirectory(), "25", "copy"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });

  test("gives the copy another identity, and no session", () => {
    const told = runOnDisk(
      `mkdir -p store/upperdir/etc; echo 1 > store/upperdir/etc/a; echo '${JSON.stringify(record)}' > store/backstore.json
       "$2" copy --json store to > told; cat to/backstore.json`,
    );
    const { session: _, id: __, ...kept } = record;
    const copied = JSON.parse(told);
    expect(copied).toEqual({ ...kept, id: copied.id });
    expect(copied.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(copied.id).not.toBe(record.id);
  });

  test("makes a file as large as the store's, by its name, and leaves that as it was", () => {
    const told = runOnDisk(
      `mkdir at other; truncate -s 32M sysrcd.bs; mkfs.ext4 -q sysrcd.bs; mount -o loop sysrcd.bs at
       mkdir -p at/upperdir/etc; echo 1 > at/upperdir/etc/a; umount at; sha256sum sysrcd.bs > sum
       "$2" copy . other; sha256sum --quiet -c sum; stat -c %s other/sysrcd.bs
       "$2" copy --directory other/sysrcd.bs back; find back -type f`,
    );
    const copied = String.raw`Copied the store "[^"]*" to "[^"]*" \(\d+ paths, \d\.0 KiB\)`;
    expect(told).toMatch(new RegExp(`^${copied}\n${32 << 20}\n${copied}\nback/upperdir/etc/a\n$`));
  });

  test("copies a store that is in use, and says what that means", () => {
    const told = runOnDisk(
      `mkdir -p base store/upperdir store/workdir at; echo 1 > store/upperdir/a
       mount -t overlay -o lowerdir=base,upperdir=$PWD/store/upperdir,workdir=$PWD/store/workdir o at
       "$2" copy store to 2>&1; cat to/upperdir/a; umount at`,
    );
    expect(told).toMatch(/^Note: "store" is in use: .*\nCopied the store .*\n1\n$/);
  });

  test("makes the copy on a device, with consent to what is lost there, and nothing before", () => {
    const told = runOnDisk(
      `mkdir at; mkdir -p store/upperdir/etc; echo 1 > store/upperdir/etc/a; truncate -s 96M stick
       mkfs.ext4 -q -L OLD stick; device=$(losetup --show -f stick); sha256sum $device > sum
       trap "losetup -d $device" EXIT
       for more in --dry-run --yes "--erase OTHER" "--erase OLD --type xfs"
       do "$2" copy store --device $device --label KEEP $more 2>&1 || echo $?; done; sha256sum --quiet -c sum
       "$2" copy store --device $device --label KEEP --erase OLD --json > told
       "$2" copy store --device $device --label KEEP 2>&1 || echo $?
       "$2" copy $device --device $device --label NEW --erase KEEP 2>&1 || echo $?
       mount $device at; find at -type f; umount at; cat told`,
    );
    const lines = told.replaceAll(/"\/dev\/loop\d+"/g, '"DEV"').split("\n");
    const at = lines.indexOf("{");
    const shown = [
      /^"DEV": 96\.0 MiB/,
      /^ {2}ext4 on "DEV" \(labelled "OLD"/,
      /^Create an ext4 file system of 96\.0 MiB on "DEV", labelled "KEEP"$/,
      /^ {2}check that "DEV" has not changed/,
      /^ {2}erase the signatures/,
      /^ {2}create an ext4 file system/,
      /^ {2}sync "DEV" to disk$/,
      /^Copy the store "store" to "DEV" \(3 paths, 1\.0 KiB\)$/,
      /Cannot copy to "DEV": it contains ext4 .* which would be lost$/,
      /--erase "OLD"$/,
      /^8$/,
      /Cannot copy to "DEV": nothing on it is named "OTHER"$/,
      /"OLD"/,
      /^8$/,
      /an xfs file system needs 300\.0 MiB$/,
      /Hint/,
      /^7$/,
      /Cannot copy to "DEV": it is a store with changes already$/,
      /Hint/,
      /^8$/,
      /Cannot create a file system on "DEV": "DEV" is in use by/,
      /^5$/,
      /^at\/persistent_\/x86_64\/upperdir\/etc\/a$/,
    ];
    expect(lines.slice(0, at)).toEqual(shown.map((pattern) => expect.stringMatching(pattern)));
    expect(JSON.parse(lines.slice(at).join("\n"))).toMatchObject({
      ...{ kind: "device", isNew: true, options: "cow_label=KEEP", entries: 3 },
    });
  });

  test("writes to a file on the medium of a session, and leaves that read-only", () => {
    const told = runOnDisk(
      `mkdir -p store/upperdir/etc at; echo 1 > store/upperdir/etc/a; truncate -s 64M medium; mkfs.ext4 -q medium
       device=$(losetup --show -f medium); trap "losetup -d $device" EXIT; mount -t tmpfs run /run
       medium=/run/initramfs/backstore/medium; mkdir -p $medium; mount -o ro $device $medium
       "$2" copy store $medium 16; touch $medium/x 2> /dev/null || echo read-only
       "$2" copy --directory $medium back > /dev/null; cat back/upperdir/etc/a; umount $medium`,
    );
    expect(told).toBe(
      `Copied the store "store" to "/run/initramfs/backstore/medium/sysrcd.bs" (3 paths, 1.0 KiB)\nread-only\n1\n`,
    );
  });

  const refused: readonly (readonly [does: string, script: string, says: string])[] = [
    ["a new store", "mkdir store", "it is a new store without changes"],
    ["what is no store", "mkdir store; : > store/file", "it contains no store"],
    [
      "a target in itself",
      "mkdir -p store/upperdir; ln -s store/upperdir/new to; mkdir store/upperdir/new",
      "is in it",
    ],
    ["a target with changes", "mkdir -p store/upperdir to/upperdir", "with changes already"],
    [
      "a file that is no store",
      "mkdir -p store/upperdir; echo 1 > to",
      "is not a store\nHint: choose another name\n",
    ],
    [
      "a directory with other files",
      "mkdir -p store/upperdir to; : > to/a",
      '(it contains "a")\nHint: name another directory, a new or an empty one\n',
    ],
  ];
  for (const [does, script, says] of refused)
    test(`refuses ${does}`, () => {
      const told = runOnDisk(`${script}; "$2" copy store to 2>&1 && echo done; ls`);
      expect(told).toContain(says);
      expect(told).not.toContain("done");
    });

  test("says where there is no room, names no option that it has not, and leaves nothing", () => {
    const told = runOnDisk(
      `mkdir -p store/upperdir at memory; head -c 5000000 /dev/urandom > store/upperdir/a
       truncate -s 6M small; mkfs.ext4 -q small; mount -o loop small at; rmdir at/lost+found
       mount -t tmpfs none memory; many=$(seq -f store/upperdir/%.0f 100); touch $many
       "$2" copy store at/to 2>&1 || echo "status $?"; "$2" copy store memory/to.bs 16 2>&1 || echo "status $?"
       umount at; mkfs.ext4 -q -F -m 0 -N 32 -b 1024 small 20M; mount -o loop small at; rmdir at/lost+found
       "$2" copy store at/to 2>&1 || echo "status $?"; "$2" copy store "" 2>&1 || echo "status $?"; ls -A at memory`,
    );
    expect(told.replaceAll(/"\/[^"]*\/(to[^"]*|memory)"/g, '"$1"').split("\n")).toEqual([
      expect.stringMatching(/^backstore: Cannot copy "store": the changes take .* is free$/),
      "Hint: free some room there, or name a directory on another disk",
      "status 7",
      'backstore: Cannot create "to.bs": it is in memory and is lost at power-off (tmpfs on "memory")',
      "Hint: name a directory on a disk (findmnt shows what is mounted)",
      "status 8",
      'backstore: Cannot copy "store" to "to": no space left on device',
      "Hint: free some room: df -h and df -i show where there is none",
      "status 7",
      'backstore: Cannot copy to "": a path cannot be empty',
      "status 2",
      ...["at:", "", "memory:", ""],
    ]);
  });

  test("killed before any of its calls leaves an empty store or all, and runs again", {
    timeout: 300_000,
  }, () => {
    const at = newDirectory();
    const to = join(at, "to");
    mkdirSync(join(at, "store/upperdir/etc"), { recursive: true });
    writeFileSync(join(at, "store/upperdir/etc/a"), "1\n");
    run(["mknod", join(at, "store/upperdir/etc/gone"), "c", "0", "0"]);
    writeFileSync(join(at, "store/backstore.json"), JSON.stringify(record));
    const words = [program, "copy", join(at, "store"), to, "--quiet"];
    const calls = callsOf(words);
    const renamed = calls.findLastIndex((call) => call.startsWith("rename"));
    const tell = () => run(["find", join(to, "upperdir"), "-printf", "%P %y %m %u %g %T@\\n"]);
    const whole = tell().split("\n").slice(1).sort();
    for (let number = 1; number <= calls.length; number++) {
      rmSync(to, { recursive: true });
      const where = killBefore(words, number, calls);
      const isThere = existsSync(join(to, "upperdir"));
      expect(isThere, where).toBe(number - 1 > renamed);
      if (!isThere) run(words);
      expect(readdirSync(to).sort(), where).toEqual(["backstore.json", "upperdir"]);
      const isFile = (line: string) => !/ c /.test(line);
      expect(tell().split("\n").slice(1).sort().filter(isFile)).toEqual(whole.filter(isFile));
      expect(JSON.parse(readFileSync(join(to, "backstore.json"), "utf8")).base).toEqual(
        record.base,
      );
    }
  });
});
