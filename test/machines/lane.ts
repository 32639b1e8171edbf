// The two kinds of machine that a guest may run in. User Mode Linux is the fast lane; QEMU has the
// hardware. Only this file decides which one a guest runs in.

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

/** A boot whose kernel depends on its lane. */
export interface LaneRequest extends Omit<BootRequest, "kernel"> {
  readonly kernel: Kernel;
}

/**
 * "uml" or "qemu" runs every guest there that can run there; without it, both lanes are used as
 * intended.
 */
const variable = "BACKSTORE_LANE";

/**
 * Returns the lanes that a guest runs in: QEMU's if it needs its hardware, otherwise that of User
 * Mode Linux, and both if their behaviour is to be compared.
 */
export function chooseLanes(isBoth: boolean): readonly Lane[] {
  const asked = process.env[variable];
  if (asked === "qemu" || !hasUml()) return ["qemu"];
  return isBoth && asked === undefined ? ["uml", "qemu"] : ["uml"];
}

/** Returns the only lane of a guest that needs no hardware. */
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

/**
 * Returns whether User Mode Linux is installed and runs: it traces its own processes, which a
 * sandbox may forbid.
 */
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

// A kernel without a root ends in a panic, which is as far as a kernel can get by itself.
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
