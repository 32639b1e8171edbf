// Images made by the real tools, with blkid as the oracle: the same type, label and identity.

import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { identify } from "../../src/core/superblocks/identify.ts";
import * as formats from "../support/formats.ts";
import { newImage as makeEmpty, patch, withReader } from "./images.ts";
import { isRoot, run, temporaryDirectory, tryRun } from "./programs.ts";

const directory = temporaryDirectory();
const tree = join(directory, "tree");
mkdirSync(tree);
writeFileSync(join(tree, "file"), "content\n");

const why = isRoot ? "" : " (skipped: only root has loop devices)";
const lvmConfig =
  "devices{use_devicesfile=0} activation{udev_sync=0 udev_rules=0} backup{backup=0 archive=0}";

let images = 0;

function newImage(megabytes: number): string {
  images += 1;
  return makeEmpty(directory, `${images}`, megabytes);
}

function identifyFile(file: string) {
  return withReader(file, identify);
}

function blkidValue(file: string, tag: string): string | undefined {
  const { status, stdout } = tryRun(["blkid", "-p", "-o", "value", "-s", tag, file]);
  if (status === 2 || stdout === "") return undefined;
  expect(status).toBe(0);
  return stdout.endsWith("\n") ? stdout.slice(0, -1) : stdout;
}

function expectAsBlkid(file: string): void {
  const found = identifyFile(file);
  const tags = { type: found?.type, label: found?.label, uuid: found?.uuid };
  expect(tags).toEqual({
    type: blkidValue(file, "TYPE"),
    label: blkidValue(file, "LABEL"),
    uuid: blkidValue(file, "UUID"),
  });
  if (found?.memberUuid !== undefined) expect(found.memberUuid).toBe(blkidValue(file, "UUID_SUB"));
}

interface Format {
  readonly name: string;
  readonly type: string;
  readonly megabytes: number;
  /** The command that makes it, given the image and the option that labels it. */
  readonly make: (file: string, label: string | undefined) => readonly string[];
  /** The command's standard input. */
  readonly input?: string;
  readonly labels: readonly string[];
  /** Whether the file system fills the image. */
  readonly isWhole?: boolean;
}

function mkfs(...argv: readonly string[]) {
  return (flag: string) => (file: string, label: string | undefined) => [
    ...argv,
    ...(label === undefined ? [] : [flag, label]),
    file,
  ];
}

const plain = ["a", "two words"];
const luks = ["cryptsetup", "luksFormat", "-q", "--pbkdf", "pbkdf2"];
const luksQuick = [...luks, "--pbkdf-force-iterations", "1000", "--key-file", "-"];

