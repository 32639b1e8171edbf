// The tiny base with what `create` and `grow` need besides: the program itself, e2fsprogs and
// btrfs-progs with their libraries, and modules that the session's own devices do not request
// (load-modules), for the kernel of each lane. And with what the add-on takes from a base: a checker
// and a driver, compressed, that its guest's initramfs does not have.

import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { makeOnce } from "../../../scripts/lib/cache.ts";
import { runTool } from "../../../scripts/lib/tool.ts";
import { findModules } from "../disks/cut-off.ts";
import type { Tree } from "../disks/media.ts";
import { makeBase, withTemporary } from "./base.ts";
import { binary } from "./initramfs.ts";
import { discoverKernel, findUmlKernel, type Kernel } from "./kernel.ts";

const tools = [
  "mkfs.ext4",
  "e2fsck",
  "resize2fs",
  "e2image",
  "mkfs.btrfs",
  "btrfs",
  "fsck.f2fs",
  "modprobe",
];
const modules = [
  "crc32c_generic",
  "loop",
  "ext4",
  "vfat",
  "nls_cp437",
  "nls_ascii",
  "nls_utf8",
  "exfat",
];

const loadModules = `#!/bin/sh
cd "/modules/$(uname -r)" || exit
while read -r module; do insmod "$module" 2> /dev/null; done < order
`;

/** Returns the tree of a medium with that base. */
export function toolTree(): Tree {
  return { "sysresccd/x86_64/airootfs.sfs": { file: makeToolBase() } };
}

/** Returns the path of the base's image, made once for each build of the program. */
export function makeToolBase(): string {
  const base = makeBase();
  const kernels = [discoverKernel(), findUmlKernel()].filter((kernel) => kernel !== undefined);
  return makeOnce({
    name: "base-tools",
    inputs: [
      base,
      ...kernels.map(({ version }) => version),
      readFileSync(binary),
      readFileSync("test/machines/guest/tool-base.ts"),
    ],
    make: (path) =>
      withTemporary((directory) => {
        const root = join(directory, "root");
        runTool(["unsquashfs", "-quiet", "-no-progress", "-dest", root, base]);
        copyInto(root, "/usr/bin/backstore", binary);
        for (const tool of tools) copyTool(root, tool);
        for (const kernel of kernels) {
          copyModules(root, kernel);
          installDriver(root, kernel);
        }
        writeFileSync(join(root, "bin/load-modules"), loadModules);
        chmodSync(join(root, "bin/load-modules"), 0o755);
        const pack = ["-comp", "zstd", "-all-root", "-no-progress", "-quiet"];
        runTool(["mksquashfs", root, path, ...pack]);
      }),
  });
}

/** Copies a tool of this machine below `root`, with its libraries. */
export function copyTool(root: string, tool: string): void {
  const path = runTool(["which", tool]).trim();
  copyInto(root, path, path);
  for (const [, library = ""] of runTool(["ldd", path]).matchAll(/(\/\S+) \(0x/g))
    copyInto(root, library, library);
}

function copyModules(root: string, kernel: Kernel): void {
  const to = join(root, "modules", kernel.version);
  mkdirSync(to, { recursive: true });
  // Modules that are built into a kernel, or missing, have no file.
  const files = readFileSync(join(kernel.modules, "modules.dep"), "utf8");
  const there = modules.filter((name) => files.includes(`/${name}.ko`));
  const needed = [...new Set(there.flatMap((name) => findModules(kernel, name)))];
  for (const file of needed) copyFileSync(file, join(to, basename(file)));
  writeFileSync(join(to, "order"), needed.map((file) => `${basename(file)}\n`).join(""));
}

/** Installs the driver of f2fs where a distribution has it. */
function installDriver(root: string, kernel: Kernel): void {
  const to = join(root, "lib/modules", kernel.version);
  mkdirSync(to, { recursive: true });
  for (const file of findModules(kernel, "f2fs")) {
    copyFileSync(file, join(to, basename(file)));
    if (!file.endsWith(".xz")) runTool(["xz", "--check=crc32", basename(file)], { directory: to });
  }
  runTool(["depmod", "-b", root, kernel.version]);
}

function copyInto(root: string, to: string, from: string): void {
  mkdirSync(dirname(join(root, to)), { recursive: true });
  copyFileSync(from, join(root, to));
}
