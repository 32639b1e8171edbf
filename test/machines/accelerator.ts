// Whether this machine can run guests with KVM. A /dev/kvm that can be opened proves nothing
// (nested machines often have one that never runs a guest), so one kernel is really started, and
// the answer is kept until the next reboot.

import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { makeOnce } from "../../scripts/lib/cache.ts";
import { type Accelerator, formatMachine } from "./machine.ts";

/** Chooses KVM if a trial boot with it works, otherwise emulation. */
export function chooseAccelerator(kernel: string): Accelerator {
  const boot = readFileSync("/proc/sys/kernel/random/boot_id");
  const answer = makeOnce({
    name: "accelerator",
    inputs: [boot],
    make: (path) => writeFileSync(path, isKvmUsable(kernel, `${path}.log`) ? "kvm" : "tcg"),
  });
  return readFileSync(answer, "utf8") === "kvm" ? "kvm" : "tcg";
}

// A kernel without a root ends in a panic, which is as far as a kernel can get by itself.
function isKvmUsable(kernel: string, log: string): boolean {
  const [program = "", ...rest] = formatMachine({
    starts: { kernel, cmdline: "console=ttyS0 panic=1" },
    disks: [],
    memoryMegabytes: 128,
    accelerator: "kvm",
    console: log,
    facts: "/dev/null",
  });
  spawnSync(program, rest, { timeout: 10_000, killSignal: "SIGKILL", stdio: "ignore" });
  try {
    return readFileSync(log, "utf8").includes("Kernel panic - not syncing: VFS");
  } catch {
    return false;
  } finally {
    rmSync(log, { force: true });
  }
}
