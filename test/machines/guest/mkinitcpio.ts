// An initramfs of our own that keeps to the interface of mkinitcpio(8), with the add-on behind it:
// what real ones do at the same places was compared by hand.

import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { makeOnce } from "../../../scripts/lib/cache.ts";
import { runTool } from "../../../scripts/lib/tool.ts";
import { type CpioEntry, formatCpio } from "../../../src/core/initramfs/cpio.ts";
import { withDirectories } from "../../../src/core/initramfs/initramfs-contents.ts";
import { parseDependencies } from "../../../src/core/modules/module-files.ts";
import type { Kernel } from "./kernel.ts";

const addon = resolve("dist/backstore-addon.img");
const busybox = "/bin/busybox";
const scripts = "test/machines/guest/mkinitcpio";

/** As the generator writes it for HOOKS=(live shutdown). */
const config = 'EARLYHOOKS=""\nHOOKS="live"\nLATEHOOKS="live"\nCLEANUPHOOKS="shutdown"\n';

/** What the hook loads, if the kernel has it as a module. */
const modules = [
  ...["loop", "squashfs", "overlay", "vfat", "nls_cp437", "nls_ascii", "nls_iso8859_1"],
  ...["ext4", "virtio_pci", "virtio_blk", "crc32c_generic", "isofs", "virtio_scsi", "sr_mod"],
];

/** Returns the path of the initramfs for a kernel, followed by the add-on; made once. */
export function makeMkinitcpioInitramfs(kernel: Kernel): string {
  const own = makeMkinitcpio(kernel);
  return makeOnce({
    name: "mkinitcpio-addon",
    inputs: [own, readFileSync(addon)],
    make: (path) => writeFileSync(path, Buffer.concat([readFileSync(own), readFileSync(addon)])),
  });
}

/** Returns the path of the initramfs alone. */
export function makeMkinitcpio(kernel: Kernel): string {
  const entries = [...listPrograms(), ...listModules(kernel)];
  return makeOnce({
    name: "mkinitcpio",
    inputs: [kernel.version, ...entries.map(identifyEntry)],
    make: (path) =>
      writeFileSync(path, gzipSync(formatCpio(withDirectories(entries)), { level: 1 })),
  });
}

function listPrograms(): CpioEntry[] {
  const applets = runTool([busybox, "--list"]).trim().split("\n");
  const links = applets.filter((name) => name !== "busybox");
  return [
    ...["dev", "new_root", "proc", "run", "sys", "usr/lib"].map(directory),
    // As on Arch: whoever puts a directory in its place takes all programs away.
    { kind: "link", path: "lib", to: "usr/lib" },
    { kind: "character", path: "dev/console", mode: 0o600, major: 5, minor: 1 },
    program("bin/busybox", busybox),
    ...links.map((name): CpioEntry => ({ kind: "link", path: `bin/${name}`, to: "busybox" })),
    program("init", join(scripts, "init")),
    { kind: "file", path: "init_functions", mode: 0o644, data: Buffer.alloc(0) },
    { kind: "file", path: "config", mode: 0o644, data: Buffer.from(config) },
    ...["live", "shutdown"].map((name) => program(`hooks/${name}`, join(scripts, name))),
    { kind: "file", path: "shutdown", mode: 0o755, data: Buffer.from("#!/bin/sh\n") },
  ];
}

/** Lists the modules with what they need, and the file by which modprobe finds that. */
function listModules({ modules: place, version }: Kernel): CpioEntry[] {
  const all = parseDependencies(readFileSync(join(place, "modules.dep"), "utf8"));
  const wanted = all.filter(({ name }) => modules.includes(name));
  const names = new Set(wanted.flatMap(({ name, needs }) => [name, ...needs]));
  const kept = all.filter(({ name }) => names.has(name));
  const pathOf = new Map(kept.map(({ name, path }) => [name, path]));
  const lines = kept.map(
    ({ path, needs }) => `${path}: ${needs.map((name) => pathOf.get(name)).join(" ")}\n`,
  );
  const at = `usr/lib/modules/${version}`;
  const file = (path: string, data: Uint8Array): CpioEntry => ({
    kind: "file",
    path: `${at}/${path}`,
    mode: 0o644,
    data,
  });
  return [
    file("modules.dep", Buffer.from(lines.join(""))),
    ...kept.map(({ path }) => file(path, readFileSync(join(place, path)))),
  ];
}

function directory(path: string): CpioEntry {
  return { kind: "directory", path, mode: 0o755 };
}

function program(path: string, from: string): CpioEntry {
  return { kind: "file", path, mode: 0o755, data: readFileSync(from) };
}

function identifyEntry(entry: CpioEntry): string | Uint8Array {
  return entry.kind === "file" ? entry.data : JSON.stringify(entry);
}
