// Whether power failures can be replayed on this machine, and why not.

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

const missing = ["qemu-system-x86_64", "unsquashfs", "sfdisk"].filter(
  (name) => spawnSync("which", [name]).status !== 0,
);
if (process.getuid?.() !== 0) missing.push("root");

/** Why nothing can be done here, for the end of a title; "" if it can. */
export const skipReason = missing.length === 0 ? "" : ` (skipped: no ${missing.join(", no ")})`;

/** Makes a directory for disks, which are rewritten for each point: in memory if possible. */
export function makeScratch(): string {
  const memory = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
  const scratch = mkdtempSync(join(memory, "backstore-cuts-"));
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));
  return scratch;
}
