// "backstore label" with the real tools: blkid reads what was written, mounted or not.
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { copyProgram, isRoot, rootNote, run, temporaryDirectory, tryRun } from "./programs.ts";

const directory = temporaryDirectory();
const timeout = 60_000;
const program = copyProgram(directory);
const image = join(directory, "image");

const kinds = [
  {
    type: "ext2",
    make: ["mkfs.ext2", "-q", "-L", "old"],
    longest: "x".repeat(16),
    odd: `a "b" $c'\\`,
  },
  { type: "ext4", make: ["mkfs.ext4", "-q", "-L", "old"], longest: "x".repeat(16), odd: "ä ö ü" },
  { type: "xfs", make: ["mkfs.xfs", "-q", "-L", "old"], longest: "x".repeat(12), odd: "a.b:c+d@e" },
  {
    type: "btrfs",
    make: ["mkfs.btrfs", "-q", "-L", "old"],
    longest: "x".repeat(254),
    odd: `a "b" $c'`,
  },
  { type: "f2fs", make: ["mkfs.f2fs", "-q", "-l", "old"], longest: "x".repeat(511), odd: "ä $b" },
  { type: "vfat", make: ["mkfs.vfat", "-n", "OLD"], longest: "X".repeat(11), odd: "A B $C" },
  { type: "exfat", make: ["mkfs.exfat", "-L", "old"], longest: "x".repeat(11), odd: "a $b" },
];

function makeImage(make: readonly string[]): void {
  run(["rm", "-f", image]);
  run(["truncate", "-s", "320M", image]);
  run([...make, image]);
}

function labelOf(path: string): string {
  return run(["blkid", "-p", "-s", "LABEL", "-o", "value", path]).replace(/\n$/, "");
}

function label(...words: string[]) {
  return tryRun([program, "label", ...words]);
}

describe("backstore label", () => {
  for (const { type, make, longest, odd } of kinds) {
    test(`labels ${type} in an image file, up to its longest label`, { timeout }, () => {
      makeImage(make);
      for (const name of ["new", odd, longest]) {
        const ended = label(image, name);
        expect([ended.status, ended.stderr]).toEqual([0, ""]);
        // blkid's buffer holds less than f2fs does.
        expect(labelOf(image).startsWith(name.slice(0, 120))).toBe(true);
      }
      const refused = label(image, `${longest}y`);
      expect([refused.status, refused.stderr]).toEqual([2, expect.stringContaining("at most")]);
    });
  }

  test("--json says what it was and what it is", () => {
    makeImage(["mkfs.ext4", "-q", "-L", "old"]);
    expect(JSON.parse(label(image, "new", "--json").stdout)).toMatchObject({
      path: image,
      type: "ext4",
      label: "new",
      before: "old",
      notes: [],
    });
  });

  test("--dry-run names the tool and changes nothing", () => {
    makeImage(["mkfs.ext4", "-q", "-L", "old"]);
    expect(label(image, "new", "--dry-run").stdout).toContain(`(tune2fs -L new ${image})`);
    expect(labelOf(image)).toBe("old");
  });

  const refused = [
    { name: "what is no file system", words: ["/dev/null", "x"], status: 2 },
    { name: "what is not there", words: [join(directory, "none"), "x"], status: 4 },
    { name: "a directory", words: [directory, "x"], status: 2 },
    { name: "an empty label", words: [image, ""], status: 2 },
    { name: "no label", words: [image], status: 2 },
    { name: "two labels", words: [image, "a", "b"], status: 2 },
  ];
  for (const { name, words, status } of refused) {
    test(`refuses ${name}`, () => {
      makeImage(["mkfs.ext4", "-q", "-L", "old"]);
      expect(label(...words).status).toBe(status);
      expect(labelOf(image)).toBe("old");
    });
  }

  test("gives no shell what a label holds", { timeout }, () => {
    makeImage(["mkfs.xfs", "-q", "-L", "old"]);
    const ended = label(image, "$(reboot)");
    expect([ended.status, ended.stderr]).toEqual([2, expect.stringContaining("the tools for xfs")]);
    expect(labelOf(image)).toBe("old");
  });
});

describe.skipIf(!isRoot)(`backstore label while it is mounted${rootNote}`, () => {
  function inMounts(script: string): string {
    return run([
      "unshare",
      "--mount",
      "sh",
      "-euc",
      `cd "$1"; mkdir -p at; ${script}`,
      "sh",
      directory,
    ]);
  }

  for (const { type, make } of kinds.slice(0, 4)) {
    test(`labels ${type}, named by its device or by the image file`, { timeout }, () => {
      makeImage(make);
      const said = inMounts(`
        mount -o loop image at; loop=$(findmnt -no SOURCE at)
        ./backstore label $loop by-device; ./backstore label image by-file; umount at`);
      expect(said).toContain("cow_label=by-device\n");
      expect(said).toMatch(/"by-file", it was "by-device"\n$/);
      expect(labelOf(image)).toBe("by-file");
    });
  }

  test("does not write behind the back of a loop device", () => {
    makeImage(["mkfs.ext4", "-q", "-L", "old"]);
    const said = inMounts(`
      loop=$(losetup --find --show image); ./backstore label image new 2>&1 || echo "status $?"
      losetup -d $loop`);
    expect(said).toMatch(/it is attached to \/dev\/loop\d+\nHint: .*\nstatus 5\n$/);
    expect(labelOf(image)).toBe("old");
  });
});
