// What a program takes of the processor and of memory: measured by a parent that does nothing else
// (bench/walk-changes.c), so that whatever else the machine does matters little.

import { join } from "node:path";
import { buildDirectory } from "../scripts/lib/cache.ts";
import { runTool } from "../scripts/lib/tool.ts";

/** What a program took: processor time of its own and of the kernel for it, and its peak memory. */
export interface Usage {
  readonly ms: number;
  readonly bytes: number;
}

/** The program that measures others, and walks files itself. */
export const walker = join(buildDirectory, "bench", "walk-changes");

/** Builds the walker. */
export function buildWalker(): void {
  runTool([
    ...["musl-gcc", "-static", "-O2", "-D_GNU_SOURCE"],
    ...["bench/walk-changes.c", "-o", walker],
  ]);
}

/** Runs a program by its path; throws if it fails. */
export function measureUsage(argv: readonly string[]): Usage {
  const [microseconds = 0, kibibytes = 0] = runTool([walker, "measure", ...argv])
    .split(" ")
    .map(Number);
  return { ms: microseconds / 1000, bytes: kibibytes * 1024 };
}
