// The executable puts its own initramfs on the files of a medium, in place of the distribution's.
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { digestTree } from "../media/tree.ts";
import { formKernel } from "../support/kernel-image.ts";
import { takeApart } from "./archive.ts";
import { makeLiveMedium, mediumFiles } from "./live-medium.ts";
import { makeModuleTree, release, runDepmod } from "./module-tree.ts";
import { numberDirectories, type Outcome, run, temporaryDirectory, tryRun } from "./programs.ts";

const binary = resolve("dist/backstore");
const directory = temporaryDirectory();
const fresh = numberDirectories(directory);

/** The base: a system with the modules of one kernel. */
const base = makeBase();

function makeBase(): Buffer {
  const root = fresh();
  makeModuleTree(root);
  runDepmod(root);
  const image = join(fresh(), "base");
  run(["mksquashfs", root, image, "-quiet", "-no-progress"]);
  return readFileSync(image);
}

type Files = Readonly<Record<string, string | Buffer>>;

const files: Files = {
  ...mediumFiles,
  "live/vmlinuz": formKernel(release),
  "live/filesystem.squashfs": base,
};

function makeMedium(more: Files = {}): string {
  const tree = fresh();
  makeLiveMedium(tree, { ...files, ...more });
  return tree;
}

function call(command: string, tree: string, ...more: string[]): Outcome {
  return tryRun([binary, command, "--tree", tree, ...more]);
}

function install(tree: string, ...more: string[]): Outcome {
  return call("install", tree, "--own-initramfs", ...more);
}

