// A real live Linux of Debian's packages: kernel, systemd, apt, the tools of its file systems, and
// backstore, as a distributor would include it. The machine's own archive, suite and keys are used.
// The installed system, which takes long, is made once; packing it with today's backstore takes a
// second or two.

import { copyFileSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { makeTell } from "../test/machines/guest/tell.ts";
import { makeOnce } from "./lib/cache.ts";
import { readArchive } from "./lib/debian-archive.ts";
import { runTool } from "./lib/tool.ts";

/** A live system, ready for a medium. */
export interface LiveSystem {
  /** The squashfs of the root. */
  readonly base: string;
  readonly vmlinuz: string;
  /** A lib/modules/VERSION. */
  readonly modules: string;
  readonly version: string;
  /** A package that is not in it, as a .deb file. */
  readonly package: string;
}

const included = [
  ...["linux-image-amd64", "systemd-sysv", "udev", "kmod", "procps", "less"],
  ...["e2fsprogs", "xfsprogs", "btrfs-progs"],
];
const extra = "hello";

// No guest of ours has the hardware or readers for these: half of the system by size, and most of
// the time to install it. The initramfs packs the same modules without them.
const leftOut = [
  ...["drivers/gpu", "drivers/media", "drivers/net", "drivers/infiniband", "drivers/iio"].map(
    inKernel,
  ),
  ...["drivers/staging", "drivers/bluetooth", "drivers/isdn", "drivers/hwmon", "sound"].map(
    inKernel,
  ),
  ...["net/bluetooth", "net/mac80211", "net/wireless"].map(inKernel),
  ...["doc", "man", "info", "locale"].map((name) => `/usr/share/${name}/*`),
  // Only xfs_scrub uses it.
  "/usr/lib/*/libicudata.so.*",
];

/** Paths in the live system and our files for them, and whether each is a program. */
const ours = () => ({
  "usr/sbin/backstore": { file: "dist/backstore", mode: "0755" },
  "usr/lib/guest-facts.sh": { file: "test/machines/guest/guest-facts.sh", mode: "0644" },
  "usr/bin/tell": { file: makeTell(), mode: "0755" },
  "usr/local/sbin/demo-guest": { file: "scripts/demo-guest.sh", mode: "0755" },
  "usr/local/sbin/bench-guest": { file: "bench/bench-guest.sh", mode: "0755" },
  "etc/systemd/system/systemd-udev-trigger.service.d/disks.conf": {
    file: "scripts/live-udev-trigger.conf",
    mode: "0644",
  },
  "etc/systemd/system/demo-guest.service": { file: "scripts/demo-guest.service", mode: "0644" },
});

const links = {
  "usr/sbin/sysresccd-backstore": "backstore",
  "etc/systemd/system/multi-user.target.wants/demo-guest.service": "../demo-guest.service",
  // Terminals and housekeeping that no guest of ours has a use for.
  ...Object.fromEntries(
    ["getty-static", "e2scrub_reap", "systemd-update-utmp", "systemd-sysusers"].map((name) => [
      `etc/systemd/system/${name}.service`,
      "/dev/null",
    ]),
  ),
} as const;

/**
 * Returns the live system, made on first use; `announce` is called before the part that takes long.
 */
export function makeLiveSystem(announce: () => void = () => {}): LiveSystem {
  const installed = makeInstalled(announce);
  const directory = makeOnce({
    name: "live-system",
    inputs: [
      installed,
      JSON.stringify({ ours: ours(), links }),
      ...Object.values(ours()).map(({ file }) => readFileSync(file)),
    ],
    make: (path) => packLiveSystem(installed, path),
  });
  const version = readVersion(directory, "modules");
  return {
    base: join(directory, "airootfs.sfs"),
    vmlinuz: join(directory, "vmlinuz"),
    modules: join(directory, "modules", version),
    version,
    package: join(directory, "package.deb"),
  };
}

/**
 * Returns a directory with the installed system in "root", and the package that is not in it, made
 * on first use.
 */
export function makeInstalled(announce: () => void = () => {}): string {
  const { suite, sources } = readArchive();
  return makeOnce({
    name: "live-root",
    inputs: [JSON.stringify({ included, leftOut, hooks, extra, suite, sources })],
    make: (path) => {
      announce();
      mkdirSync(path);
      runTool(
        [
          "mmdebstrap",
          ...["--mode=root", "--variant=minbase", `--include=${included.join()}`],
          ...leftOut.map((pattern) => `--dpkgopt=path-exclude=${pattern}`),
          ...hooks.map((command) => `--customize-hook=${command}`),
          suite,
          join(path, "root"),
          ...sources,
        ],
        // INITRD=No: Debian's own initramfs would take a minute to make and never be used.
        { environment: { INITRD: "No", SOURCE_DATE_EPOCH: "1700000000" } },
      );
      runTool(["apt-get", "-qq", "download", extra], { directory: path });
      const deb = readdirSync(path).find((name) => name.endsWith(".deb")) ?? "";
      runTool(["mv", join(path, deb), join(path, "package.deb")]);
    },
  });
}

// A live image starts without an identity of its own, and with a description.
const hooks = [
  'echo live > "$1/etc/hostname"',
  ': > "$1/etc/machine-id"',
  'passwd --root "$1" --delete root',
];

function packLiveSystem(installed: string, path: string): void {
  const root = join(installed, "root");
  const version = readVersion(root, "lib/modules");
  mkdirSync(path);
  copyFileSync(join(root, "boot", `vmlinuz-${version}`), join(path, "vmlinuz"));
  copyFileSync(join(installed, "package.deb"), join(path, "package.deb"));
  mkdirSync(join(path, "modules"));
  runTool(["cp", "-al", join(root, "lib/modules", version), join(path, "modules")]);
  runTool([
    ...["mksquashfs", root, join(path, "airootfs.sfs"), "-no-progress", "-quiet"],
    // A level that packs in seconds; the default takes twenty times as long for a sixth less.
    ...["-comp", "zstd", "-Xcompression-level", "3"],
    ...["-p", "etc/systemd/system/systemd-udev-trigger.service.d d 0755 0 0"],
    ...Object.entries(ours()).flatMap(([to, { file, mode }]) => [
      "-p",
      `${to} f ${mode} 0 0 cat ${file}`,
    ]),
    ...Object.entries(links).flatMap(([from, to]) => ["-p", `${from} s 0777 0 0 ${to}`]),
    // Everything after -e is excluded, so it is the last.
    ...["-wildcards", "-e", "boot/*"],
  ]);
}

function inKernel(directory: string): string {
  return `/lib/modules/*/kernel/${directory}/*`;
}

function readVersion(directory: string, name: string): string {
  return readdirSync(join(directory, name))[0] ?? "";
}
