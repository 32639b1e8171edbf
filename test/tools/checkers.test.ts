// Checkers in an initramfs: compared with what the machine's own linker says they need, and run
// with nothing but the unpacked initramfs.
import {
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { basename, join, resolve } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { makeProgram } from "../../scripts/lib/c-program.ts";
import { checkersByType } from "../../src/core/file-systems/checkers.ts";
import type { CheckerIndex } from "../../src/core/initramfs/carried-checkers.ts";
import { readElf } from "../../src/core/initramfs/elf.ts";
import { formProgram } from "../support/elf.ts";
import { takeApart } from "./archive.ts";
import { makeModuleTree, runDepmod } from "./module-tree.ts";
import { isRoot, numberDirectories, run, temporaryDirectory, tryRun } from "./programs.ts";

const binary = resolve("dist/backstore");
const directory = temporaryDirectory();
const tools = [...new Set(Object.values(checkersByType).flat())];
let modules = "";
const fresh = numberDirectories(directory);

function pathOf(tool: string): string {
  return run(["sh", "-c", 'command -v "$1"', "sh", tool]).trim();
}

interface Made {
  /** The unpacked initramfs. */
  readonly root: string;
  readonly index: CheckerIndex;
  readonly stderr: string;
}

function command(path: string, output: string): readonly string[] {
  const search = ["env", `PATH=${path}:${process.env.PATH}`];
  return [...search, binary, "initramfs", "--modules", modules, "--output", output];
}

/** Makes an initramfs with what is found in `path` first. */
function make(path = "/usr/sbin"): Made {
  const output = join(fresh(), "initramfs");
  const ended = tryRun([...command(path, output), "--compress", "gzip"]);
  expect(ended.status).toBe(0);
  const root = fresh();
  for (const part of takeApart(output, fresh())) run(["cp", "-a", `${part.directory}/.`, root]);
  for (const name of ["dev", "proc", "sys", "run"])
    mkdirSync(join(root, name), { recursive: true });
  const index = JSON.parse(readFileSync(join(root, "lib/backstore/checkers.json"), "utf8"));
  return { root, index, stderr: ended.stderr };
}

beforeAll(() => {
  const root = fresh();
  modules = makeModuleTree(root);
  runDepmod(root);
});

let usual: Made | undefined;

/** Returns the unpacked checkers of this machine, in a root of their own. */
function makeUsual(): Made {
  usual ??= make();
  const root = join(fresh(), "root");
  run(["cp", "-a", usual.root, root]);
  return { ...usual, root };
}

describe("readElf() reads what readelf reads of", () => {
  const files = [binary, "/bin/sh", "/usr/bin/readelf", "/bin/busybox", ...tools.map(pathOf)];
  for (const file of files)
    test(`readElf() reads what readelf reads of ${basename(file)}`, () => {
      const text = run(["readelf", "--wide", "--dynamic", "--program-headers", file]);
      const all = (pattern: RegExp) => [...text.matchAll(pattern)].map((match) => match[1]);
      const elf = readElf(readFileSync(file));
      expect(elf?.needed).toEqual(all(/\(NEEDED\).*\[(.*)\]/g));
      expect([elf?.interpreter]).toEqual([all(/program interpreter: (.*)\]/g)[0]]);
      expect(elf?.searchPath.join(":")).toBe(all(/\((?:RUNPATH|RPATH)\).*\[(.*)\]/g).join(":"));
    });
});

test("initramfs carries what ldd says that each checker needs", () => {
  const { index, root } = makeUsual();
  expect(Object.keys(index.tools)).toEqual(tools);
  for (const tool of tools) {
    const words = run(["ldd", pathOf(tool)]).split(/\s+/);
    const expected = words.filter((word) => word.startsWith("/")).map((path) => basename(path));
    const carried = (index.tools[tool] ?? []).map((path) => basename(path));
    // That is loaded only when a thread ends, so ldd does not see it.
    const others = carried.filter((name) => name !== "libgcc_s.so.1");
    expect(others.sort()).toEqual([tool, ...expected].sort());
    for (const path of index.tools[tool] ?? [])
      expect(existsSync(join(root, `lib/backstore/checkers${path}.zst`))).toBe(true);
  }
});

