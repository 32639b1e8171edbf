// Where a run of the scenarios keeps its logs and disks. Two concurrent runs (a person's and an
// editor's) must not overwrite each other's disks.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { buildDirectory, tryClaim } from "../../scripts/lib/cache.ts";

let claimed: string | undefined;

/**
 * Returns the directory that this process uses: build/test/boot, or one beside it while another run
 * uses that.
 */
export function claimDirectory(): string {
  for (let run = 1; claimed === undefined; run++) {
    const directory = join(buildDirectory, "test", run === 1 ? "boot" : `boot-${run}`);
    mkdirSync(directory, { recursive: true });
    if (tryClaim(join(directory, "owner"))) claimed = directory;
  }
  return claimed;
}
