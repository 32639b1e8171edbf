// "backstore install MEDIUM" and "backstore uninstall MEDIUM" on a stick that is really mounted, and
// what else a person may name.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { directory, makeStick, program, whereMounted } from "./mounted-stick.ts";
import { isRoot, rootNote, tryRun } from "./programs.ts";

const timeout = 60_000;
const at = join(directory, "at");

beforeEach(() => {
  rmSync(at, { recursive: true, force: true });
  mkdirSync(at);
});

describe.skipIf(!isRoot)(`a stick that is mounted${rootNote}`, { timeout }, () => {
  test("is installed on and put back by the directory of its mount", () => {
    makeStick();
    const digest = "(cd at; find . -type f | sort | xargs sha256sum)";
    const { status, stdout } = whereMounted(
      [
        `${digest} >before`,
        '"$1" install at >installed',
        '"$1" install at | head -1',
        '"$1" uninstall at',
        `${digest} | diff before -`,
      ].join(" && "),
    );
    expect([status, stdout.replaceAll(directory, "DIR")]).toEqual([
      0,
      'Already installed on "DIR/at": live-boot (initramfs-tools with live-boot)\nPut "DIR/at" back as it was: 5 files restored\n',
    ]);
  });

  const refused: readonly [what: string, script: string, status: number, says: string][] = [
    [
      "that is mounted read-only",
      'mount -o remount,ro at; "$1" install at',
      8,
      'Cannot install on "at": it is mounted read-only',
    ],
    [
      "of which a part is mounted",
      'mkdir part; mount --bind at/live part; "$1" install part',
      2,
      'Cannot install on "part": it shows "/live" of a file system, not the top of it',
    ],
    [
      "that is named by its device",
      '"$1" install "$(findmnt -no SOURCE at)"',
      2,
      `is mounted on "${at}"`,
    ],
    [
      "below its top",
      '"$1" install at/live',
      2,
      'Cannot install on "at/live": nothing is mounted there',
    ],
  ];
  for (const [what, script, status, says] of refused)
    test(`is refused if one ${what} is named`, () => {
      makeStick();
      const ended = whereMounted(script);
      expect(ended.stderr).toContain(says);
      expect(ended.status).toBe(status);
    });
});

describe.skipIf(!isRoot)(`a store for a stick that is mounted${rootNote}`, { timeout }, () => {
  const menu = "at/boot/grub/grub.cfg";

  test("is made by the same command, and the menus say where it is", () => {
    makeStick();
    const { status, stdout, stderr } = whereMounted(
      [
        '"$1" install at --store 16 --dry-run >planned && test ! -e at/sysrcd.bs',
        '"$1" install at --store 16 | head -3',
        `grep linux ${menu}`,
        "e2fsck -fn at/sysrcd.bs >checked 2>&1",
        '"$1" install at --store 16 | head -3',
        // Without the flag the menus keep what they say.
        '"$1" install at | head -2',
        '"$1" uninstall at >undone && ls at',
        'diff "$2/plain/boot/grub/grub.cfg" at/boot/grub/grub.cfg',
      ].join(" && "),
    );
    expect([status, stderr]).toEqual([0, ""]);
    const entries = "3 of 5 menu entries keep changes, with backstore=/sysrcd.bs";
    const family = "live-boot (initramfs-tools with live-boot)";
    expect(stdout.replaceAll(directory, "DIR").split("\n")).toEqual([
      `Installed on "DIR/at": ${family}`,
      'Created the store "DIR/at/sysrcd.bs" of 16.0 MiB (ext4)',
      entries,
      "\tlinux /live/vmlinuz backstore=/sysrcd.bs boot=live quiet --- splash",
      "\tlinux16 /live/memtest",
      `Already installed on "DIR/at": ${family}`,
      'Kept the store "DIR/at/sysrcd.bs" of 16.0 MiB (ext4); "backstore grow" enlarges it',
      entries,
      `Already installed on "DIR/at": ${family}`,
      entries,
      ...["EFI", "boot", "isolinux", "live", "loader", "lost+found", "md5sum.txt"],
      ...["sha256sum.txt", "sysrcd.bs", ""],
    ]);
    expect(readFileSync(join(directory, "planned"), "utf8")).toContain(
      `Would create the store "${at}/sysrcd.bs" of 16.0 MiB (ext4)`,
    );
  });

  test("may be another file system, and a later run changes its label", () => {
    makeStick();
    const { status, stdout } = whereMounted(
      [
        '"$1" install at --label data --json >json',
        `grep linux1*6* ${menu}`,
        '"$1" install at --label more >again',
        `grep vmlinuz ${menu}`,
        '"$1" uninstall at >undone',
        'diff -r -x lost+found "$2/plain" at',
      ].join(" && "),
    );
    expect(stdout.split("\n").filter((line) => line.includes("vmlinuz"))).toEqual([
      "\tlinux /live/vmlinuz cow_label=data boot=live quiet --- splash",
      "\tlinux /live/vmlinuz cow_label=more boot=live quiet --- splash",
    ]);
    expect(status).toBe(0);
  });

  const refused: readonly [what: string, script: string, status: number, says: string][] = [
    ["there is no room beside what is installed", '"$1" install at --store 50', 7, "Cannot create"],
    ["it would be too small", '"$1" install at --store 4', 2, "needs at least 8.0 MiB"],
    ["its size is none", '"$1" install at --store big', 2, 'invalid size "big"'],
    [
      "something else has its name",
      'echo text >at/sysrcd.bs; "$1" install at --store 16',
      8,
      "is there, and is not a store",
    ],
    [
      "no boot finds it there",
      'mkdir at/copy; cp -r plain/* at/copy; "$1" install --tree at/copy --store 16',
      2,
      "a boot finds a store at the top of a file system",
    ],
    [
      "its label cannot be in every menu",
      '"$1" install at --label "a b"',
      2,
      'the label "a b" cannot be written in every boot menu',
    ],
    [
      "two are asked for",
      '"$1" install at --label a --store 16',
      2,
      '"--store" and "--label" cannot be used together',
    ],
  ];
  for (const [what, script, status, says] of refused)
    test(`is refused, and nothing is written, where ${what}`, () => {
      makeStick();
      const ended = whereMounted(`${script}; status=$?; ls -d at/backstore; exit $status`);
      expect(ended.stderr).toContain(says);
      expect([ended.status, ended.stdout]).toEqual([status, ""]);
    });
});

describe("what is no medium", () => {
  test("is refused before anything is made", () => {
    writeFileSync(join(at, "file"), "text");
    for (const [name, status, says] of [
      [at, 2, "nothing is mounted there"],
      [join(at, "missing"), 4, "no such file or device"],
      [join(at, "file"), 2, "it is not an ISO image"],
      ["/dev/null", 2, "it is neither a directory nor a file nor a block device"],
      ["", 2, "a medium cannot have an empty path"],
    ] as const)
      for (const command of ["install", "uninstall"]) {
        const ended = tryRun([program, command, name]);
        expect(ended.stderr).toContain(says);
        expect(ended.status).toBe(status);
      }
    expect(tryRun([program, "install", at, "--tree", at]).stderr).toContain("unexpected argument");
  });
});
