// The cost of creating, growing and shrinking stores, compared with the calls that cannot be avoided
// (fallocate, mkfs or resize2fs, fsync) and with filling them with zeros, as the first generation
// and Ventoy's script do. All alternate in one run, on the file system of the build directory. What
// the design promises, it promises of 1 GiB.

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
  /** Undefined where there is nothing to fill. */
  readonly zeros?: Contender;
  readonly isPromised: boolean;
}

const directory = join(buildDirectory, "bench", "stores");
const file = join(directory, "sysrcd.bs");
const promisedSize = 1024;
const mostOverheadMs = 50;
const leastSpeedup = 20;

/** Measures all for stores of these sizes, `rounds` times after one warm-up. */
export function measureStores(rounds: number, sizes: readonly number[]): Measure[] {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  process.stdout.write(`Stores on ${describeFileSystem()}; ${rounds} rounds, in turns.\n`);
  const contests = sizes.flatMap((size) => [
    createContest(size),
    growContest(size),
    shrinkContest(size),
  ]);
  for (let round = 0; round <= rounds; round++) {
    for (const { own, bare, zeros } of contests)
      for (const contender of [own, bare, ...(zeros === undefined ? [] : [zeros])])
        measureOnce(contender, round > 0);
  }
  rmSync(directory, { recursive: true, force: true });
  return contests.flatMap(compare);
}

function createContest(size: number): Contest {
  const mkfs = 'mkfs.ext4 -q -F -E nodiscard "$1"';
  return {
    name: `create ${size} MiB`,
    own: contender(`backstore create, ${size} MiB`, [binary, "create", file, `${size}`]),
    bare: contender(
      `fallocate, mkfs.ext4, fsync, ${size} MiB`,
      shell(`fallocate -l ${size}M "$1"; ${mkfs}; sync "$1"`),
    ),
    zeros: contender(
      `dd of zeros, mkfs.ext4, fsync, ${size} MiB`,
      shell(`dd if=/dev/zero of="$1" bs=1M count=${size} status=none; ${mkfs}; sync "$1"`),
    ),
    isPromised: size === promisedSize,
  };
}

const resize = 'resize2fs "$1"';

/** To twice the size. */
function growContest(size: number): Contest {
  const made = [binary, "create", file, `${size}`];
  const filled = `dd if=/dev/zero of="$1" bs=1M count=${size} oflag=append conv=notrunc status=none`;
  return {
    name: `grow ${size} MiB`,
    own: contender(`backstore grow, by ${size} MiB`, [binary, "grow", file, `${2 * size}`], made),
    bare: contender(
      `fallocate, resize2fs, fsync, by ${size} MiB`,
      shell(`fallocate -l ${2 * size}M "$1"; ${resize} > "$1.log" 2>&1; sync "$1"`),
      made,
    ),
    zeros: contender(
      `dd of zeros, resize2fs, fsync, by ${size} MiB`,
      shell(`${filled}; ${resize} > "$1.log" 2>&1; sync "$1"`),
      made,
    ),
    isPromised: size === promisedSize,
  };
}

/** To half the size; resize2fs wants a check before that. */
function shrinkContest(size: number): Contest {
  const made = [binary, "create", file, `${size}`];
  const [half, bare] = [size / 2, `e2fsck -f -p "$1" > "$1.log" && ${resize}`];
  return {
    name: `shrink ${size} MiB`,
    own: contender(`backstore shrink, to ${half} MiB`, [binary, "shrink", file, `${half}`], made),
    bare: contender(
      `e2fsck, resize2fs, truncate, fsync, to ${half} MiB`,
      shell(`${bare} ${half}M > "$1.log" 2>&1; truncate -s ${half}M "$1"; sync "$1"`),
      made,
    ),
    isPromised: false,
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

function compare({ name, own, bare, zeros, isPromised }: Contest): Measure[] {
  const ownMs = median(own.timesMs);
  const speedup = {
    name: `${name}: faster than filling with zeros`,
    value: median(zeros?.timesMs ?? []) / ownMs,
    unit: "x",
    ...(isPromised ? { least: leastSpeedup } : {}),
  };
  return [
    ...[own, bare, ...(zeros === undefined ? [] : [zeros])].map((one) => ({
      name: one.name,
      value: median(one.timesMs),
      unit: "ms",
    })),
    {
      name: `${name}: more than the bare calls`,
      value: ownMs - median(bare.timesMs),
      unit: "ms",
      ...(isPromised ? { limit: mostOverheadMs } : {}),
    },
    ...(zeros === undefined ? [] : [speedup]),
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
