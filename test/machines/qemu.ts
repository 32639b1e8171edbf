// Runs one guest in QEMU: a whole machine with buses, discs, keyboards, and disks that are plugged
// and unplugged. Its facts are printed on the second serial port.

import { rmSync, symlinkSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { basename, join, relative } from "node:path";
import { chooseAccelerator } from "./accelerator.ts";
import type { BootRequest, BootResult, Hand } from "./boot-request.ts";
import { formatKeys, formatMachine, formatPlugging, formatPulling } from "./machine.ts";
import { type GuestFiles, type GuestProcess, runGuest } from "./run-guest.ts";

export { type BootRequest, type BootResult, formatTail } from "./boot-request.ts";

// On a busy machine an emulated timer may be late when the kernel tests whether it works. What no
// guest needs is left out: it takes a tenth of the boot.
/** The kernel arguments of every guest. */
export const commonArguments =
  "console=ttyS0,115200 panic=1 quiet loglevel=4 nokaslr mitigations=off no_timer_check " +
  "apparmor=0 audit=0 cryptomgr.notests=1 initcall_blacklist=raid6_select_algo";

/**
 * Boots a guest and waits for its end, at the time limit at the latest. A guest whose kernel could
 * not unpack the initramfs is booted once more, which is reported: none of our programs has run and
 * nothing was written by then.
 */
export async function executeBoot(request: BootRequest): Promise<BootResult> {
  const start = (files: GuestFiles) => startQemu(request, files);
  const result = await runGuest(request, start);
  if (!result.console.includes(tornInitramfs)) return result;
  process.stderr.write(
    `${request.directory}: "${tornInitramfs}", which the emulator does now and then; booted once more\n`,
  );
  return runGuest(request, start);
}

/**
 * Three of some thousand boots ended so on busy machines; each time the same file was unpacked by
 * the boots before and after, and zstd found it intact.
 */
const tornInitramfs = "Initramfs unpacking failed: ZSTD-compressed data is corrupt";

function startQemu(request: BootRequest, files: GuestFiles): GuestProcess {
  // A socket's path must be short.
  const monitor = relative("", join(request.directory, "monitor"));
  rmSync(monitor, { force: true });
  const hasHands = request.hands !== undefined;
  const { kernel, initramfs } = request;
  const argv = formatMachine({
    starts: { kernel, initramfs, cmdline: `${commonArguments} ${request.cmdline}` },
    disks: request.disks,
    memoryMegabytes: request.memoryMegabytes ?? 512,
    processors: request.processors ?? 1,
    accelerator: request.accelerator ?? chooseAccelerator(request.kernel),
    console: files.console,
    facts: files.facts,
    ...(hasHands ? { monitor, line: linkLine(files) } : {}),
    ...(request.oemStrings === undefined ? {} : { oemStrings: request.oemStrings }),
    ...(request.keyboard === undefined ? {} : { keyboard: request.keyboard }),
  });
  return {
    name: "QEMU",
    argv,
    move: (hand) => tellMonitor(monitor, formatHand(hand, request)),
  };
}

/**
 * Creates the file that a serial line is written to and the pipe that it is read from, and returns
 * their common name.
 */
function linkLine({ console, typed }: GuestFiles): string {
  const line = typed.slice(0, -".in".length);
  rmSync(`${line}.out`, { force: true });
  writeFileSync(console, "");
  symlinkSync(basename(console), `${line}.out`);
  return line;
}

function formatHand({ plugs, pulls, presses }: Hand, { disks }: BootRequest): string {
  if (presses !== undefined) return formatKeys(presses);
  if (plugs !== undefined) return formatPlugging(disks, plugs);
  return formatPulling(pulls ?? "");
}

// The monitor's answer is not waited for: the guest shows whether it worked.
function tellMonitor(socket: string, command: string): void {
  const connection = connect(socket, () => connection.write(`${command}\n`));
  connection.on("data", () => connection.end());
  connection.on("error", () => connection.destroy());
}
