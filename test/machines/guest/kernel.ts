// The kernels that guests boot. In QEMU it is the one of this machine's Debian release, unpacked
// from its package and never installed; User Mode Linux is the same kernel as a program. Kept under
// build/cache/kernel-RELEASE; delete that directory to get a newer one.

import { spawnSync } from "node:child_process";
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
import { join, resolve } from "node:path";
import { cacheDirectory } from "../../../scripts/lib/cache.ts";
import { runTool } from "../../../scripts/lib/tool.ts";

/** One unpacked kernel. */
export interface Kernel {
  /** "6.1.0-56-amd64". */
  readonly version: string;
  readonly vmlinuz: string;
  /** A lib/modules/VERSION with its modules.dep. */
  readonly modules: string;
}

/** Returns the kernel of this machine's Debian release, fetched on first use. */
export function discoverKernel(): Kernel {
  return openKernel(`kernel-${readRelease()}`, ["bash", "-c", fetchPackage]);
}

/** Returns the kernel of Debian 13, whose modules are .ko.xz, whatever release this machine has. */
export function discoverStableKernel(): Kernel {
  const program = [resolve("scripts/debian-apt"), "deb", "trixie", ".", "bash", "-c", fetchPackage];
  return openKernel("kernel-trixie", program);
}

/**
 * Returns the kernel that is a program, of the package user-mode-linux; undefined if there is none.
 */
export function findUmlKernel(): Kernel | undefined {
  const program = "/usr/bin/linux.uml";
  const version = spawnSync(program, ["--version"], { encoding: "utf8" }).stdout?.trim();
  if (!version) return undefined;
  return { version, vmlinuz: program, modules: join("/usr/lib/uml/modules", version) };
}

// The package that depends on the newest kernel is empty; the kernel itself is its only dependency.
const fetchPackage = `set -e
find_name() { apt-cache depends --important linux-image-amd64 | sed -n 's/.*Depends: \\(linux-image-[0-9].*\\)/\\1/p'; }
name=$(find_name)
[ -n "$name" ] || { apt-get update -qq; name=$(find_name); }
apt-get download -qq "$name"`;

function openKernel(name: string, fetch: readonly string[]): Kernel {
  const directory = join(cacheDirectory, name);
  if (!existsSync(join(directory, "package"))) fetchKernel(directory, fetch);
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

function fetchKernel(directory: string, fetch: readonly string[]): void {
  mkdirSync(cacheDirectory, { recursive: true });
  const beside = mkdtempSync(join(cacheDirectory, ".kernel-"));
  try {
    runTool(fetch, { directory: beside });
    const file = readdirSync(beside).find((entry) => entry.endsWith(".deb")) ?? "";
    const root = join(beside, "root");
    runTool(["dpkg-deb", "-x", join(beside, file), root]);
    // Newer packages contain usr/lib/modules and assume that /lib is a link.
    if (!existsSync(join(root, "lib"))) symlinkSync("usr/lib", join(root, "lib"));
    runTool(["depmod", "-b", root, ...readdirSync(join(root, "lib/modules"))]);
    writeFileSync(join(root, "package"), `${file}\n`);
    rmSync(directory, { recursive: true, force: true });
    renameSync(root, directory);
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
}
