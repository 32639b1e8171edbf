// The limit for booting: an initramfs made by hand for one machine, which does nothing but the
// mounts. A busybox script, and the few modules that this machine needs, uncompressed and loaded by
// insmod in their order; those of a store's file system only if there is a store.

import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { makeOnce } from "../scripts/lib/cache.ts";
import { runTool } from "../scripts/lib/tool.ts";
import { withTemporary } from "../test/machines/guest/base.ts";
import type { Kernel } from "../test/machines/guest/kernel.ts";

const wanted = {
  modules: [
    ...["virtio_pci", "virtio_blk", "vfat", "nls_cp437", "nls_ascii", "loop", "squashfs"],
    "overlay",
  ],
  "store-modules": ["crc32c_generic", "ext4"],
};
const busybox = "/bin/busybox";

/**
 * Returns the path of the hand-made initramfs for virtio disks, a vfat medium and an ext4 store,
 * made once.
 */
export function makeHandMade(kernel: Kernel): string {
  return makeOnce({
    name: "hand-made",
    inputs: [
      kernel.version,
      readFileSync(busybox),
      readFileSync("bench/hand-made.sh"),
      JSON.stringify(wanted),
    ],
    make: (path) => withTemporary((root) => packHandMade(kernel, root, path)),
  });
}

function packHandMade(kernel: Kernel, root: string, path: string): void {
  for (const name of ["bin", "dev", "proc", "sys", "run", "root", ...Object.keys(wanted)])
    mkdirSync(join(root, name));
  copyFileSync(busybox, join(root, "bin/busybox"));
  symlinkSync("busybox", join(root, "bin/sh"));
  copyFileSync("bench/hand-made.sh", join(root, "init"));
  chmodSync(join(root, "init"), 0o755);
  for (const [place, names] of Object.entries(wanted))
    listModules(kernel, names).forEach((module, index) => {
      const name = `${String(index).padStart(2, "0")}-${basename(module)}`;
      copyModule(module, join(root, place, name));
    });
  writeFileSync(path, "");
  const script =
    'cd "$1" && find . | LC_ALL=C sort | cpio --quiet -o -H newc -R 0:0 | zstd -q -19 -f -o "$2"';
  runTool(["sh", "-euc", script, "sh", root, path]);
}

// Dependencies come first, each once.
function listModules(kernel: Kernel, names: readonly string[]): string[] {
  const dependencies = new Map<string, readonly string[]>();
  for (const line of readFileSync(join(kernel.modules, "modules.dep"), "utf8").split("\n")) {
    const [file, rest] = line.split(":");
    if (file && rest !== undefined) dependencies.set(file, rest.trim().split(" ").filter(Boolean));
  }
  const files = new Set<string>();
  for (const name of names) {
    const file = [...dependencies.keys()].find(
      (key) =>
        basename(key)
          .replace(/\.ko.*/, "")
          .replaceAll("-", "_") === name,
    );
    if (file === undefined) continue;
    for (const one of [...(dependencies.get(file) ?? [])].reverse()) files.add(one);
    files.add(file);
  }
  return [...files].map((file) => join(kernel.modules, file));
}

function copyModule(from: string, to: string): void {
  copyFileSync(from, to);
  if (from.endsWith(".xz")) runTool(["unxz", to]);
  if (from.endsWith(".zst")) runTool(["unzstd", "-q", "--rm", to]);
}
