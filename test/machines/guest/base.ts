// The tiny system that scenarios boot: busybox, a first program that prints facts, and files for a
// guest to change. A boot takes seconds with it, and every file in it is known.

import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { makeOnce } from "../../../scripts/lib/cache.ts";
import { runTool } from "../../../scripts/lib/tool.ts";
import { makeTell } from "./tell.ts";

const busybox = "/bin/busybox";
const programs = {
  "sbin/init": "guest/guest-init.sh",
  "sbin/other-init": "guest/guest-init.sh",
  "bin/list-tree": "disks/list-tree.sh",
  "lib/guest-facts.sh": "guest/guest-facts.sh",
};

/** The base's own files and their contents; guests edit, replace, rename and delete these. */
export const baseFiles: Readonly<Record<string, string>> = {
  "etc/motd": "as it came\n",
  "etc/base": "tiny base 1\n",
  // systemd in an initramfs does not start a system without it.
  "etc/os-release": "ID=tiny\n",
  "usr/local/bin/tool": "#!/bin/sh\necho the old tool\n",
  "srv/gone.txt": "to be deleted\n",
  "srv/gone/one": "1\n",
  "srv/gone/two": "2\n",
  "srv/opaque/old": "from the base\n",
  "srv/from/a": "a\n",
  "srv/from/deep/b": "b\n",
  "srv/mode": "only its mode changes\n".repeat(4000),
  "srv/link-target": "pointed at\n",
};

/**
 * The form of the base's image: a squashfs or erofs of the root, or a squashfs around an ext4 file
 * system of it (Fedora).
 */
export type BaseKind = "squashfs" | "erofs" | "nested-squashfs" | "nested-erofs";

/** Returns the path of the tiny base's image, made once; `more` programs are in it. */
export function makeBase(
  kind: BaseKind = "squashfs",
  more: Readonly<Record<string, string>> = {},
): string {
  const sources = [...new Set(Object.values(programs))].map((name) =>
    readFileSync(join("test/machines", name)),
  );
  return makeOnce({
    name: `base-${kind}`,
    inputs: [
      ...[kind, readFileSync(busybox), JSON.stringify([baseFiles, more]), makeTell(), ...sources],
    ],
    make: (path) => withTemporary((directory) => makeImage({ kind, more, directory }, path)),
  });
}

/** Passes `use` a temporary directory, which is removed afterwards. */
export function withTemporary<T>(use: (directory: string) => T): T {
  const directory = mkdtempSync(join(tmpdir(), "backstore-"));
  try {
    return use(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function makeImage(
  {
    kind,
    more,
    directory,
  }: { kind: BaseKind; more: Readonly<Record<string, string>>; directory: string },
  path: string,
): void {
  const root = join(directory, "root");
  makeRoot(root);
  for (const [name, text] of Object.entries(more)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text, { mode: 0o755 });
  }
  if (!kind.startsWith("nested")) {
    packImage(kind, root, path);
    return;
  }
  const nested = join(directory, "nested/LiveOS/rootfs.img");
  mkdirSync(dirname(nested), { recursive: true });
  runTool(["mkfs.ext4", "-q", "-d", root, "-L", "Anaconda", nested, "16M"]);
  packImage(kind.replace("nested-", ""), join(directory, "nested"), path);
}

function packImage(kind: string, root: string, path: string): void {
  if (kind === "erofs") runTool(["mkfs.erofs", "-zlz4", path, root]);
  else runTool(["mksquashfs", root, path, "-comp", "zstd", "-all-root", "-no-progress", "-quiet"]);
}

function makeRoot(root: string): void {
  for (const name of ["bin", "sbin", "lib", "dev", "proc", "sys", "run", "tmp", "mnt"]) {
    mkdirSync(join(root, name), { recursive: true });
  }
  copyFileSync(busybox, join(root, "bin/busybox"));
  for (const applet of runTool([busybox, "--list"]).trim().split("\n")) {
    if (applet !== "busybox" && applet !== "init")
      symlinkSync("busybox", join(root, "bin", applet));
  }
  for (const [to, from] of Object.entries(programs)) {
    copyFileSync(join("test/machines", from), join(root, to));
    chmodSync(join(root, to), 0o755);
  }
  for (const [name, text] of Object.entries(baseFiles)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  chmodSync(join(root, "usr/local/bin/tool"), 0o755);
  symlinkSync("link-target", join(root, "srv/link"));
  copyFileSync(makeTell(), join(root, "bin/tell"));
}
