// The cost of creating and growing a store of 1 GiB, compared with the calls that cannot be avoided
// (fallocate, mkfs or resize2fs, fsync) and with filling it with zeros, as the first generation
// did. All alternate in one run, on the file system of the build directory.

import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { buildDirectory } from "../scripts/lib/cache.ts";
import { runTool } from "../scripts/lib/tool.ts";
import { binary } from "../test/machines/guest/initramfs.ts";
import { type Measure, median } from "./measure.ts";

/** One way to do the work: how the file is prepared, and what is measured. */
interface Contender {
  readonly name: string;
  readonly prepare: readonly string[] | undefined;
  readonly work: readonly string[];
  readonly timesMs: number[];
}

/** One kind of work, done by each in turn. */
interface Contest {
  readonly name: string;
  readonly own: Contender;
  readonly bare: Contender;
  readonly zeros: Contender;
}

const directory = join(buildDirectory, "bench", "stores");
const file = join(directory, "sysrcd.bs");
const mostOverheadMs = 50;
const leastSpeedup = 20;

/** Measures create and grow, `rounds` times after one warm-up. */
export function measureStores(rounds: number): Measure[] {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  process.stdout.write(`Stores of 1 GiB on ${describeFileSystem()}; ${rounds} rounds, in turns.\n`);
  const contests = [createContest(), growContest()];
  for (let round = 0; round <= rounds; round++) {
    for (const { own, bare, zeros } of contests)
      for (const contender of [own, bare, zeros]) measureOnce(contender, round > 0);
  }
  rmSync(directory, { recursive: true, force: true });
  return contests.flatMap(compare);
}

function createContest(): Contest {
  const mkfs = 'mkfs.ext4 -q -F -E nodiscard "$1"';
  return {
    name: "create",
    own: contender("backstore create", [binary, "create", file, "1024"]),
    bare: contender(
      "fallocate, mkfs.ext4, fsync",
      shell(`fallocate -l 1G "$1"; ${mkfs}; sync "$1"`),
    ),
    zeros: contender(
      "dd of zeros, mkfs.ext4, fsync",
      shell(`dd if=/dev/zero of="$1" bs=1M count=1024 status=none; ${mkfs}; sync "$1"`),
    ),
  };
}

function growContest(): Contest {
  const made = [binary, "create", file, "1024"];
  const resize = 'resize2fs "$1" > "$1.log" 2>&1';
  return {
    name: "grow",
    own: contender("backstore grow", [binary, "grow", file, "2048"], made),
    bare: contender(
      "fallocate, resize2fs, fsync",
      shell(`fallocate -l 2G "$1"; ${resize}; sync "$1"`),
      made,
    ),
    zeros: contender(
      "dd of zeros, resize2fs, fsync",
      shell(
        `dd if=/dev/zero of="$1" bs=1M count=1024 oflag=append conv=notrunc status=none; ${resize}; sync "$1"`,
      ),
      made,
    ),
  };
}

function contender(name: string, work: readonly string[], prepare?: readonly string[]): Contender {
  return { name, work, prepare, timesMs: [] };
}

function shell(script: string): readonly string[] {
  return ["sh", "-euc", script, "sh", file];
}

/** What one leaves to be written back or discarded must not slow down the next. */
function measureOnce({ name, prepare, work, timesMs }: Contender, isCounted: boolean): void {
  if (prepare !== undefined) runTool(prepare);
  runTool(["sync", "-f", directory]);
  const start = performance.now();
  runTool(work);
  const tookMs = performance.now() - start;
  process.stdout.write(`  ${name}: ${tookMs.toFixed(1)} ms${isCounted ? "" : " (warm-up)"}\n`);
  if (isCounted) timesMs.push(tookMs);
  rmSync(file, { force: true });
  rmSync(`${file}.log`, { force: true });
  runTool(["sync", "-f", directory]);
}

function compare({ name, own, bare, zeros }: Contest): Measure[] {
  const ownMs = median(own.timesMs);
  return [
    ...[own, bare, zeros].map((one) => ({
      name: one.name,
      value: median(one.timesMs),
      unit: "ms",
    })),
    {
      name: `${name}: more than the bare calls`,
      value: ownMs - median(bare.timesMs),
      unit: "ms",
      limit: mostOverheadMs,
    },
    {
      name: `${name}: faster than filling with zeros`,
      value: median(zeros.timesMs) / ownMs,
      unit: "x",
      least: leastSpeedup,
    },
  ];
}

function describeFileSystem(): string {
  const [type = "", source = "", options = ""] = runTool([
    "findmnt",
    "--noheadings",
    "--raw",
    "--output",
    "FSTYPE,SOURCE,OPTIONS",
    "--target",
    directory,
  ])
    .trim()
    .split(" ");
  return `${type} (${source}, ${options})`;
}
