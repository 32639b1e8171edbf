// The two kinds of machine that a guest may run in. User Mode Linux is the fast lane; QEMU has the hardware. Which one a
// guest takes is said here alone.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeOnce } from "../../scripts/lib/cache.ts";
import type { BootRequest, BootResult } from "./boot-request.ts";
import { discoverKernel, findUmlKernel, type Kernel } from "./guest/kernel.ts";
import { unpackKernel } from "./guest/vmlinux.ts";
import { executeBoot } from "./qemu.ts";
import { executeUmlBoot, isolated } from "./uml.ts";

export type Lane = "uml" | "qemu";

/** A boot whose lane decides about the kernel. */
export interface LaneRequest extends Omit<BootRequest, "kernel"> {
  readonly kernel: Kernel;
}

/** "uml" or "qemu" has every guest there that can run there; both lanes are used as they are meant to without it. */
const variable = "BACKSTORE_LANE";

/**
 * Returns the lanes that a guest runs in: QEMU's for what needs its hardware, else that of User Mode Linux, and both
 * where the two are to be held to one behaviour.
 */
export function chooseLanes(isBoth: boolean): readonly Lane[] {
  const asked = process.env[variable];
  if (asked === "qemu" || !hasUml()) return ["qemu"];
  return isBoth && asked === undefined ? ["uml", "qemu"] : ["uml"];
}

/** Returns the one lane of a guest that needs no hardware. */
export function chooseLane(): Lane {
  return chooseLanes(false)[0] ?? "qemu";
}

/** Returns the kernel that guests of a lane boot. */
export function kernelOf(lane: Lane): Kernel {
  const uml = lane === "uml" ? findUmlKernel() : undefined;
  return uml ?? discoverKernel();
}

/** Boots a guest in a lane. */
export function executeIn(lane: Lane, request: LaneRequest): Promise<BootResult> {
  const { vmlinuz } = request.kernel;
  return lane === "uml"
    ? executeUmlBoot({ ...request, kernel: vmlinuz })
    : executeBoot({ ...request, kernel: unpackKernel(vmlinuz) });
}

let isUsable: boolean | undefined;

/** Whether User Mode Linux is there and runs: it traces its own processes, which a sandbox may forbid. */
function hasUml(): boolean {
  isUsable ??= tryUml();
  return isUsable;
}

function tryUml(): boolean {
  const kernel = findUmlKernel();
  const runs = kernel !== undefined && runsHere(kernel);
  if (!runs) {
    const why = kernel === undefined ? "is not installed (user-mode-linux)" : "does not run here";
    process.stderr.write(`User Mode Linux ${why}: all guests run in QEMU, which takes longer\n`);
  }
  return runs;
}

// A kernel without a root ends in a panic, which is as far as a kernel can come by itself.
function runsHere({ vmlinuz, version }: Kernel): boolean {
  const boot = readFileSync("/proc/sys/kernel/random/boot_id");
  const answer = makeOnce({
    name: "user-mode-linux",
    inputs: [boot, version],
    make: (path) => {
      const scratch = mkdtempSync(join(tmpdir(), "backstore-uml-"));
      const argv = [
        ...isolated,
        vmlinuz,
        "mem=64M",
        `uml_dir=${scratch}`,
        "con=null",
        "con0=null,fd:1",
      ];
      const tried = spawnSync(argv[0]!, argv.slice(1), {
        timeout: 20_000,
        killSignal: "SIGKILL",
        encoding: "utf8",
      });
      rmSync(scratch, { recursive: true, force: true });
      const said = `${tried.stdout}${tried.stderr}`;
      writeFileSync(path, said.includes("Kernel panic - not syncing: VFS") ? "yes" : said);
    },
  });
  return readFileSync(answer, "utf8") === "yes";
}
