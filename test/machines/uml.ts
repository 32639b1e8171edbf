// Runs one guest in User Mode Linux: the kernel is a program of this machine, its disks and its lines are files. It has
// no buses, but it boots in a fifth of the time that an emulated machine takes (docs/decisions/0028).

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BootRequest, BootResult } from "./boot-request.ts";
import type { Disk } from "./machine.ts";
import { type GuestFiles, type GuestProcess, runGuest } from "./run-guest.ts";

/**
 * A kernel starts processes of this machine for its own ones, and leaves the group that it was started in. In a name
 * space that ends with it none of them is left, however it ends.
 */
export const isolated = ["unshare", "--pid", "--fork", "--kill-child=KILL"] as const;

// The console and the facts have the serial ports that they have in QEMU, so that no guest knows the difference. What
// has a dot in its name is taken for a module's, and does not become an argument of the guest's first program.
const commonArguments =
  "console=ttyS0 panic=1 quiet loglevel=4 printk.time=1 " +
  // Which way to count a RAID 6 is fastest takes a third of the boot to find out, and nobody has one.
  "initcall_blacklist=raid6_select_algo";

/** Boots a guest and waits for its end, which comes at the time limit at the latest. */
export async function executeUmlBoot(request: BootRequest): Promise<BootResult> {
  const scratch = mkdtempSync(join(tmpdir(), "backstore-uml-"));
  try {
    return await runGuest(request, (files) => startUml(request, files, scratch));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function startUml(request: BootRequest, files: GuestFiles, scratch: string): GuestProcess {
  const typed = request.hands === undefined ? "/dev/null" : files.typed;
  return {
    name: "User Mode Linux",
    argv: [
      ...isolated,
      request.kernel,
      `mem=${request.memoryMegabytes ?? 512}M`,
      `initrd=${request.initramfs}`,
      `uml_dir=${scratch}`,
      // It would be the last word, and an argument of the guest's first program.
      "root=98:0",
      // It would start itself anew instead of ending.
      "noreboot.uml=1",
      ...["con=null", "ssl=null", "ssl0=fd:0,fd:1", "ssl1=null,fd:3"],
      ...request.disks.map(formatDisk),
      `${commonArguments} ${request.cmdline}`,
    ],
    opens: [
      { path: typed, flags: typed === "/dev/null" ? "r" : "r+" },
      { path: files.console, flags: "a" },
      { path: files.facts, flags: "a" },
    ],
  };
}

/** The most disks that a guest can have. */
export const mostUmlDisks = 16;

function formatDisk({ name, file, readonly }: Disk, index: number): string {
  // It takes a comma or a colon for the end of a name.
  if (/[,:]/.test(file)) throw new Error(`Cannot use "${file}" as a disk of User Mode Linux`);
  return `ubd${index}${readonly ? "r" : ""}=${file},,${name}`;
}
