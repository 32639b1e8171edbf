// What "backstore changes" takes for a store with many files, compared with a bare walk in C that makes
// the same system calls (walk-changes.c). Both alternate in one run, and what counts is the time of
// the processor, so that whatever else the machine does matters little.

import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { buildDirectory } from "../scripts/lib/cache.ts";
import { runTool } from "../scripts/lib/tool.ts";
import { binary } from "../test/machines/guest/initramfs.ts";
import { type Measure, median } from "./measure.ts";

const directory = join(buildDirectory, "bench", "changes");
const walker = join(buildDirectory, "bench", "walk-changes");
const mostTimes = 2;
const mostMegabytes = 64;

/** Measures `changes` with each of the numbers of files, `rounds` times after one warm-up. */
export function measureChanges(counts: readonly number[], rounds: number): Measure[] {
  runTool([
    ...["musl-gcc", "-static", "-O2", "-D_GNU_SOURCE"],
    ...["bench/walk-changes.c", "-o", walker],
  ]);
  return counts.flatMap((count) => measureCount(count, rounds));
}

function measureCount(count: number, rounds: number): Measure[] {
  process.stdout.write(`Changes of ${count} files; ${rounds} rounds, in turns.\n`);
  rmSync(directory, { recursive: true, force: true });
  const upper = join(directory, "store/upperdir");
  const base = join(directory, "base");
  for (const path of [upper, base]) mkdirSync(path, { recursive: true });
  runTool([walker, "make", directory, `${count}`]);
  const own: Usage[] = [];
  const bare: Usage[] = [];
  for (let round = 0; round <= rounds; round++) {
    own.push(measure([binary, "changes", join(directory, "store"), "--base", base]));
    bare.push(measure([walker, "walk", upper, base]));
  }
  rmSync(directory, { recursive: true, force: true });
  // The first round only fills the caches of the kernel.
  const [ownMs, bareMs] = [own, bare].map((all) => median(all.slice(1).map(({ ms }) => ms)));
  return [
    { name: `changes, ${count} files`, value: (ownMs ?? 0) / 1000, unit: "s" },
    { name: `bare walk, ${count} files`, value: (bareMs ?? 0) / 1000, unit: "s" },
    {
      name: `changes / bare walk, ${count} files`,
      value: (ownMs ?? 0) / (bareMs ?? 0),
      ...{ unit: "x", limit: mostTimes },
    },
    {
      name: `changes, peak memory, ${count} files`,
      value: Math.max(...own.map(({ bytes }) => bytes)) / 1e6,
      ...{ unit: "MB", limit: mostMegabytes },
    },
  ];
}

/** What a program took. */
interface Usage {
  readonly ms: number;
  readonly bytes: number;
}

function measure(argv: readonly string[]): Usage {
  const [ms = 0, kibibytes = 0] = runTool([walker, "measure", ...argv])
    .split(" ")
    .map(Number);
  process.stdout.write(`  ${argv[0]}: ${ms} ms, ${(kibibytes / 1024).toFixed(1)} MiB\n`);
  return { ms, bytes: kibibytes * 1024 };
}
