// File systems as a power failure leaves them: a guest of their own writes to them, with a file
// open and deleted, and is killed in the middle of it (test/machines/disks/cut-off.sh). Nothing of
// ours runs in it. Each is the host of a used store.

import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { makeOnce } from "../../../scripts/lib/cache.ts";
import { runTool } from "../../../scripts/lib/tool.ts";
import { chooseAccelerator } from "../accelerator.ts";
import { withTemporary } from "../guest/base.ts";
import { discoverKernel, type Kernel } from "../guest/kernel.ts";
import { unpackKernel } from "../guest/vmlinux.ts";
import { formatMachine } from "../machine.ts";
import { writeHost } from "./hosts.ts";
import { makeUsedStore } from "./store-files.ts";

/** The file systems that have something to replay after a power failure. */
export const loggedTypes = ["ext4", "xfs", "btrfs"] as const;

export type LoggedType = (typeof loggedTypes)[number];

/**
 * Returns the path of a host of that type as it was before the guest wrote to it; its label is
 * "whole-TYPE".
 */
export function makeWhole(type: LoggedType): string {
  return makeOnce({
    name: `whole-${type}`,
    inputs: [type, readFileSync(makeUsedStore()), "1"],
    make: (path) => writeLabelled(path, type, "whole"),
  });
}

/**
 * Returns the path of a host of that type that was interrupted while writing; its label is
 * "cut-TYPE".
 */
export function makeCutOff(type: LoggedType): string {
  const kernel = discoverKernel();
  const directory = makeOnce({
    name: "cut-off",
    inputs: [
      readFileSync("test/machines/disks/cut-off.sh"),
      readFileSync("test/machines/disks/cut-off.ts"),
      readFileSync(makeUsedStore()),
      kernel.version,
    ],
    make: (path) => {
      mkdirSync(path);
      for (const each of loggedTypes) writeLabelled(join(path, `${each}.img`), each, "cut");
      withTemporary((scratch) => runUntilCut(kernel, { directory: path, scratch }));
    },
  });
  return join(directory, `${type}.img`);
}

function writeLabelled(path: string, type: LoggedType, label: string): void {
  const tree = { "sysrcd.bs": { file: makeUsedStore() } };
  writeHost({ type, label: `${label}-${type}`, path, tree });
}

function runUntilCut(
  kernel: Kernel,
  { directory, scratch }: { directory: string; scratch: string },
): void {
  const vmlinux = unpackKernel(kernel.vmlinuz);
  const log = join(scratch, "console.log");
  const [program = "", ...rest] = formatMachine({
    starts: {
      kernel: vmlinux,
      initramfs: writeInitramfs(kernel, scratch),
      cmdline: "console=ttyS0,115200 panic=1 quiet no_timer_check rdinit=/cut-off",
    },
    disks: loggedTypes.map((name) => ({ name, file: join(directory, `${name}.img`) })),
    memoryMegabytes: 512,
    accelerator: chooseAccelerator(vmlinux),
    console: log,
    facts: "/dev/null",
  });
  spawnSync(program, rest, { timeout: 120_000, killSignal: "SIGKILL", stdio: "ignore" });
  const said = readFileSync(log, "utf8");
  if (!said.includes("cut off") || said.includes("no mount"))
    throw new Error(`Cannot make file systems that were cut off: the guest said\n${said}`);
}

const modules = ["virtio_pci", "virtio_blk", "crc32c_generic", ...loggedTypes];

function writeInitramfs(kernel: Kernel, scratch: string): string {
  const root = join(scratch, "root");
  const to = join(root, "modules");
  mkdirSync(to, { recursive: true });
  mkdirSync(join(root, "bin"));
  copyFileSync("/bin/busybox", join(root, "bin/busybox"));
  copyFileSync("test/machines/disks/cut-off.sh", join(root, "cut-off"));
  chmodSync(join(root, "cut-off"), 0o755);
  const files = [...new Set(modules.flatMap((name) => findModules(kernel, name)))];
  for (const file of files) copyFileSync(file, join(to, basename(file)));
  runTool(["bash", "-c", "shopt -s nullglob; for f in *.xz; do xz -d $f; done"], { directory: to });
  const order = files.map((file) => basename(file).replace(/\.xz$/, ""));
  writeFileSync(join(to, "order"), `${order.join("\n")}\n`);
  const archive = join(scratch, "initramfs");
  runTool(["bash", "-c", `find . | cpio --quiet -o -H newc > ${archive}`], { directory: root });
  return archive;
}

/**
 * Returns the files of a module and of everything it needs, in the order to load them; built-in
 * modules have no file.
 */
export function findModules({ modules: directory, version }: Kernel, name: string): string[] {
  // modprobe wants lib/modules/VERSION, which not every kernel's directory is.
  return withTemporary((root) => {
    mkdirSync(join(root, "lib/modules"), { recursive: true });
    const at = join(root, "lib/modules", version);
    symlinkSync(directory, at);
    const said = runTool(["modprobe", "-d", root, "-S", version, "--show-depends", name]);
    return said
      .split("\n")
      .flatMap((line) => /^insmod (\S+)/.exec(line)?.[1]?.replace(at, directory) ?? []);
  });
}