describe("backstore install --own-initramfs", { timeout: 300_000 }, () => {
  const tree = makeMedium({
    "loader/entries/live.conf":
      "linux /live/vmlinuz\r\ninitrd /amd-ucode.img\r\ninitrd /more.img\r\ninitrd /live/initrd.img\r\noptions boot=live toram\r\n",
  });
  const before = digestTree(tree);
  const ended = install(tree);

  test("replaces what the changed entries load, and nothing else", () => {
    expect([ended.status, ended.stderr]).toEqual([0, ""]);
    expect(ended.stdout).toContain("what only the distribution's does");
    expect(ended.stdout).not.toContain("own persistence");
    const read = (name: string) => readFileSync(join(tree, name), "latin1");
    expect(read("boot/grub/grub.cfg")).toContain(
      "\tlinux /live/vmlinuz boot=live quiet --- splash\n\tinitrd /backstore/own1.img\n",
    );
    expect(read("isolinux/isolinux.cfg")).toContain(
      "  INITRD /backstore/own1.img\r\n  APPEND boot=live quiet\r\n",
    );
    expect(read("loader/entries/live.conf")).toBe(
      "linux /live/vmlinuz\r\ninitrd /amd-ucode.img\r\n#initrd /more.img\r\ninitrd /backstore/own1.img\r\noptions copytoram boot=live toram\r\n",
    );
    expect(run(["sh", "-c", 'cd "$1" && sha256sum --quiet -c sha256sum.txt', "sh", tree])).toBe("");
  });

  test("puts the initramfs there as the command initramfs writes it", () => {
    const output = join(fresh(), "initramfs");
    const image = join(tree, "live/filesystem.squashfs");
    run([binary, "initramfs", "--modules", `${image}:${release}`, "--output", output]);
    const own = join(tree, "backstore/own1.img");
    expect(readFileSync(own).equals(readFileSync(output))).toBe(true);
    const entries = takeApart(own, fresh()).flatMap((part) => part.entries);
    expect(entries).toContain("-rw-r--r-- lib/backstore/modules/overlay.ko.zst");
  });

  test("a second run keeps it, whatever it is told; uninstall puts every byte back", () => {
    const copy = fresh();
    run(["cp", "-a", `${tree}/.`, copy]);
    const once = digestTree(copy);
    expect(call("install", copy).stdout).toContain("Already installed on");
    expect(install(copy).stdout).toContain("Already installed on");
    expect(digestTree(copy)).toEqual(once);
    expect(call("uninstall", copy).status).toBe(0);
    expect(digestTree(copy)).toEqual(before);
  });

  test("takes the place of an add-on, and says in the entries what those said", () => {
    const tree = makeMedium();
    const before = digestTree(tree);
    call("install", tree, "--label", "data");
    expect(install(tree).status).toBe(0);
    expect(existsSync(join(tree, "backstore/addon1.img"))).toBe(false);
    expect(existsSync(join(tree, "backstore/install1.json"))).toBe(false);
    expect(readFileSync(join(tree, "boot/grub/grub.cfg"), "utf8")).toContain(
      "vmlinuz cow_label=data boot=live quiet --- splash\n\tinitrd /backstore/own2.img\n",
    );
    call("uninstall", tree);
    expect(digestTree(tree)).toEqual(before);
  });

  test("takes a label that only the distribution's initramfs would take for its own", () => {
    const tree = makeMedium({
      ...{ "isolinux/isolinux.cfg": "", "loader/entries/live.conf": "" },
      "boot/grub/grub.cfg":
        "menuentry a {\nlinux /live/vmlinuz archisobasedir=arch\ninitrd ($root)/intel-ucode.img ($root)/i\n}\n",
      "arch/x86_64/airootfs.sfs": base,
    });
    expect(install(tree, "--label", "data").status).toBe(0);
    expect(readFileSync(join(tree, "boot/grub/grub.cfg"), "utf8")).toContain(
      "vmlinuz cow_label=data archisobasedir=arch\ninitrd ($root)/intel-ucode.img ($root)/backstore/own1.img\n",
    );
  });

  const refused: readonly [what: string, files: Files, says: string][] = [
    [
      "the base has no modules for the kernel",
      { "live/vmlinuz": formKernel("6.9.1-other") },
      `it contains those of "${release}", not those of "6.9.1-other"`,
    ],
    ["the kernel does not say which it is", { "live/vmlinuz": "MZ" }, "does not say which release"],
    ["the base is no squashfs", { "live/filesystem.squashfs": "erofs" }, "it is not a squashfs"],
    [
      "its search finds no base",
      {
        ...{ "isolinux/isolinux.cfg": "", "loader/entries/live.conf": "" },
        "boot/grub/grub.cfg": "menuentry a {\nlinux /live/vmlinuz archisobasedir=x\ninitrd /i\n}\n",
      },
      "our own initramfs would find no base on it",
    ],
    ["the base has layers", { "live/more.squashfs": base }, "its base consists of layers"],
    [
      "an entry boots another base",
      {
        "boot/grub/grub.cfg":
          "menuentry a {\nlinux /live/vmlinuz boot=live live-media-path=x\ninitrd /i\n}\n",
      },
      '"a" in "boot/grub/grub.cfg" boots another base, by live-media-path',
    ],
    [
      "there are several kernels",
      {
        "boot/grub/grub.cfg":
          "menuentry a {\nlinux /live/other boot=live\ninitrd /live/initrd.img\n}\n",
        "live/other": formKernel("6.9.1-other"),
      },
      "its entries start kernels of several releases",
    ],
    [
      "a kernel is not on the medium",
      { "boot/grub/grub.cfg": "menuentry a {\nlinux /v boot=live\ninitrd /live/initrd.img\n}\n" },
      'the kernel of "a" in "boot/grub/grub.cfg" is not found',
    ],
    [
      "for one firmware no entry can be changed",
      { "isolinux/isolinux.cfg": "LABEL a\nLOCALBOOT 0\nLABEL b\nLINUX /memtest\n" },
      "no menu entry for BIOS can be changed",
    ],
  ];
  for (const [what, more, says] of refused)
    test(`changes nothing where ${what}`, () => {
      const tree = makeMedium(more);
      const before = digestTree(tree);
      const ended = install(tree);
      expect([ended.status, ended.stdout]).toEqual([4, ""]);
      expect(ended.stderr).toContain(`backstore: Cannot install on "${tree}": `);
      expect(ended.stderr).toContain(says);
      expect(digestTree(tree)).toEqual(before);
    });

  test("is for files that can be written alone", () => {
    const image = join(fresh(), "live.iso");
    writeFileSync(image, Buffer.alloc(2 ** 20));
    const ended = tryRun([binary, "install", "--image", image, "/dev/null", "--own-initramfs"]);
    expect(ended.status).toBe(2);
    expect(ended.stderr).toContain('"--own-initramfs" is for files that can be written');
    rmSync(image);
  });
});