interface Told {
  readonly types: readonly string[];
  readonly isReady: boolean;
  readonly status: number | undefined;
  readonly text: string;
}

/**
 * Runs a command as a boot from this root would: no PATH, memory at /run, nothing else of this
 * machine.
 */
function runInside(root: string, type: string, argv: readonly string[]): Told {
  run(["cp", "build/checkers", join(root, "checkers")]);
  const script = `set -e
mount -t proc proc "$1/proc"
mount -t sysfs sysfs "$1/sys"
mount --bind /dev "$1/dev"
mount -t tmpfs tmpfs "$1/run"
root=$1; shift
exec env -i "$(command -v chroot)" "$root" /checkers "$@"`;
  const words = ["unshare", "--mount", "sh", "-c", script, "sh", root, type, ...argv];
  return JSON.parse(run(words));
}

const cases: readonly {
  readonly type: string;
  readonly bytes: string;
  readonly commands: readonly (readonly string[])[];
}[] = [
  ...["ext2", "ext3", "ext4"].map((type) => ({
    type,
    bytes: "24M",
    commands: [
      ["e2fsck", "-f", "-n", "/image"],
      ["e2image", "-r", "/image", "/tmp/copy"],
      ["e2fsck", "-f", "-p", "/image"],
    ],
  })),
  { type: "xfs", bytes: "320M", commands: [["xfs_repair", "-n", "/image"]] },
  { type: "btrfs", bytes: "128M", commands: [["btrfs", "check", "--readonly", "/image"]] },
  { type: "f2fs", bytes: "64M", commands: [["fsck.f2fs", "--dry-run", "/image"]] },
];

describe.skipIf(!isRoot)(
  `checkers run from what the initramfs carries${isRoot ? "" : ": needs root"}`,
  () => {
    for (const { type, bytes, commands } of cases)
      test(`prepareChecker() makes the checker of ${type} run, which finds nothing wrong`, () => {
        const { root } = makeUsual();
        const image = join(root, "image");
        run(["truncate", `--size=${bytes}`, image]);
        run([`mkfs.${type}`, image]);
        for (const argv of commands) {
          const told = runInside(root, type, argv);
          expect(told).toMatchObject({
            types: Object.keys(checkersByType),
            isReady: true,
            status: 0,
          });
        }
        expect(existsSync(join(root, "bin", commands[0]?.[0] ?? ""))).toBe(true);
      });

    test("prepareChecker() unpacks nothing but what was asked for", () => {
      const { root, index } = makeUsual();
      expect(existsSync(join(root, "bin"))).toBe(false);
      runInside(root, "xfs", ["xfs_repair", "-V"]);
      const found = run(["find", root, "-xdev", "-type", "f", "-not", "-path", "*/lib/backstore/*"])
        .trim()
        .split("\n")
        .map((path) => path.slice(root.length));
      const own = ["/init", "/checkers"];
      expect(found.sort()).toEqual([...own, ...(index.tools.xfs_repair ?? [])].sort());
    });

    test("checkBeforeUse() gives a checker that was taken over nothing but what it checks", () => {
      const base = join(fresh(), "base");
      for (const name of ["dev", "etc", "proc", "run", "sys", "usr/sbin"])
        mkdirSync(join(base, name), { recursive: true });
      const checker = makeProgram("test/tools/hostile-checker.c", "musl-gcc");
      run(["cp", checker, join(base, "usr/sbin/fsck.f2fs")]);
      const store = join(fresh(), "store");
      writeFileSync(store, "");
      truncateSync(store, 1 << 20);
      const words = ["build/checkers", "before-use", "f2fs", store, base];
      const script = 'mount -t tmpfs none /run && "$@" && ! grep backstore /proc/self/mounts';
      const told = run(["unshare", "--mount", "--fork", "sh", "-c", script, "sh", ...words]);
      expect(JSON.parse(told)).toEqual({
        result: "damaged",
        tool: "fsck.f2fs",
        says: "[ASSERT] a file in memory works",
      });
    });

    test("a checker that is linked statically or with musl runs as well", () => {
      const path = fresh();
      const source = join(path, "checker.c");
      writeFileSync(
        source,
        '#include <stdio.h>\nint main(void) { puts("nothing wrong"); return 0; }\n',
      );
      run(["musl-gcc", "-o", join(path, "btrfs"), source]);
      run(["musl-gcc", "-static", "-o", join(path, "xfs_repair"), source]);
      const { root, index } = make(path);
      expect(index.tools.btrfs?.length).toBe(2);
      expect(index.tools.xfs_repair).toEqual(["/bin/xfs_repair"]);
      for (const [type, tool] of [
        ["btrfs", "btrfs"],
        ["xfs", "xfs_repair"],
      ] as const)
        expect(runInside(root, type, [tool])).toMatchObject({
          isReady: true,
          status: 0,
          text: "nothing wrong\n",
        });
    });
  },
);

