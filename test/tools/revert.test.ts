// "backstore revert" on stores that are not in use: generated ones that the kernel's own overlay has
// written, real images, and stores that somebody has made to do harm.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { buildJudge } from "./build-judge.ts";
import { scriptsInMemory } from "./namespaces.ts";
import { copyProgram, isRoot, rootNote, temporaryDirectory, tryRun } from "./programs.ts";

const directory = temporaryDirectory();
const program = copyProgram(directory);

const runInMemory = scriptsInMemory(directory, program);

describe.skipIf(!isRoot)(`revert${rootNote}`, () => {
  const judge = buildJudge("revert-judge", directory);

  test("puts back in generated trees what the base has, and nothing else", {
    timeout: 240_000,
  }, () => {
    const at = join(directory, "judged");
    mkdirSync(at);
    const { status, stderr } = tryRun([...judge, program, at, "100"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
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
      ...["2", "3", "store", "store/upperdir", ""],
    ]);
    expect(readFileSync(join(outside, "kept"), "utf8")).toBe("kept\n");
  });
});
