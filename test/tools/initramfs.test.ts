import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { takeApart } from "./archive.ts";
import { makeModuleTree, release, runDepmod } from "./module-tree.ts";
import { numberDirectories, run, temporaryDirectory, tryRun } from "./programs.ts";

const binary = resolve("dist/backstore");
const directory = temporaryDirectory();
const fresh = numberDirectories(directory);

function makeTree(): { root: string; modules: string } {
  const root = fresh();
  const modules = makeModuleTree(root);
  runDepmod(root);
  return { root, modules };
}

/** Its sources are this machine's, without its checkers (checkers.test.ts). */
function command(modules: string, output: string): string[] {
  const flags = ["--no-checkers", "--force"]; // /tmp may be in memory
  return [binary, "initramfs", ...flags, "--modules", modules, "--output", output];
}

function makeFile(modules: string, ...more: string[]): string {
  const output = join(fresh(), "initramfs");
  run([...command(modules, output), ...more]);
  return output;
}

function make(modules: string, ...more: string[]): Buffer {
  return readFileSync(makeFile(modules, ...more));
}

// If the compression does not matter, tests need not wait for the best.
const quick = ["--compress", "gzip"];

const plainTree = makeTree();

describe("initramfs writes", () => {
  test("modules each compressed by itself, and the rest compressed as a whole", () => {
    const { modules } = plainTree;
    const parts = takeApart(makeFile(modules, "--default", "backstore=off"), fresh());
    expect(
      parts.map(({ compression, entries }) => ({ compression, entries })),
    ).toMatchInlineSnapshot(`
      [
        {
          "compression": "none",
          "entries": [
            "drwxr-xr-x lib",
            "drwxr-xr-x lib/backstore",
            "drwxr-xr-x lib/backstore/modules",
            "-rw-r--r-- lib/backstore/modules/crc32c_generic.ko.zst",
            "-rw-r--r-- lib/backstore/modules/ext4.ko.zst",
            "-rw-r--r-- lib/backstore/modules/isci.ko.zst",
            "-rw-r--r-- lib/backstore/modules/loop.ko.zst",
            "-rw-r--r-- lib/backstore/modules/overlay.ko.zst",
            "-rw-r--r-- lib/backstore/modules/squashfs.ko.zst",
          ],
        },
        {
          "compression": "zstd",
          "entries": [
            "drwxr-xr-x dev",
            "drwxr-xr-x proc",
            "drwxr-xr-x run",
            "drwxr-xr-x sys",
            "crw------- dev/console",
            "crw-rw-rw- dev/null",
            "-rwxr-xr-x init",
            "drwxr-xr-x sbin",
            "lrwxrwxrwx sbin/modprobe -> /init",
            "lrwxrwxrwx tmp -> /run",
            "drwxr-xr-x lib",
            "drwxr-xr-x lib/backstore",
            "-rw-r--r-- lib/backstore/modules.json",
            "-rw-r--r-- lib/backstore/aliases",
            "-rw-r--r-- lib/backstore/names.json",
            "-rw-r--r-- lib/backstore/default-options",
          ],
        },
      ]
    `);

    const [packed, rest] = parts;
    const loop = join(packed!.directory, "lib/backstore/modules/loop.ko.zst");
    const original = readFileSync(join(modules, "kernel/drivers/block/loop.ko"), "latin1");
    run(["zstd", "-d", "-q", loop]);
    expect(readFileSync(loop.replace(".zst", ""), "latin1")).toBe(original);
    expect(readFileSync(join(rest!.directory, "init")).equals(readFileSync(binary))).toBe(true);
    expect(readlinkSync(join(rest!.directory, "sbin/modprobe"))).toBe("/init");
    expect(readFileSync(join(rest!.directory, "lib/backstore/default-options"), "utf8")).toBe(
      "backstore=off",
    );
    expect(
      JSON.parse(readFileSync(join(rest!.directory, "lib/backstore/modules.json"), "utf8")),
    ).toEqual({
      release,
      builtin: ["usbhid"],
      modules: {
        crc32c_generic: {},
        ext4: { before: ["crc32c_generic"] },
        isci: {},
        loop: {},
        overlay: {},
        squashfs: {},
      },
    });
  });

  test("the same bytes a second time", () => {
    expect(make(plainTree.modules).equals(make(plainTree.modules))).toBe(true);
    const [first, second] = [make(plainTree.modules, ...quick), make(plainTree.modules, ...quick)];
    expect(first!.equals(second!)).toBe(true);
  });

  test("one readable file, and leaves nothing else where it wrote", () => {
    const output = makeFile(plainTree.modules, ...quick);
    expect(readdirSync(join(output, ".."))).toEqual(["initramfs"]);
    expect(run(["stat", "-c", "%a", output]).trim()).toBe("644");
  });

  for (const [tool, ending] of [
    ["xz", ".xz"],
    ["zstd", ".zst"],
    ["gzip", ".gz"],
  ] as const) {
    test(`the same from modules that ${tool} compressed`, () => {
      const { modules } = makeTree();
      const files = run(["find", join(modules, "kernel"), "-name", "*.ko"])
        .trim()
        .split("\n");
      for (const file of files) {
        run(["sh", "-c", `${tool} -c '${file}' > '${file}${ending}' && rm '${file}'`]);
      }
      // Not every depmod reads every compression.
      const list = join(modules, "modules.dep");
      writeFileSync(list, readFileSync(list, "utf8").replaceAll(".ko", `.ko${ending}`));
      expect(make(modules, ...quick).equals(make(plainTree.modules, ...quick))).toBe(true);
    });
  }

  test("the same without depmod's files, and adds none to the tree", () => {
    const modules = makeModuleTree(fresh());
    const before = readdirSync(modules);
    chmodSync(modules, 0o555);
    expect(make(modules, ...quick).equals(make(plainTree.modules, ...quick))).toBe(true);
    expect(readdirSync(modules)).toEqual(before);
  });

  test("gzip for a kernel that cannot unpack zstd, or because it is told to", () => {
    const root = fresh();
    const old = makeModuleTree(root, "5.8.0-test");
    runDepmod(root, "5.8.0-test");
    expect(takeApart(makeFile(old), fresh())[1]?.compression).toBe("gzip");
    const told = makeFile(plainTree.modules, ...quick);
    expect(takeApart(told, fresh())[1]?.compression).toBe("gzip");
    expect(takeApart(makeFile(old, "--compress", "zstd"), fresh())[1]?.compression).toBe("zstd");
  });

  test("the firmware of its modules alone, plain or as the distribution compressed it", () => {
    const { root, modules } = makeTree();
    const firmware = join(root, "lib/firmware/isci");
    mkdirSync(firmware, { recursive: true });
    writeFileSync(join(root, "lib/firmware/e1000.bin"), "not wanted");
    writeFileSync(join(firmware, "other.bin.xz"), "compressed");
    writeFileSync(join(firmware, "real.bin"), "plain");
    symlinkSync("real.bin", join(firmware, "isci_firmware.bin"));
    const [packed, rest] = takeApart(makeFile(modules), fresh());
    expect(readdirSync(join(packed!.directory, "lib/firmware/isci"))).toEqual(["other.bin.xz"]);
    expect(readFileSync(join(rest!.directory, "lib/firmware/isci/isci_firmware.bin"), "utf8")).toBe(
      "plain",
    );
    expect(existsSync(join(rest!.directory, "lib/firmware/e1000.bin"))).toBe(false);

    const withFirmware = make(modules, ...quick);
    const elsewhere = fresh();
    renameSync(join(root, "lib/firmware"), join(elsewhere, "firmware"));
    const given = make(modules, "--firmware", join(elsewhere, "firmware"), ...quick);
    expect(given.equals(withFirmware)).toBe(true);
  });

  test("what a squashfs image holds, in lib or in usr/lib", () => {
    const { root, modules } = makeTree();
    mkdirSync(join(root, "lib/firmware/isci"), { recursive: true });
    writeFileSync(join(root, "lib/firmware/isci/real.bin"), "plain");
    symlinkSync("real.bin", join(root, "lib/firmware/isci/isci_firmware.bin"));
    const expected = make(modules, ...quick);
    const image = join(fresh(), "root.sfs");
    run(["mksquashfs", root, image, "-quiet", "-no-progress"]);
    expect(make(image, ...quick).equals(expected)).toBe(true);
    expect(make(`${image}:${release}`, ...quick).equals(expected)).toBe(true);

    mkdirSync(join(root, "usr"));
    renameSync(join(root, "lib"), join(root, "usr/lib"));
    symlinkSync("usr/lib", join(root, "lib"));
    const merged = join(fresh(), "merged.sfs");
    run(["mksquashfs", root, merged, "-quiet", "-no-progress"]);
    expect(make(merged, ...quick).equals(expected)).toBe(true);
  });
});

