// The kernel that guests boot: the one of the Debian release that this machine runs, unpacked from its package and
// never installed. Kept under build/cache/kernel-RELEASE; delete that directory to get a newer one.

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { cacheDirectory } from "../../scripts/lib/cache.ts";
import { runTool } from "../../scripts/lib/tool.ts";

/** Is one unpacked kernel. */
export interface Kernel {
  /** "6.1.0-56-amd64". */
  readonly version: string;
  readonly vmlinuz: string;
  /** A lib/modules/VERSION with its modules.dep. */
  readonly modules: string;
}

/** Gives the kernel of this machine's Debian release, fetched on first use. */
export function discoverKernel(): Kernel {
  const directory = join(cacheDirectory, `kernel-${readRelease()}`);
  const stamp = join(directory, "package");
  if (!existsSync(stamp)) fetchKernel(directory);
  const version = readdirSync(join(directory, "lib/modules"))[0];
  if (version === undefined) throw new Error(`Cannot find a kernel in "${directory}": no modules`);
  return {
    version,
    vmlinuz: join(directory, `boot/vmlinuz-${version}`),
    modules: join(directory, "lib/modules", version),
  };
}

function readRelease(): string {
  const match = /^VERSION_ID="?(\d+)"?$/m.exec(readFileSync("/etc/os-release", "utf8"));
  return match?.[1] ?? "unknown";
}

function fetchKernel(directory: string): void {
  mkdirSync(cacheDirectory, { recursive: true });
  const beside = mkdtempSync(join(cacheDirectory, ".kernel-"));
  try {
    // The package that depends on the newest kernel is empty; the kernel itself is its one dependency.
    const depends = runTool(["apt-cache", "depends", "--important", "linux-image-amd64"]);
    const name = /Depends: (linux-image-\S+)/.exec(depends)?.[1];
    if (name === undefined)
      throw new Error("Cannot find a kernel: linux-image-amd64 is unknown to apt");
    runTool(["apt-get", "-qq", "download", name], { directory: beside });
    const file = readdirSync(beside).find((entry) => entry.endsWith(".deb")) ?? "";
    const root = join(beside, "root");
    runTool(["dpkg-deb", "-x", join(beside, file), root]);
    // Newer packages hold usr/lib/modules and trust that /lib is a link.
    if (!existsSync(join(root, "lib"))) symlinkSync("usr/lib", join(root, "lib"));
    runTool(["depmod", "-b", root, name.replace("linux-image-", "")]);
    writeFileSync(join(root, "package"), `${file}\n`);
    rmSync(directory, { recursive: true, force: true });
    renameSync(root, directory);
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
}
