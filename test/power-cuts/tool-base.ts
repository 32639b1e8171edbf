// The tiny base with what `create` and `grow` need besides: the program itself, e2fsprogs with
// their libraries, and modules that the session's own devices do not request (load-modules).

import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { makeOnce } from "../../scripts/lib/cache.ts";
import { runTool } from "../../scripts/lib/tool.ts";
import { findModules } from "../machines/disks/cut-off.ts";
import { makeBase, withTemporary } from "../machines/guest/base.ts";
import { binary } from "../machines/guest/initramfs.ts";
import type { Kernel } from "../machines/guest/kernel.ts";

const tools = ["mkfs.ext4", "e2fsck", "resize2fs", "e2image"];
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
while read -r module; do insmod "/modules/$module" 2> /dev/null; done < /modules/order
`;

/** Returns the path of the base's image, made once for each build of the program. */
export function makeToolBase(kernel: Kernel): string {
  const base = makeBase();
  return makeOnce({
    name: "base-tools",
    inputs: [
      base,
      kernel.version,
      readFileSync(binary),
      readFileSync("test/power-cuts/tool-base.ts"),
    ],
    make: (path) =>
      withTemporary((directory) => {
        const root = join(directory, "root");
        runTool(["unsquashfs", "-quiet", "-no-progress", "-dest", root, base]);
        copyInto(root, "/usr/bin/backstore", binary);
        for (const tool of tools) copyTool(root, tool);
        copyModules(root, kernel);
        writeFileSync(join(root, "bin/load-modules"), loadModules);
        chmodSync(join(root, "bin/load-modules"), 0o755);
        const pack = ["-comp", "zstd", "-all-root", "-no-progress", "-quiet"];
        runTool(["mksquashfs", root, path, ...pack]);
      }),
  });
}

function copyTool(root: string, tool: string): void {
  const path = runTool(["which", tool]).trim();
  copyInto(root, path, path);
  for (const [, library = ""] of runTool(["ldd", path]).matchAll(/(\/\S+) \(0x/g))
    copyInto(root, library, library);
}

function copyModules(root: string, kernel: Kernel): void {
  const to = join(root, "modules");
  mkdirSync(to);
  // Modules that are built into a kernel, or missing, have no file.
  const files = readFileSync(join(kernel.modules, "modules.dep"), "utf8");
  const there = modules.filter((name) => files.includes(`/${name}.ko`));
  const needed = [...new Set(there.flatMap((name) => findModules(kernel, name)))];
  for (const file of needed) copyFileSync(file, join(to, basename(file)));
  writeFileSync(join(to, "order"), needed.map((file) => `${basename(file)}\n`).join(""));
}

function copyInto(root: string, to: string, from: string): void {
  mkdirSync(dirname(join(root, to)), { recursive: true });
  copyFileSync(from, join(root, to));
}