const made: readonly Format[] = [
  ...(["ext2", "ext3", "ext4"] as const).map((type) => ({
    name: type,
    type,
    megabytes: 8,
    // Whether there is an orphan file by default differs between releases.
    make: mkfs(`mkfs.${type}`, "-q", ...(type === "ext4" ? ["-O", "^orphan_file"] : []))("-L"),
    labels: [...plain, "sixteen letters!", "größe ☃ 雪", '$(x)"`', `a'b"c\\d`, "two\nlines"],
    isWhole: true,
  })),
  {
    name: "ext4 with an orphan file",
    type: "ext4",
    megabytes: 8,
    make: mkfs("mkfs.ext4", "-q", "-O", "orphan_file")("-L"),
    labels: [],
    isWhole: true,
  },
  {
    name: "ext4 without a journal",
    type: "ext4",
    megabytes: 8,
    make: mkfs("mkfs.ext4", "-q", "-O", "^has_journal")("-L"),
    labels: [],
    isWhole: true,
  },
  {
    name: "an external journal",
    type: "jbd",
    megabytes: 8,
    make: mkfs("mke2fs", "-q", "-O", "journal_dev")("-L"),
    labels: ["journal"],
  },
  {
    name: "xfs",
    type: "xfs",
    megabytes: 300,
    make: mkfs("mkfs.xfs", "-q")("-L"),
    labels: ["a", "twelve_chars", "größe"],
    isWhole: true,
  },
  {
    name: "xfs of version 4",
    type: "xfs",
    megabytes: 300,
    make: mkfs("mkfs.xfs", "-q", "-m", "crc=0")("-L"),
    labels: [],
    isWhole: true,
  },
  {
    name: "xfs with blocks of 1 KiB",
    type: "xfs",
    megabytes: 300,
    make: mkfs("mkfs.xfs", "-q", "-b", "size=1024")("-L"),
    labels: [],
    isWhole: true,
  },
  {
    name: "btrfs",
    type: "btrfs",
    megabytes: 120,
    make: mkfs("mkfs.btrfs", "-q")("-L"),
    labels: [...plain, "größe ☕", "x".repeat(255)],
    isWhole: true,
  },
  {
    name: "f2fs",
    type: "f2fs",
    megabytes: 64,
    make: mkfs("mkfs.f2fs", "-q")("-l"),
    labels: [...plain, "größe ☕"],
    isWhole: true,
  },
  {
    name: "squashfs",
    type: "squashfs",
    megabytes: 0,
    make: (file) => ["mksquashfs", tree, file, "-noappend", "-quiet", "-no-progress"],
    labels: [],
  },
  {
    name: "squashfs of zstd with small blocks",
    type: "squashfs",
    megabytes: 0,
    make: (file) => ["mksquashfs", tree, file, "-noappend", "-comp", "zstd", "-b", "4K"],
    labels: [],
  },
  {
    name: "erofs",
    type: "erofs",
    megabytes: 0,
    make: (file) => ["mkfs.erofs", "--quiet", file, tree],
    labels: [],
    isWhole: true,
  },
  {
    name: "iso9660",
    type: "iso9660",
    megabytes: 0,
    make: (file, label) => xorriso(file, label ?? "ISOIMAGE"),
    labels: ["A", "RESCUE_900", "THIRTY_TWO_CHARACTERS_ARE_A_LOT_"],
    isWhole: true,
  },
  {
    name: "iso9660 with Joliet",
    type: "iso9660",
    megabytes: 0,
    make: (file, label) => xorriso(file, label ?? "ISOIMAGE", "-J"),
    labels: ["A", "Rescue 900", "Größe", "Sixteen letters!", "Longer than the 16 of Joliet"],
    isWhole: true,
  },
  {
    name: "a hybrid iso9660 with a partition table",
    type: "iso9660",
    megabytes: 0,
    make: (file, label) => [...xorriso(file, label ?? "ISOIMAGE"), "-partition_offset", "16"],
    labels: ["HYBRID"],
  },
  ...([12, 16, 32] as const).map((kind) => ({
    name: `vfat ${kind}`,
    type: "vfat",
    megabytes: { 12: 4, 16: 40, 32: 300 }[kind],
    make: mkfs("mkfs.vfat", "-F", `${kind}`)("-n"),
    labels: ["A", "TWO WORDS", "ELEVEN CHAR", "NO NAME"],
    // FAT32 omits an incomplete track.
    isWhole: kind !== 32,
  })),
  {
    name: "vfat 32 with 4 KiB sectors",
    type: "vfat",
    megabytes: 300,
    make: mkfs("mkfs.vfat", "-F", "32", "-S", "4096")("-n"),
    labels: ["BIG"],
    isWhole: true,
  },
  {
    name: "exfat",
    type: "exfat",
    megabytes: 32,
    make: mkfs("mkfs.exfat")("-L"),
    labels: [...plain, "elevenchars", "größe ☕"],
    isWhole: true,
  },
  {
    name: "ntfs",
    type: "ntfs",
    megabytes: 8,
    make: mkfs("mkntfs", "-q", "-F", "-f")("-L"),
    labels: [...plain, "größe ☕", "x".repeat(60)],
  },
  {
    name: "luks1",
    type: "crypto_LUKS",
    megabytes: 4,
    make: (file) => [...luksQuick, "--type", "luks1", file],
    input: "secret",
    labels: [],
  },
  {
    name: "luks2",
    type: "crypto_LUKS",
    megabytes: 20,
    make: mkfs(...luksQuick, "--type", "luks2")("--label"),
    input: "secret",
    labels: [...plain, "größe", "x".repeat(47)],
  },
  {
    name: "swap",
    type: "swap",
    megabytes: 1,
    make: mkfs("mkswap", "-q")("-L"),
    labels: [...plain, "größe", "fifteen letters"],
    isWhole: true,
  },
  {
    name: "swap with pages of 64 KiB",
    type: "swap",
    megabytes: 1,
    make: mkfs("mkswap", "-q", "-p", "65536")("-L"),
    labels: ["wide"],
    isWhole: true,
  },
];

