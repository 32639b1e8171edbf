// Runs one guest in User Mode Linux: the kernel is a program of this machine, its disks and its
// lines are files. It has no buses, but it boots in a fifth of the time that an emulated machine
// takes (docs/decisions/0028).

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BootRequest, BootResult } from "./boot-request.ts";
import type { Disk } from "./machine.ts";
import { type GuestFiles, type GuestProcess, runGuest } from "./run-guest.ts";

/**
 * A kernel starts processes of this machine for its own ones, and leaves the group that it was
 * started in. In a namespace that ends with it none of them is left, however it ends.
 */
export const isolated = ["unshare", "--pid", "--fork", "--kill-child=KILL"] as const;

// The console and the facts have the serial ports that they have in QEMU, so that no guest notices
// the difference. An argument with a dot in its name is considered a module's, and not passed to
// the guest's first program.
const commonArguments =
  "console=ttyS0 panic=1 quiet loglevel=4 printk.time=1 " +
  // Choosing the fastest RAID 6 algorithm takes a third of the boot, and no guest has a RAID 6.
  "initcall_blacklist=raid6_select_algo " +
  // Hundreds of devices that udev would look at, one after the other.
  "pty.legacy_count=0";

/** Boots a guest and waits for its end, at the time limit at the latest. */
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
    // A timer may still fire when all is torn down, and then the kernel reports a fault in itself.
    lastLine: /^.*reboot: System halted$/m,
    argv: [
      ...isolated,
      request.kernel,
      `mem=${request.memoryMegabytes ?? 512}M`,
      `initrd=${request.initramfs}`,
      `uml_dir=${scratch}`,
      // Otherwise it would be the last word, and an argument of the guest's first program.
      "root=98:0",
      // Otherwise it would start itself anew instead of ending.
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

/** The maximum number of disks that a guest can have. */
export const mostUmlDisks = 16;

/**
 * Formats the argument for a disk. One that is only read is not locked either ("c"; ubd_setup_common()
 * in arch/um/drivers/ubd_kern.c): its lock would keep QEMU from reading the same file.
 */
export function formatDisk({ name, file, readonly }: Disk, index: number): string {
  // A comma or a colon would end a name.
  if (/[,:]/.test(file)) throw new Error(`Cannot use "${file}" as a disk of User Mode Linux`);
  return `ubd${index}${readonly ? "rc" : ""}=${file},,${name}`;
}
