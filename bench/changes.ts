// What "backstore changes" takes for a store with many files, compared with a bare walk in C that makes
// the same system calls (walk-changes.c), and with rsync, which people use for that today. All take
// turns in one run, and what counts is the time of the processor.

import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { buildDirectory } from "../scripts/lib/cache.ts";
import { runTool } from "../scripts/lib/tool.ts";
import { binary } from "../test/machines/guest/initramfs.ts";
import { type Measure, median } from "./measure.ts";
import { type Grown, summariseGrowth } from "./scale.ts";
import { buildWalker, measureUsage, type Usage, walker } from "./usage.ts";

const directory = join(buildDirectory, "bench", "changes");
const mostTimes = 2;
const mostMegabytes = 64;

/** Measures `changes` with each of the numbers of files, `rounds` times after one warm-up. */
export function measureChanges(counts: readonly number[], rounds: number): Measure[] {
  buildWalker();
  const measured = counts.map((count) => measureCount(count, rounds));
  return [
    ...measured.flatMap(({ measures }) => measures),
    ...summariseGrowth("changes", "files", measured),
  ];
}

/** What a number of files came to. */
interface Measured extends Grown {
  readonly measures: readonly Measure[];
}

function measureCount(count: number, rounds: number): Measured {
  process.stdout.write(`Changes of ${count} files; ${rounds} rounds, in turns.\n`);
  rmSync(directory, { recursive: true, force: true });
  const upper = join(directory, "store/upperdir");
  const base = join(directory, "base");
  for (const path of [upper, base]) mkdirSync(path, { recursive: true });
  runTool([walker, "make", directory, `${count}`]);
  const contenders = {
    changes: [binary, "changes", join(directory, "store"), "--base", base],
    "bare walk": [walker, "walk", upper, base],
    "rsync -rcn": ["rsync", "-rcn", "--delete", "--itemize-changes", `${upper}/`, `${base}/`],
  };
  const all = Object.entries(contenders).map(([name, argv]) => ({
    ...{ name, argv },
    usages: [] as Usage[],
  }));
  for (let round = 0; round <= rounds; round++)
    for (const { name, argv, usages } of all) {
      const usage = measureUsage(argv);
      const { ms, bytes } = usage;
      process.stdout.write(`  ${name}: ${ms.toFixed(0)} ms, ${(bytes / 1e6).toFixed(1)} MB\n`);
      // The first round only fills the caches of the kernel.
      if (round > 0) usages.push(usage);
    }
  rmSync(directory, { recursive: true, force: true });
  const [own, bare, others] = all.map(({ usages }) => usages);
  const timeOf = (usages: readonly Usage[] = []) => median(usages.map(({ ms }) => ms));
  const measures = [
    ...all.map(({ name, usages }) => ({
      name: `${name}, ${count} files`,
      value: timeOf(usages) / 1000,
      unit: "s",
    })),
    {
      name: `changes / bare walk, ${count} files`,
      value: timeOf(own) / timeOf(bare),
      ...{ unit: "x", limit: mostTimes },
    },
    {
      name: `changes / rsync -rcn, ${count} files`,
      value: timeOf(own) / timeOf(others),
      unit: "x",
    },
    {
      name: `changes, peak memory, ${count} files`,
      value: Math.max(...(own ?? []).map(({ bytes }) => bytes)) / 1e6,
      ...{ unit: "MB", limit: mostMegabytes },
    },
  ];
  return { size: count, usages: own ?? [], measures };
}