function xorriso(file: string, label: string, ...options: readonly string[]): readonly string[] {
  return ["xorriso", "-as", "mkisofs", "-quiet", ...options, "-V", label, "-o", file, tree];
}

function makeImage(format: Format, label?: string): string {
  const file = newImage(format.megabytes);
  run(format.make(file, label), format.input);
  return file;
}

function formatNamed(name: string): Format {
  return made.find((format) => format.name === name)!;
}

describe("identify() says what blkid says of", () => {
  for (const format of made) {
    for (const label of [undefined, ...format.labels]) {
      test(`${format.name} with ${label === undefined ? "no label" : `the label "${label}"`}`, () => {
        const file = makeImage(format, label);
        expectAsBlkid(file);
        const found = identifyFile(file);
        expect(found?.type).toBe(format.type);
        expect(found?.unclean).toEqual([]);
        if (format.isWhole === true) expect(found?.bytes).toBe(statSync(file).size);
      });
    }
  }

  test("ntfs with a label that reaches over the end of a sector, restored where blkid is not", () => {
    const label = "ä".repeat(128);
    const file = makeImage(formatNamed("ntfs"), label);
    expect(identifyFile(file)?.label).toBe(label);
  });

  test("luks2 whose first header is overwritten", () => {
    const file = makeImage(formatNamed("luks2"), "label");
    patch(file, 0, new Uint8Array(4096));
    expect(identifyFile(file)).toMatchObject({ type: "crypto_LUKS", label: "label" });
    expectAsBlkid(file);
  });

  test("vfat with a label in the boot sector alone", () => {
    const file = makeImage(formatNamed("vfat 16"));
    patch(file, 43, Buffer.from("BOOT SECTOR"));
    expect(blkidValue(file, "LABEL_FATBOOT")).toBe("BOOT SECTOR");
    expectAsBlkid(file);
  });

  test("vfat whose label was set after many files", () => {
    const file = makeImage(formatNamed("vfat 32"));
    const names = Array.from({ length: 300 }, (_, index) => join(directory, `long name ${index}`));
    for (const name of names) writeFileSync(name, "");
    run(["mcopy", "-i", file, ...names, "::"]);
    run(["mlabel", "-i", file, "::LATE"]);
    expect(identifyFile(file)?.label).toBe("LATE");
    expectAsBlkid(file);
  });

  test("iso9660 with another time of change than of making", () => {
    const file = makeImage(formatNamed("iso9660"));
    patch(file, 32768 + 830, Buffer.from("2031020304050607"));
    expect(identifyFile(file)?.uuid).toBe("2031-02-03-04-05-06-07");
    expectAsBlkid(file);
  });

  test.skipIf(!isRoot)(`a physical volume of LVM${why}`, () => {
    const file = newImage(8);
    const device = run(["losetup", "--find", "--show", file]).trim();
    try {
      run(["pvcreate", "-q", "-ff", "-y", "--config", lvmConfig, device]);
    } finally {
      run(["losetup", "--detach", device]);
    }
    expect(identifyFile(file)?.type).toBe("LVM2_member");
    expectAsBlkid(file);
  });

  // blkid looks for no containers on images as small as a floppy disk.
  function padded(image: Uint8Array): Uint8Array {
    const larger = new Uint8Array(2 * 1024 * 1024);
    larger.set(image);
    return larger;
  }

  const built: readonly (readonly [string, Uint8Array])[] = [
    ["md 0.90", formats.md("0.90", "host:array", 2048)],
    ["md 1.0", formats.md("1.0", "host:array", 2048)],
    ["md 1.1", formats.md("1.1", "host:array", 2048)],
    ["md 1.2", formats.md("1.2", "host:array", 2048)],
    ["lvm", padded(formats.lvm())],
    ["swap that sleeps", formats.swap("label", "S1SUSPEND")],
    ["swap that sleeps in user space", formats.swap("label", "ULSUSPEND")],
    ["swap that sleeps compressed", formats.swap("label", "LINHIB0001")],
    ["erofs with a label", formats.erofs("größe")],
    ["ext4 that lost its journal's feature", formats.change(formats.ext("ext2"), ["u8", 1120, 6])],
    ["xfs without groups", formats.change(formats.xfs(), ["u32be", 88, 0])],
    ["squashfs", formats.squashfs()],
    ["luks2", formats.luks(2, "label")],
    ["iso9660 with two labels", formats.iso9660("ONE", "Another")],
    ["iso9660 with a half label", formats.iso9660("LONGER_THAN_SIXTEEN_CHARS", "Longer than sixt")],
    ["vfat 12", formats.vfat(12, "LABEL", "BOOT")],
    ["vfat 16", formats.vfat(16, "LABEL", "BOOT")],
    ["vfat 32", formats.vfat(32, "LABEL", "BOOT")],
    ["exfat", formats.exfat("label")],
    ["ntfs", formats.ntfs("label")],
    ["zeros", new Uint8Array(1024 * 1024)],
  ];
  for (const [name, image] of built) {
    test(`an image built by hand: ${name}`, () => {
      const file = newImage(0);
      writeFileSync(file, image);
      expectAsBlkid(file);
    });
  }

  test("two file systems in one place, that it cannot tell which is meant", () => {
    const file = makeImage(formatNamed("ext4"), "new");
    const old = withReader(makeImage(formatNamed("btrfs"), "old"), (read) => read(65536, 4096));
    patch(file, 65536, old);
    // The exit status of blkid differs between releases; it names no type, and wipefs lists both.
    const asked = tryRun(["blkid", "-p", file]);
    expect([asked.stdout, asked.status === 0]).toEqual(["", false]);
    const { signatures } = JSON.parse(run(["wipefs", "-J", file]));
    const found = identifyFile(file);
    expect(found?.type).toBe("ambivalent");
    expect([...(found?.signatures ?? [])].sort()).toEqual(
      signatures.map(({ type }: { type: string }) => type).sort(),
    );
  });
});

