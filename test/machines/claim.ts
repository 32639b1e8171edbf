// Where a run of the scenarios keeps its logs and disks. Two concurrent runs (a person's and an
// editor's) must not overwrite each other's disks.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildDirectory } from "../../scripts/lib/cache.ts";

let claimed: string | undefined;

/**
 * Returns the directory that this process uses: build/test/boot, or one beside it while another run
 * uses that.
 */
export function claimDirectory(): string {
  for (let run = 1; claimed === undefined; run++) {
    const directory = join(buildDirectory, "test", run === 1 ? "boot" : `boot-${run}`);
    const owner = join(directory, "owner");
    mkdirSync(directory, { recursive: true });
    if (isRunning(owner)) continue;
    writeFileSync(owner, String(process.pid));
    claimed = directory;
  }
  return claimed;
}

function isRunning(owner: string): boolean {
  return existsSync(owner) && existsSync(`/proc/${readFileSync(owner, "utf8")}`);
}
