// A real live Linux of Debian's packages: kernel, systemd, apt. Made once, as a directory of what a medium needs; the
// machine's own archive, suite and keys are used.

import { copyFileSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { withTemporary } from "../test/boot/base.ts";
import { makeOnce } from "./lib/cache.ts";
import { runTool } from "./lib/tool.ts";

/** Is a live system, ready to be put on a medium. */
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

const included = ["linux-image-amd64", "systemd-sysv", "udev", "kmod", "procps", "less"];
const extra = "hello";
const guestFiles = {
  "test/boot/guest-facts.sh": "usr/lib/guest-facts.sh",
  "scripts/demo-guest.sh": "usr/local/sbin/demo-guest",
  "bench/bench-guest.sh": "usr/local/sbin/bench-guest",
  "scripts/demo-guest.service": "etc/systemd/system/demo-guest.service",
} as const;

/** Gives the live system, made on first use, which `announce` is told before. */
export function makeLiveSystem(announce: () => void = () => {}): LiveSystem {
  const directory = makeOnce({
    name: "live-system",
    inputs: [
      readFileSync("scripts/live-system.ts"),
      readFileSync("/etc/os-release"),
      ...Object.keys(guestFiles).map((file) => readFileSync(file)),
    ],
    make: (path) => {
      announce();
      withTemporary((root) => buildLiveSystem(root, path));
    },
  });
  const version = readdirSync(join(directory, "modules"))[0] ?? "";
  return {
    base: join(directory, "airootfs.sfs"),
    vmlinuz: join(directory, "vmlinuz"),
    modules: join(directory, "modules", version),
    version,
    package: join(directory, "package.deb"),
  };
}

function buildLiveSystem(temporary: string, path: string): void {
  const { suite, sources } = readSources();
  const root = join(temporary, "root");
  // INITRD=No: Debian's own initramfs would take a minute to make and never be used.
  runTool(
    [
      "mmdebstrap",
      "--mode=root",
      "--variant=minbase",
      `--include=${included.join()}`,
      ...hooks(),
      suite,
      root,
      ...sources,
    ],
    {
      environment: { INITRD: "No", SOURCE_DATE_EPOCH: "1700000000" },
    },
  );
  for (const [from, to] of Object.entries(guestFiles)) {
    runTool(["install", "-D", "-m", to.includes("sbin/") ? "755" : "644", from, join(root, to)]);
  }
  const wants = join(root, "etc/systemd/system/multi-user.target.wants");
  mkdirSync(wants, { recursive: true });
  symlinkSync("../demo-guest.service", join(wants, "demo-guest.service"));
  mkdirSync(path);
  const version = readdirSync(join(root, "lib/modules"))[0] ?? "";
  copyFileSync(join(root, "boot", `vmlinuz-${version}`), join(path, "vmlinuz"));
  mkdirSync(join(path, "modules"));
  runTool(["cp", "-a", join(root, "lib/modules", version), join(path, "modules")]);
  runTool([
    "mksquashfs",
    root,
    join(path, "airootfs.sfs"),
    "-comp",
    "zstd",
    "-no-progress",
    "-quiet",
    "-wildcards",
    "-e",
    "boot/*",
  ]);
  runTool(["apt-get", "-qq", "download", extra], { directory: path });
  const deb = readdirSync(path).find((name) => name.endsWith(".deb")) ?? "";
  runTool(["mv", join(path, deb), join(path, "package.deb")]);
}

// A live image starts without an identity of its own, and says who it is.
function hooks(): string[] {
  return [
    '--customize-hook=echo live > "$1/etc/hostname"',
    '--customize-hook=: > "$1/etc/machine-id"',
    '--customize-hook=passwd --root "$1" --delete root',
  ];
}

function readSources(): { readonly suite: string; readonly sources: readonly string[] } {
  const format = "$(REPO_URI) $(CODENAME) $(COMPONENT) $(ORIGIN)";
  const lines = runTool(["apt-get", "indextargets", "--format", format, "Created-By: Packages"])
    .trim()
    .split("\n");
  const debian = lines
    .map((line) => line.split(" "))
    .filter(([, , component, origin]) => component === "main" && origin === "Debian");
  const suite = debian
    .map(([, codename = ""]) => codename)
    .find((codename) => !codename.includes("-"));
  if (suite === undefined)
    throw new Error("Cannot make a live system: this machine's apt knows no Debian archive");
  const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
  return {
    suite,
    sources: debian.map(([uri, codename]) => `deb [signed-by=${keyring}] ${uri} ${codename} main`),
  };
}