describe("identify() sees how it was left:", () => {
  const byDebugfs = [
    { command: "feature needs_recovery", unclean: ["journal"] },
    { command: "ssv state 0", unclean: ["dirty"] },
    { command: "ssv state 3", unclean: ["errors"] },
    { command: "ssv last_orphan 12", unclean: ["orphans"] },
    { command: "feature orphan_present", unclean: ["orphans"] },
  ];
  for (const { command, unclean } of byDebugfs) {
    test(`ext4 after debugfs's "${command}"`, () => {
      const file = makeImage(formatNamed("ext4"));
      run(["debugfs", "-w", "-R", command, file]);
      expect(identifyFile(file)?.unclean).toEqual(unclean);
    });
  }

  test("ntfs after ntfsfix marked it for a check, and after it took the mark back", () => {
    const file = makeImage(formatNamed("ntfs"));
    run(["ntfsfix", file]);
    expect(identifyFile(file)?.unclean).toEqual(["dirty"]);
    run(["ntfsfix", "-d", file]);
    expect(identifyFile(file)?.unclean).toEqual([]);
  });

  for (const { kind, state } of [
    { kind: 16, state: 37 },
    { kind: 32, state: 65 },
  ]) {
    test(`vfat ${kind} with the mark that fsck.fat finds, and after it took the mark away`, () => {
      const file = makeImage(formatNamed(`vfat ${kind}`));
      patch(file, state, Uint8Array.of(1));
      expect(identifyFile(file)?.unclean).toEqual(["dirty"]);
      const checked = tryRun(["fsck.fat", "-a", file]);
      expect(checked.stdout).toContain("Dirty bit is set");
      expect(identifyFile(file)?.unclean).toEqual([]);
    });
  }

  // The mount is in a private namespace, so that it ends when it is unmounted.
  const writeAndCopy = `mount -o loop "$0" "$1"; trap 'umount "$1"' EXIT
    dd if=/dev/zero of="$1/file" bs=4k count=4 conv=fsync; cp --sparse=always "$0" "$2"`;
  for (const { name, unclean } of [
    { name: "ext4", unclean: ["journal"] },
    { name: "ext4 with an orphan file", unclean: ["journal", "orphans"] },
    { name: "btrfs", unclean: ["journal"] },
    { name: "xfs", unclean: [] },
  ]) {
    test.skipIf(!isRoot)(`${name} whose power was cut, and after unmounting${why}`, () => {
      const file = makeImage(formatNamed(name));
      const target = join(directory, `${name}.mounted`);
      const copy = newImage(0);
      mkdirSync(target);
      run(["unshare", "--mount", "sh", "-euc", writeAndCopy, file, target, copy]);
      expect(identifyFile(copy)?.unclean).toEqual(unclean);
      expect(identifyFile(file)?.unclean).toEqual([]);
    });
  }
});
