// The reason that a person can act on, with real disks: tables that the kernel refuses; signatures of two file systems; file systems that are larger than
// their device; sectors of 4096 bytes.
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { newImage, patch } from "./images.ts";
import { isRoot, run, temporaryDirectory, tryRun } from "./programs.ts";
import { program } from "./stores.ts";

const why = isRoot ? "" : " (skipped: no root)";
const directory = temporaryDirectory();
const timeout = 60_000;
const small = 512;

afterEach(() => {
  for (const name of readdirSync(directory)) rmSync(join(directory, name), { recursive: true });
});

function explain(file: string, cmdline = "cow_label=store"): string {
  return run([program, "explain", "--cmdline", cmdline, "--image", file]);
}

/** Makes a disk with a GPT whose only partition has a file system labelled "store". */
function makeDisk(name: string, sectorBytes = small): string {
  const file = newImage(directory, name, 64);
  const start = 2 ** 20 / sectorBytes;
  const loop = run(["losetup", "-b", String(sectorBytes), "--show", "-f", file]).trim();
  try {
    run(
      ["sfdisk", "--quiet", "--no-reread", "--no-tell-kernel", loop],
      `label: gpt\nstart=${start}\n`,
    );
  } finally {
    run(["losetup", "-d", loop]);
  }
  run(["mkfs.ext4", "-q", "-L", "store", "-E", `offset=${2 ** 20}`, file, "61440k"]);
  return file;
}

describe.skipIf(!isRoot)(`reasons${why}`, () => {
  const tables: readonly (readonly [
    name: string,
    break_: (file: string) => void,
    reason: RegExp | undefined,
  ])[] = [
    ["sound", () => {}, undefined],
    [
      "the first header is gone",
      (file) => patch(file, 512, new Uint8Array(512)),
      /\(GPT\) is damaged.*"gpt"/,
    ],
    [
      "the first entries are damaged",
      (file) => patch(file, 1024 + 56, new Uint8Array(4).fill(0x41)),
      /\(GPT\) is damaged.*"gpt"/,
    ],
    [
      "both are gone",
      (file) => {
        patch(file, 512, new Uint8Array(512));
        patch(file, 64 * 2 ** 20 - 512, new Uint8Array(512));
      },
      /no file system was recognised/,
    ],
    [
      "the disk was cut",
      (file) => run(["truncate", "-s", "60M", file]),
      /\(GPT\) is that of a larger disk/,
    ],
    ["the disk is larger now", (file) => run(["truncate", "-s", "80M", file]), undefined],
    [
      "the backup is damaged",
      (file) => patch(file, 64 * 2 ** 20 - 512, new Uint8Array(512)),
      undefined,
    ],
  ];
  for (const [name, damage, reason] of tables)
    test(`a GPT, ${name}, as block/partitions/efi.c takes it`, { timeout }, () => {
      const file = makeDisk("gpt");
      damage(file);
      const told = explain(file);
      expect(told.startsWith("Session: persistent")).toBe(reason === undefined);
      if (reason !== undefined) expect(told).toMatch(reason);
    });

  test("a GPT in large sectors is read of a device and of a file", { timeout }, () => {
    const file = makeDisk("large", 4096);
    expect(explain(file)).toMatch(/^Session: persistent/);
    const device = run(["losetup", "-b", "4096", "--show", "-f", file]).trim();
    try {
      expect(explain(device)).toMatch(/^Session: persistent/);
      const lost = tryRun([program, "create", "--device", device, "--label", "new"]);
      expect(lost.stderr).toContain('"store"');
    } finally {
      run(["losetup", "-d", device]);
    }
  });

  test("an MBR in large sectors, which nothing but its file systems can tell", { timeout }, () => {
    const file = newImage(directory, "mbr", 64);
    const device = run(["losetup", "-b", "4096", "--show", "-f", file]).trim();
    try {
      run(
        ["sfdisk", "--quiet", "--no-reread", "--no-tell-kernel", device],
        "label: dos\nstart=256\n",
      );
    } finally {
      run(["losetup", "-d", device]);
    }
    run(["mkfs.ext4", "-q", "-L", "store", "-E", `offset=${2 ** 20}`, file, "60M"]);
    expect(explain(file)).toMatch(/^Session: persistent/);
  });

  const iso = new TextEncoder().encode("\u0001CD001\u0001\0WIN32   ");
  const marks: readonly (readonly [
    name: string,
    make: readonly string[],
    patch: () => [number, Uint8Array],
    /** Undefined where the other mark proves nothing, and the store is used. */
    types: RegExp | undefined,
  ])[] = [
    [
      "xfs and the header of a disc",
      ["mkfs.xfs", "-q", "-L", "store"],
      () => [32768, iso],
      /xfs and iso9660/,
    ],
    [
      "btrfs and the header of a disc",
      ["mkfs.btrfs", "-q", "-L", "store"],
      () => [32768, iso],
      /(iso9660 and btrfs|btrfs and iso9660)/,
    ],
    [
      "ext4 and the mark of swap",
      ["mkfs.ext4", "-q", "-L", "store"],
      () => [4086, new TextEncoder().encode("SWAPSPACE2")],
      undefined,
    ],
    [
      "ext4 and the header of a disc",
      ["mkfs.ext4", "-q", "-L", "store"],
      () => [32768, iso],
      /ext4 and iso9660/,
    ],
  ];
  for (const [name, make, change, types] of marks)
    test(`${name}: ${types ? "the two are named" : "no swap without its header"}`, {
      timeout,
    }, () => {
      const file = newImage(directory, "marks", 320);
      run([...make, file]);
      patch(file, ...change());
      const told = explain(file);
      expect(told.startsWith("Session: persistent")).toBe(types === undefined);
      if (types === undefined) return;
      expect(told).toMatch(
        /^Session: volatile \(there is no device labelled "store"; not looked into: /,
      );
      expect(told).toMatch(types);
    });

  for (const [type, label] of [
    ["ext4", "-L"],
    ["xfs", "-L"],
    ["btrfs", "-L"],
  ] as const)
    test(`${type} on a device that is too small: said so, by a boot and by check`, {
      timeout,
    }, () => {
      const file = newImage(directory, type, 400);
      run([`mkfs.${type}`, "-q", label, "store", file]);
      run(["truncate", "-s", "380M", file]);
      const reason = `its ${type} file system has 400.0 MiB, but there is room for only 380.0 MiB`;
      expect(explain(file)).toContain(reason);
      const { status, stdout } = tryRun([program, "check", "--image", file]);
      expect([status, stdout]).toEqual([6, expect.stringContaining(reason)]);
      expect(stdout).not.toContain("--repair");
      expect(run([program, "list", "--image", file])).toContain(reason);
    });
});
