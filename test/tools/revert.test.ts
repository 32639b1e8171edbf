// "backstore revert" on stores that are not in use: generated ones that the kernel's own overlay has
// written, real images, and stores that somebody has made to do harm.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { buildJudge } from "./build-judge.ts";
import { scriptsInMemory } from "./namespaces.ts";
import { copyProgram, isRoot, rootNote, temporaryDirectory, tryRun } from "./programs.ts";

const directory = temporaryDirectory();
const program = copyProgram(directory);

const runInMemory = scriptsInMemory(directory, program);

function expectJudged(argv: readonly string[]): void {
  const { status, stderr } = tryRun(argv);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
}

describe.skipIf(!isRoot)(`revert${rootNote}`, () => {
  const judges = {
    offline: buildJudge("revert-judge", directory),
    mounted: buildJudge("put-back-judge", directory),
  };

  test("puts back in generated trees what the base has, and nothing else", {
    timeout: 240_000,
  }, () => {
    const at = join(directory, "judged");
    mkdirSync(at);
    expectJudged([...judges.offline, program, at, "100"]);
  });

  test("puts back the same in generated sessions, and the next boot shows what they did", {
    timeout: 240_000,
  }, () => {
    const next = join(directory, "do-next");
    copyFileSync("build/do-next", next);
    expectJudged([...judges.mounted, program, next, "60"]);
  });

  const things = `mkdir base store store/upperdir work at
    mkdir -p base/etc/app base/opt; echo one > base/etc/a; echo two > base/etc/b; echo gone > base/gone
    echo conf > base/etc/app/conf; echo old > base/opt/old
    mount -t overlay -o lowerdir=base,upperdir=store/upperdir,workdir=work,index=off,metacopy=off,redirect_dir=nofollow overlay at
    echo ONE > at/etc/a; chmod 600 at/etc/b; rm -r at/gone at/etc/app; echo new > at/etc/new; rm -r at/opt; mkdir at/opt
    umount at`;

  test("asks for what it needs, and changes nothing with --dry-run", () => {
    const told = runInMemory(
      "asks",
      `${things}; tar -C store -cf before.tar .
       "$2" revert /etc /gone --store store --base base --dry-run
       "$2" revert /gone --store store --base base 2>&1 || echo $?
       "$2" revert /etc/app/conf --store store --base base --yes 2>&1 || echo $?
       "$2" revert /never --store store --base base --yes 2>&1 || echo $?
       tar -C store -df before.tar`,
    );
    expect(told.split("\n")).toEqual([
      "below             12 B  /etc/ (4 changes)",
      "deleted            0 B  /gone",
      "Would put back 2 paths; the store would have 12 B less.",
      'backstore: Cannot revert changes in "store": not confirmed',
      "Hint: see what would be done with --dry-run, then confirm with --yes",
      "8",
      'backstore: Cannot revert "/etc/app/conf": the store deletes "/etc/app" as a whole',
      'Hint: revert all of "/etc/app", after saving what is to be kept of it',
      "8",
      'backstore: Cannot revert "/never": neither the store nor the base has it',
      "Hint: see what is changed: backstore changes",
      "4",
      "",
    ]);
  });

  test("leaves nothing of what was put back in the store", () => {
    const told = runInMemory(
      "nothing",
      `${things}
       "$2" revert / --store store --base base --yes; find store
       "$2" changes store --base base`,
    );
    expect(told.split("\n").slice(-5)).toEqual([
      "Put back 3 paths; the store has 12 B less.",
      "store",
      "store/upperdir",
      "No changes.",
      "",
    ]);
  });

  test("shows what a file was before it was moved, and the moved one as it is", () => {
    const told = runInMemory(
      "moved",
      `mkdir base store store/upperdir work at; echo one > base/a
       over() { mount -t overlay -o lowerdir=base,upperdir=store/upperdir,workdir=work,index=off,redirect_dir=nofollow overlay at; }
       over; mv at/a at/b; echo two > at/b; umount at
       "$2" revert /a --store store --base base --yes
       over; cat at/b at/a`,
    );
    expect(told.split("\n").slice(2)).toEqual(["two", "one", ""]);
  });

  test("refuses a store that an overlay uses, also through another mount", () => {
    const told = runInMemory(
      "used",
      `${things}; mkdir other; mount --bind store other
       mount -t overlay -o lowerdir=base,upperdir=$PWD/store/upperdir,workdir=$PWD/work overlay at
       "$2" revert /gone --store other --base base --yes 2>&1 || echo $?; ls at`,
    );
    expect(told).toMatch(/it is in use by the overlay on ".*\/at"\nHint: unmount it first.*\n5\n/);
    expect(told).not.toContain("gone\n");
  });

  for (const type of ["ext4", "xfs", "btrfs"])
    test(`puts back in a store's file of ${type}, and leaves no mount and no loop device`, () => {
      const told = runInMemory(
        `file-${type}`,
        `mkdir base at lower top; echo one > base/a; mkdir base/d; echo two > base/d/b
         mksquashfs base base.sfs -quiet -no-progress > /dev/null
         truncate -s 400M sysrcd.bs; mkfs.${type} -q sysrcd.bs > /dev/null
         mount -o loop sysrcd.bs at; mkdir at/upperdir at/workdir; mount -o loop base.sfs lower
         over() { mount -t overlay -o lowerdir=lower,upperdir=at/upperdir,workdir=at/workdir,index=off top top; }
         over; echo ONE > top/a; rm -r top/d; echo new > top/n; umount top; umount at
         "$2" revert /a /d --store sysrcd.bs --base base.sfs --yes
         grep -c "$PWD/sysrcd" /proc/mounts || losetup -j sysrcd.bs
         mount -o loop sysrcd.bs at; over; cat top/a top/d/b top/n; ls at`,
      );
      const left = type === "ext4" ? ["lost+found"] : [];
      expect(told.split("\n")).toEqual([
        "modified           4 B  /a",
        "deleted            0 B  /d",
        "Put back 2 paths; the store has 4 B less.",
        ...["0", "one", "two", "new", ...left, "upperdir", "workdir", ""],
      ]);
    });

  // The command sees the overlay as its root, and its store is on a disk.
  const session = `truncate -s 64M disk; mkfs.ext4 -q disk
    mkdir -p disks base/etc/app base/proc base/sys base/dev base/opt base/old layer root same
    echo one > base/etc/a; echo two > base/etc/b; setfattr -n user.mark -v base base/etc/b; echo conf > base/etc/app/conf
    ln -s a base/etc/link; ln base/etc/app/conf base/etc/app/again; echo gone > base/gone; echo old > base/opt/old
    echo top > layer/top; echo seen > base/moved; cp "$2" base/backstore
    chown 7:8 base/gone; touch -d 2001-02-03 base/gone base/etc/a; setcap cap_net_raw+ep base/gone
    mount -o loop disk disks; mkdir -p disks/upperdir disks/workdir
    echo '{"format":1,"id":"x","overlay":"index=off,metacopy=off,xino=off,redirect_dir=nofollow","kept":1}' > disks/backstore.json
    over() { mount -t overlay -o "lowerdir=$PWD/layer:$PWD/base,upperdir=$PWD/disks/upperdir,workdir=$PWD/disks/workdir,index=off,redirect_dir=nofollow" overlay root; }
    in_session() {
      unshare --mount sh -euc 'mkdir -p "root$PWD"; mount --rbind /proc root/proc; mount --rbind . "root$PWD"
        cd root; pivot_root . old; shift; exec /backstore "$@"' sh "$@"
    }
    over; (cd root/etc; echo ONE > a; chmod 600 b; setfattr -x user.mark b; setfattr -n user.new -v x b
      rm -r app; rm link; mkdir link; echo new > new; : >> ../top; rm ../gone; rm -r ../opt; mkdir ../opt
      echo fresh > ../opt/fresh; echo kept > ../kept)`;
  const list = `find . -xdev \\( -path ./proc -o -path ./old -o -path .$PWD -o -path ./tmp \\) -prune -o -type d -printf "%p %y %m %U:%G\\n" -o -printf "%p %y %m %U:%G %s %l %n %T@\\n" | sort; getfattr -R -m "user|security" -d etc gone`;

  test("puts back in a session at once, and the next boot takes the copies out", () => {
    const next = join(directory, "do-next");
    copyFileSync("build/do-next", next);
    const told = runInMemory(
      "session",
      `${session}
       mount -t overlay -o "lowerdir=$PWD/layer:$PWD/base" overlay same; (cd same; ${list}) > base.txt; umount same
       in_session - revert /etc /gone /opt/ /etc/../top --yes
       rm -r "root/$(echo $PWD | cut -d / -f 2)"; (cd root; ${list}) > put.txt; diff base.txt put.txt | grep '^[<>]' | cut -d ' ' -f 1-6 || true
       jq -c '[.next[].path, .kept]' disks/backstore.json; umount root; echo changed > disks/upperdir/etc/a
       ${next} $PWD/disks $PWD/layer $PWD/base
       (cd disks; find . -path ./lost+found -prune -o -path "./workdir/*" -prune -o -print | sort)
       over; (cd root; ${list}) > booted.txt; diff put.txt booted.txt | grep '^[<>]' | cut -d ' ' -f 1-6 || true`,
    );
    expect(told.split("\n")).toEqual([
      "modified           4 B  /etc/a",
      "deleted            0 B  /etc/app/",
      "metadata           4 B  /etc/b",
      "added              4 B  /etc/new",
      "type               0 B  /etc/link/",
      "deleted            0 B  /gone",
      "replaced           6 B  /opt/ (2 changes)",
      "same               4 B  /top",
      "Put back 8 paths. The next boot takes the copies out of the store (7 paths).",
      // The base with the one change that was not reverted.
      "> ./kept f 644 0:0 5",
      '["/etc/a","/etc/app","/etc/b","/etc/link","/gone","/opt","/top",1]',
      // What was changed after the revert is kept.
      ...[".", "./backstore.json", "./upperdir", "./upperdir/etc", "./upperdir/etc/a"],
      ...["./upperdir/kept", "./workdir"],
      ...["< ./etc/a f 644 0:0 4", "> ./etc/a f 644 0:0 8"],
      "",
    ]);
  });

  test("follows nothing out of a hostile store", () => {
    const outside = join(directory, "outside");
    mkdirSync(outside);
    writeFileSync(join(outside, "kept"), "kept\n");
    const told = runInMemory(
      "hostile",
      `mkdir -p base/etc base/dir store/upperdir; echo one > base/etc/a; echo b > base/dir/b
       ln -s ${outside} store/upperdir.reverted
       cd store/upperdir; ln -s ${outside} etc; mkdir -p up/${"x".repeat(200)} loop
       ln -s ${outside} up/link; ln -s ${outside} dir
       setfattr -n trusted.overlay.redirect -v /../../outside up
       setfattr -n trusted.overlay.redirect -v /loop loop
       mknod wh c 0 0; mkfifo pipe; cd ../..
       "$2" revert /etc/kept --store store --base base --yes 2>&1 || echo $?
       "$2" revert /up --store store --base base --yes > /dev/null 2>&1 || echo $?
       rm store/upperdir.reverted
       timeout 20 "$2" revert / --store store --base base --yes > /dev/null 2>&1
       find store`,
    );
    expect(told.split("\n")).toEqual([
      'backstore: Cannot revert "/etc/kept": "/etc" is a symbolic link',
      "Hint: name the path that it leads to",
      ...["2", "8", "store", "store/upperdir", ""],
    ]);
    expect(readFileSync(join(outside, "kept"), "utf8")).toBe("kept\n");
  });
});
