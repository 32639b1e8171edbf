// "backstore import" on what other live systems leave: stores of the first generation, generated trees
// in the layouts of the others, killed before each of its calls, and where it is not to write.
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { buildJudge } from "./build-judge.ts";
import { callsOf, killBefore } from "./kill-at.ts";
import { runScript, scriptsOnDisks } from "./namespaces.ts";
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

/** A store of the first generation; "opaque" hides the base's. */
const firstGeneration = `
  : > .wh..wh.aufs; mkdir .wh..wh.plnk .wh..wh.orph etc etc/opaque
  ln .wh..wh.aufs etc/.wh.issue; ln .wh..wh.aufs etc/opaque/.wh..wh..opq
  echo changed > etc/motd; chmod 600 etc/motd; echo new > etc/opaque/new; ln etc/motd etc/second
  printf odd > "$(printf 'a\\nb.wh.c')"`;
const base = `
  mkdir -p etc/opaque; echo base > etc/issue; echo base > etc/motd; echo base > etc/opaque/old`;
const mount = (upper: string) =>
  `mkdir -p work at; mount -t overlay -o lowerdir=base,upperdir=${upper},workdir=\${WORK:-work} o at`;

describe.skipIf(!isRoot)(`import${rootNote}`, () => {
  const judge = buildJudge("carry-judge", directory);

  test("shows of generated changes what their own system showed", { timeout: 240_000 }, () => {
    const ways = ["live-boot", "casper", "dracut", "linux-live"];
    const { status, stderr } = tryRun([...judge, program, newDirectory(), "80", ...ways]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });

  test("takes over a store of the first generation, from a file into a file", () => {
    const told = runOnDisk(
      `mkdir old base new; (cd old; ${firstGeneration}); (cd base; ${base})
       truncate -s 16M old.bs; mkfs.ext4 -q -F -d old old.bs; sha256sum old.bs > sum
       truncate -s 32M new.img; mkfs.ext4 -q new.img
       "$2" import old.bs new.img; sha256sum --quiet -c sum
       mount -o loop new.img new; WORK=new/work; mkdir new/work; ${mount("new/upperdir")}
       find at ! -name lost+found ! -type d -printf '%P %m %s %n\\n' | sort
       cat at/etc/motd`,
    );
    expect(told).toContain('Imported "old.bs", a store of the first generation (aufs), into "');
    expect(told.split("\n").slice(1)).toEqual([
      "a",
      "b.wh.c 644 3 1",
      "etc/motd 600 8 2",
      "etc/opaque/new 644 4 1",
      "etc/second 600 8 2",
      "changed",
      "",
    ]);
  });

  test("makes the store, and says what is left out", () => {
    const told = runOnDisk(
      `mkdir old; (cd old; ${firstGeneration}; mknod zero c 0 0)
       "$2" import --json --dry-run old new; ls; "$2" import --json old . 16; ls`,
    );
    const [dry, first, done, last] = told.split(/^(?=\{)|(?<=^\})\n/m);
    const loss = { path: "/zero", reason: "looks-deleted", attribute: null };
    expect(JSON.parse(dry ?? "")).toMatchObject({ planned: true, kind: "directory", isNew: true });
    expect(JSON.parse(dry ?? "").losses).toEqual([loss]);
    expect(first).toBe("old\n");
    expect(JSON.parse(done ?? "")).toMatchObject({ planned: false, kind: "file", losses: [loss] });
    expect(last).toBe("old\nsysrcd.bs\n");
  });

  test("makes the store on a device, and completes one that was interrupted", () => {
    const told = runOnDisk(
      `mkdir -p old/upper/etc old/work at; echo 1 > old/upper/etc/a; truncate -s 96M stick
       device=$(losetup --show -f stick); trap "losetup -d $device" EXIT; set -- "$@" --device $device --label KEPT
       "$2" import old "$3" "$4" "$5" "$6" --yes; mount $device at; cd at/persistent_/x86_64
       mv upperdir upperdir.import; rm upperdir.import/etc/a; cd ../../..; umount at
       "$2" import old "$3" "$4" "$5" "$6"; mount $device at; find at -path '*_/*' | sort; umount at`,
    );
    const imported = [
      expect.stringMatching(/^Imported "old", .* into "\/dev\/loop\d+" \(3 paths, 1\.0 KiB\)$/),
      "Start it with: cow_label=KEPT",
    ];
    const paths = ["", "/upperdir", "/upperdir/etc", "/upperdir/etc/a"];
    const found = paths.map((path) => `at/persistent_/x86_64${path}`);
    expect(told.split("\n")).toEqual([...imported, ...imported, ...found, ""]);
  });

  test("takes single directories of live-boot to their places", () => {
    const told = runOnDisk(
      `mkdir -p old/home/user old/log/rw/apt old/log/work; echo 1 > old/home/user/a; echo 2 > old/log/rw/apt/b
       printf '/home\\n/var/log union,source=log\\n/root link\\n' > old/persistence.conf
       "$2" import old new 2>&1; find new -printf '%P %m\\n' | sort
       getfattr --only-values -n trusted.overlay.opaque new/upperdir/home`,
    );
    expect(told.split("\n")).toEqual([
      'Warning: "/root" is kept as links to single files: left out',
      expect.stringMatching(/^Imported "old", the persistence of Debian's live-boot, into "/),
      " 700",
      "upperdir 755",
      "upperdir/home 755",
      "upperdir/home/user 755",
      "upperdir/home/user/a 644",
      "upperdir/var 755",
      "upperdir/var/log 755",
      "upperdir/var/log/apt 755",
      "upperdir/var/log/apt/b 644",
      "y",
    ]);
  });

  const refused: readonly (readonly [does: string, script: string, says: string])[] = [
    ["a pipe", "mkfifo old", "it is neither a file nor a directory"],
    [
      "a store with changes",
      "mkdir -p old/upper old/work new/upperdir",
      "it is a store with changes",
    ],
    [
      "somebody's files",
      "mkdir -p old/upper old/work new; : > new/file",
      "not a store and not empty",
    ],
    ["a file that is no store", "mkdir -p old/upper old/work; echo 1 > new", "is not a store"],
    ["what nobody knows", "mkdir -p old/etc", "contains no changes that a live system is known"],
    ["one of several sessions", "mkdir -p old/1/changes old/1/workdir", "several sessions"],
    [
      "too much",
      "mkdir -p old/upper old/work; head -c 5M /dev/urandom > old/upper/a; truncate -s 4M new; mkfs.ext4 -q new",
      "only .* is free",
    ],
  ];
  for (const [does, script, says] of refused)
    test(`refuses ${does}, and changes nothing`, () => {
      const told = runOnDisk(
        `${script}; find . ! -type f -o -printf '%p ' -exec sha256sum {} + > before 2>&1 || :
         "$2" import old new 2>&1 && echo done
         ! test -d new || find new`,
      );
      expect(told).toMatch(new RegExp(says));
      expect(told).not.toContain("done");
      expect(told).not.toContain("upperdir.import");
    });

  test("follows no link out of what it reads", () => {
    const told = runOnDisk(
      `mkdir -p outside old/upper old/work; echo SECRET > outside/secret
       ln -s "$PWD/outside" old/upper/out; ln -s ../../outside/secret old/upper/file
       mkdir -p trap; ln -s ../outside trap/upper; mkdir trap/work
       "$2" import old new; cat new/upperdir/out/secret > /dev/null; find new -type l | sort
       "$2" import trap other 2>&1 || ls`,
    );
    expect(told).toContain("new/upperdir/file\nnew/upperdir/out\n");
    expect(told).toContain('Cannot import "trap": it contains no changes');
    expect(told).not.toContain("other\n");
  });

  test("killed before any of its calls leaves an empty store or all, and runs again", {
    timeout: 300_000,
  }, () => {
    const at = newDirectory();
    mkdirSync(join(at, "old"));
    // The calls are told one a line.
    runScript(join(at, "old"), firstGeneration.replace("\\n", ""));
    const words = [program, "import", join(at, "old"), join(at, "new"), "--quiet"];
    const calls = callsOf(words);
    const whole = run(["find", join(at, "new"), "-printf", "%P %m %s %n\\n"]);
    const sorted = (text: string) => text.split("\n").sort();
    const renamed = calls.findIndex((call) => call.startsWith("rename"));
    expect(renamed, calls.join("\n")).toBeGreaterThan(10);
    for (let number = 1; number <= calls.length; number++) {
      rmSync(join(at, "new"), { recursive: true });
      const where = killBefore(words, number, calls);
      const isThere = existsSync(join(at, "new/upperdir"));
      expect(isThere, where).toBe(number - 1 > renamed);
      if (!isThere) run(words);
      expect(readdirSync(join(at, "new")), where).toEqual(["upperdir"]);
      const left = run(["find", join(at, "new"), "-printf", "%P %m %s %n\\n"]);
      expect(sorted(left), where).toEqual(sorted(whole));
    }
  });
});
