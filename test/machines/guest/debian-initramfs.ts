// The real initramfs of Debian's releases, with the add-on behind it. Each release's generators,
// initramfs-tools with live-boot and dracut with dmsquash-live, are unpacked into one root, and run
// there: nothing is configured, which takes half as long and is all that they need.

import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { makeOnce } from "../../../scripts/lib/cache.ts";
import { readArchiveOf } from "../../../scripts/lib/debian-archive.ts";
import { runTool } from "../../../scripts/lib/tool.ts";
import { makePackages } from "../../package/packages.ts";
import type { Kernel } from "./kernel.ts";

/** An initramfs of a release of Debian, by what made it. */
export interface DebianInitramfs {
  readonly generator: "live-boot" | "dracut" | "dracut-systemd";
  readonly release: "bookworm" | "trixie";
  /** Set if our package is installed where it is generated; otherwise the add-on is behind it. */
  readonly isInside?: true;
}

const addon = resolve("dist/backstore-addon.img");
const script = "test/machines/guest/make-debian-initramfs.sh";
/** What the guest's distribution writes into its root before it hands over. */
const early = "test/machines/guest/early-writes.sh";

const packages = [
  ...["live-boot", "live-boot-initramfs-tools", "initramfs-tools", "busybox"],
  ...["dracut-core", "dracut-live", "dmsetup", "systemd-sysv", "udev", "kmod"],
];
const leftOut = ["doc", "man", "locale"].map((name) => `/usr/share/${name}/*`);

/** Returns the path of an initramfs for a kernel with the program in or behind it; made once. */
export function makeDebianInitramfs(wanted: DebianInitramfs, kernel: Kernel): string {
  const initramfs = generate(wanted, kernel);
  if (wanted.isInside) return initramfs;
  return makeOnce({
    name: `${wanted.generator}-${wanted.release}-addon`,
    inputs: [initramfs, readFileSync(addon)],
    make: (path) =>
      writeFileSync(path, Buffer.concat([readFileSync(initramfs), readFileSync(addon)])),
  });
}

/** Returns the path of such an initramfs alone. */
export function generate(
  { generator, release, isInside }: DebianInitramfs,
  { version, modules }: Kernel,
): string {
  const root = makeGenerators(release);
  const inside = isInside ? [makePackages().deb] : [];
  const files = [script, early, ...inside];
  return makeOnce({
    name: `${generator}-${release}${isInside ? "-inside" : ""}`,
    inputs: [basename(root), version, ...files.map((file) => readFileSync(file))],
    make: (path) => {
      const argv = [script, generator, root, modules, early, resolve(path), ...inside];
      runTool(["unshare", "--mount", "--propagation", "private", ...argv]);
    },
  });
}

/** Returns the root with the generators of a release, made once. */
function makeGenerators(release: string): string {
  const { suite, sources } = readArchiveOf(release);
  return makeOnce({
    name: `generators-${release}`,
    inputs: [JSON.stringify({ packages, leftOut, mergeUsr, suite, sources })],
    make: (path) => {
      runTool([
        "mmdebstrap",
        ...["--mode=root", "--variant=extract", "--format=directory"],
        ...["--include=?essential", `--include=${packages.join()}`],
        ...leftOut.map((pattern) => `--dpkgopt=path-exclude=${pattern}`),
        `--setup-hook=${mergeUsr}`,
        ...[suite, path, ...sources],
      ]);
      for (const name of ["passwd", "group"])
        copyFileSync(join(path, `usr/share/base-passwd/${name}.master`), join(path, "etc", name));
    },
  });
}

/** Packages of Debian 12 rely on an installer for these links; later ones have them. */
const mergeUsr =
  'for name in bin sbin lib lib64; do mkdir -p "$1/usr/$name"; ln -s "usr/$name" "$1/$name"; done';
