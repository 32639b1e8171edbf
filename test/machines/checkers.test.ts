// A guest with the initramfs that all scenarios boot, in which another program than init has disks
// checked by the included checkers: the tools of this machine run there, as real programs on a real
// kernel.
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runTool } from "../../scripts/lib/tool.ts";
import { checkersByType } from "../../src/core/file-systems/checkers.ts";
import { formatTail } from "./boot-request.ts";
import { claimDirectory } from "./claim.ts";
import { type FileSystemType, writeStore } from "./disks/stores.ts";
import { makeInitramfs } from "./guest/initramfs.ts";
import { inTurn } from "./in-turn.ts";
import { chooseLane, executeIn, kernelOf } from "./lane.ts";

const missing = ["qemu-system-x86_64", "cpio"].filter(
  (name) => spawnSync("which", [name]).status !== 0,
);
if (process.getuid?.() !== 0) missing.push("root");
const reason = missing.length === 0 ? "" : ` (skipped: no ${missing.join(", no ")})`;

const types: readonly FileSystemType[] = ["ext4", "xfs", "btrfs", "f2fs"];

describe.skipIf(missing.length > 0)(`checkers in a guest${reason}`, () => {
  test("e2fsck, e2image, xfs_repair, btrfs and fsck.f2fs run from the initramfs", {
    timeout: 1_800_000,
  }, async () => {
    const said = await inTurn(runGuest, chooseLane());
    const fine = { types: Object.keys(checkersByType), isReady: true, status: 0 };
    expect(said).toMatchObject(Array.from({ length: 6 }, () => fine));
  });
});

/** Returns the verdict of each checker, in the order of run-checkers.sh. */
async function runGuest(): Promise<readonly unknown[]> {
  const directory = join(claimDirectory(), "checkers");
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const disks = types.map((type) => {
    const file = join(directory, `${type}.img`);
    writeStore({ type, label: type, path: file });
    return { name: type, file };
  });
  const lane = chooseLane();
  const kernel = kernelOf(lane);
  const result = await executeIn(lane, {
    directory,
    kernel,
    initramfs: writeInitramfs(makeInitramfs(kernel), directory),
    cmdline: "rdinit=/run-checkers",
    disks,
    isOver: (console) => console.includes("all done"),
  });
  expect(result.console, formatTail(result.console)).toContain("all done");
  for (const { file } of disks) rmSync(file);
  return result.console
    .split("\n")
    .filter((line) => line.startsWith('{"types"'))
    .map((line): unknown => JSON.parse(line));
}

/**
 * Puts the guest's own programs before the contents of the initramfs: the kernel unpacks one
 * archive after the other.
 */
function writeInitramfs(initramfs: string, directory: string): string {
  const root = join(directory, "root");
  mkdirSync(root);
  copyFileSync("/bin/busybox", join(root, "busybox"));
  copyFileSync("build/checkers", join(root, "checkers"));
  copyFileSync("test/machines/guest/run-checkers.sh", join(root, "run-checkers"));
  chmodSync(join(root, "run-checkers"), 0o755);
  const archive = join(directory, "programs.cpio");
  runTool(["bash", "-c", `find . | cpio --quiet -o -H newc > ${archive}`], { directory: root });
  const both = join(directory, "initramfs");
  writeFileSync(both, Buffer.concat([readFileSync(archive), readFileSync(initramfs)]));
  return both;
}