test("initramfs --dry-run says what would be packed, and writes nothing", () => {
  const output = join(fresh(), "initramfs");
  const argv = [...command(plainTree.modules, output), "--dry-run"];
  const text = run(argv);
  expect(text.replace(output, "OUTPUT")).toMatchInlineSnapshot(`
    "Would write "OUTPUT": 6 modules for kernel 6.1.0-test, compressed by zstd
      USB: none
      USB storage: none
      keyboards: none; built in: usbhid
      SATA and IDE: none
      NVMe: none
      memory cards: none
      SCSI: isci
      virtual machines: none
      device mapper: none
      the live system: overlay loop squashfs
      file systems: ext4
      code pages: none
      checksums and compression: crc32c_generic
      quotas and case: none
      dependencies: none
      file system checkers: none
    "
  `);
  expect(readdirSync(join(output, ".."))).toEqual([]);
  expect(JSON.parse(run([...argv, "--json"])).modules).toContain("loop");
});

test("initramfs --json says what was written", () => {
  const output = join(fresh(), "initramfs");
  const argv = [...command(plainTree.modules, output), "--json"];
  const report = JSON.parse(run([...argv, "--default", "cow_lable=x"]));
  expect(report).toMatchObject({
    output,
    release,
    compression: "zstd",
    bytes: readFileSync(output).length,
    modules: ["crc32c_generic", "ext4", "isci", "loop", "overlay", "squashfs"],
    firmware: [],
    missingFirmware: ["isci/isci_firmware.bin", "isci/other.bin"],
  });
  expect(report.problems).toHaveLength(1);
});