test("initramfs says which checkers it cannot carry, and carries the others", () => {
  const path = fresh();
  writeFileSync(join(path, "xfs_repair"), "#!/bin/sh\n", { mode: 0o755 });
  const needed = ["libbackstore-nothing.so.1"];
  const [interpreter = ""] = [readElf(readFileSync(pathOf("e2fsck")))?.interpreter];
  writeFileSync(join(path, "btrfs"), formProgram({ interpreter, needed }), { mode: 0o755 });
  symlinkSync(pathOf("e2fsck"), join(path, "fsck.f2fs"));
  const { index, stderr } = make(path);
  expect(Object.keys(index.tools)).toEqual(["e2fsck", "e2image", "fsck.f2fs"]);
  expect(stderr.replace(/^Note: left out missing firmware.*\n/m, "")).toMatchInlineSnapshot(`
    "Note: left out "xfs_repair", which is a script, but the initramfs has no shell
    Note: left out "btrfs", which needs the library "libbackstore-nothing.so.1", which was not found
    "
  `);
  const told = JSON.parse(run([...command(path, join(path, "none")), "--dry-run", "--json"]));
  expect(told).toMatchObject({
    checkers: ["e2fsck", "e2image", "fsck.f2fs"],
    missingCheckers: [{ tool: "xfs_repair" }, { tool: "btrfs" }],
  });
});

describe("initramfs with an image of a base", () => {
  /** Which tools are carried, and which are left to the base, with these files in its usr/sbin. */
  function choose(programs: Readonly<Record<string, string>>) {
    const root = fresh();
    makeModuleTree(root);
    runDepmod(root);
    for (const [name, file] of Object.entries(programs)) {
      mkdirSync(join(root, "usr/sbin"), { recursive: true });
      if (file.startsWith("/")) run(["cp", file, join(root, "usr/sbin", name)]);
      else writeFileSync(join(root, "usr/sbin", name), file, { mode: 0o755 });
    }
    const image = join(fresh(), "base.squashfs");
    run(["mksquashfs", root, image, "-quiet", "-no-progress"]);
    const argv = [
      binary,
      "initramfs",
      "--modules",
      image,
      "--output",
      join(root, "x"),
      "--dry-run",
    ];
    const { checkers, baseCheckers } = JSON.parse(run([...argv, "--json"]));
    return { checkers, baseCheckers };
  }

  test("initramfs carries no checker that the base has", () => {
    const own = Object.fromEntries(tools.map((tool) => [tool, pathOf(tool)]));
    expect(choose(own)).toEqual({ checkers: [], baseCheckers: tools });
  });

  test("initramfs carries what the base lacks, what is older there, and what is not known", () => {
    const version = (text: string) => `\0${text}\0`;
    const { checkers, baseCheckers } = choose({
      e2fsck: version("1.42.13"),
      e2image: version("1.42.13"),
      xfs_repair: version("3.2.1"),
      btrfs: "\0btrfs-progs v99.1\0",
      "fsck.f2fs": "no version",
    });
    expect([checkers, baseCheckers]).toEqual([
      ["xfs_repair", "fsck.f2fs"],
      ["e2fsck", "e2image", "btrfs"],
    ]);
    expect(choose({ e2fsck: version("1.47.0"), e2image: version("1.41") })).toEqual({
      checkers: tools,
      baseCheckers: [],
    });
  });
});