test("initramfs warns of a misspelt option in --default, and of firmware that is not there", () => {
  const output = join(fresh(), "initramfs");
  const argv = command(plainTree.modules, output);
  const { status, stderr } = tryRun([...argv, "--default", "cow_lable=x"]);
  expect(status).toBe(0);
  expect(stderr).toMatchInlineSnapshot(`
    "Warning: in --default: Cannot use "cow_lable": unknown option, did you mean "cow_label"? (in the initramfs's defaults)
    Note: left out missing firmware: isci/isci_firmware.bin, isci/other.bin
    "
  `);
});

describe("initramfs refuses in a sentence, and leaves nothing behind,", () => {
  const image = join(directory, "two.sfs");
  const setUp = () => {
    const { root } = makeTree();
    makeModuleTree(root, "6.2.0-other");
    mkdirSync(join(root, "lib/modules/6.3.0-empty"));
    mkdirSync(join(root, "lib/modules/empty"));
    writeFileSync(join(root, "garbage"), "hsqs and nothing more");
    writeFileSync(join(root, "text"), "text");
    mkdirSync(join(root, "lib/modules/7.0.0-bad/kernel"), { recursive: true });
    writeFileSync(
      join(root, "lib/modules/7.0.0-bad/modules.dep"),
      "kernel/overlay.ko:\nkernel/loop.ko:\nkernel/squashfs.ko:\n",
    );
    for (const name of ["alias", "softdep"]) {
      writeFileSync(join(root, `lib/modules/7.0.0-bad/modules.${name}`), "");
    }
    for (const name of ["overlay", "loop", "squashfs"]) {
      writeFileSync(join(root, `lib/modules/7.0.0-bad/kernel/${name}.ko`), "no ELF");
    }
    run(["mksquashfs", join(root), image, "-quiet", "-no-progress"]);
    return root;
  };
  const root = setUp();
  const cases: [string, string, string[]][] = [
    ["where the directory is missing", `${root}/nothing`, []],
    ["where the directory has no modules", `${root}/lib/modules/6.3.0-empty`, []],
    ["where the directory's name is no release", `${root}/lib/modules/empty`, []],
    ["where the directory holds several kernels", `${root}/lib/modules`, []],
    ["where a file is no image", `${root}/text`, []],
    ["where an image is broken", `${root}/garbage`, []],
    ["where an image holds several kernels", image, []],
    ["where an image does not hold the kernel", `${image}:6.9.9`, []],
    ["where modules are none", `${root}/lib/modules/7.0.0-bad`, []],
    ["where the firmware is missing", plainTree.modules, ["--firmware", `${root}/nothing`]],
    ["for an unknown compression", plainTree.modules, ["--compress", "lz4"]],
  ];
  for (const [what, modules, more] of cases) {
    test(`initramfs ${what}`, () => {
      const place = fresh();
      const output = join(place, "initramfs");
      const ended = tryRun([...command(modules, output), ...more]);
      const text = ended.stderr.replaceAll(root, "ROOT").replaceAll(directory, "DIR");
      expect(`${ended.status}\n${text}`).toMatchSnapshot();
      expect(readdirSync(place)).toEqual([]);
    });
  }

  const outputs: [string, string][] = [
    ["where the output's directory is missing", "nothing/initramfs"],
    ["where the output is a directory", "lib"],
    ["where the output's directory takes no files", "/proc/initramfs"],
  ];
  for (const [what, path] of outputs) {
    test(`initramfs ${what}`, () => {
      const argv = [
        binary,
        "initramfs",
        "--modules",
        plainTree.modules,
        "--output",
        resolve(root, path),
      ];
      const ended = tryRun(argv);
      expect(`${ended.status}\n${ended.stderr.replaceAll(root, "ROOT")}`).toMatchSnapshot();
    });
  }

  test("initramfs where flags are missing", () => {
    expect(tryRun([binary, "initramfs", "--modules", root]).stderr).toMatchInlineSnapshot(`
      "backstore: Cannot run "backstore initramfs": --output is required
      Hint: see "backstore initramfs --help"
      "
    `);
    expect(tryRun([binary, "initramfs", "--output", root]).status).toBe(2);
    expect(tryRun([binary, "initramfs", "operand"]).status).toBe(2);
  });
});

test("initramfs leaves an old output as it was when it fails", () => {
  const place = fresh();
  const output = join(place, "initramfs");
  writeFileSync(output, "old");
  expect(tryRun([binary, "initramfs", "--modules", place, "--output", output]).status).toBe(4);
  expect(readFileSync(output, "utf8")).toBe("old");
  run(command(plainTree.modules, output));
  expect(readFileSync(output).length).toBeGreaterThan(3);
});

test("initramfs never takes a file from outside of the image", () => {
  const { root, modules } = makeTree();
  const secret = join(fresh(), "secret.ko");
  writeFileSync(secret, readFileSync(join(modules, "kernel/drivers/block/loop.ko")));
  run(["ln", "-sf", secret, join(modules, "kernel/drivers/block/loop.ko")]);
  const image = join(fresh(), "root.sfs");
  run(["mksquashfs", root, image, "-quiet", "-no-progress"]);
  const output = join(fresh(), "initramfs");
  const ended = tryRun([binary, "initramfs", "--modules", image, "--output", output]);
  expect(ended.stderr).toContain(
    '"lib/modules/6.1.0-test/kernel/drivers/block/loop.ko" is not in it',
  );
  expect(ended.status).toBe(6);
  expect(existsSync(output)).toBe(false);
});
