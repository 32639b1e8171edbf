// How the work grows with what there is to look at: time and memory for several sizes, and the
// exponent between the smallest and the largest (1 is in proportion, 0 is no growth).

import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { buildDirectory } from "../scripts/lib/cache.ts";
import { runTool } from "../scripts/lib/tool.ts";
import { binary } from "../test/machines/guest/initramfs.ts";
import { type Measure, median } from "./measure.ts";
import { buildWalker, measureUsage, type Usage } from "./usage.ts";

const directory = join(buildDirectory, "bench", "scale");

/** A size, and what the work took each time. */
export interface Grown {
  readonly size: number;
  readonly usages: readonly Usage[];
}

/** Measures looking at many block devices, and a long command line, `rounds` times each. */
export function measureScale(rounds: number): Measure[] {
  buildWalker();
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const measures = [...measureDevices(rounds), ...measureCommandLines(rounds)];
  rmSync(directory, { recursive: true, force: true });
  return measures;
}

/** Summarises how work grows with `of`, which has several sizes, the smallest first. */
export function summariseGrowth(name: string, of: string, grown: readonly Grown[]): Measure[] {
  const [first, last] = [grown[0], grown.at(-1)];
  if (first === undefined || last === undefined || first === last) return [];
  const ratio = timeOf(last) / timeOf(first);
  return [
    {
      name: `${name}, exponent, ${first.size} to ${last.size} ${of}`,
      value: Math.log(ratio) / Math.log(last.size / first.size),
      unit: "",
    },
  ];
}

function timeOf({ usages }: Grown): number {
  return median(usages.map(({ ms }) => ms));
}

function describeSizes(name: string, of: string, grown: readonly Grown[]): Measure[] {
  return [
    ...grown.flatMap((one) => [
      { name: `${name}, ${one.size} ${of}`, value: timeOf(one), unit: "ms" },
      {
        name: `${name}, peak memory, ${one.size} ${of}`,
        value: Math.max(...one.usages.map(({ bytes }) => bytes)) / 1e6,
        unit: "MB",
      },
    ]),
    ...summariseGrowth(name, of, grown),
  ];
}

/** Each device is a small ext4; "list" looks into all that the machine has. */
function measureDevices(rounds: number): Measure[] {
  const devices: string[] = [];
  try {
    const grown = [10, 100].map((size) => {
      while (devices.length < size) devices.push(attachDevice(devices.length));
      return { size, usages: repeat(rounds, [binary, "list"]) };
    });
    return describeSizes("list", "block devices", grown);
  } finally {
    for (const device of devices) runTool(["losetup", "--detach", device]);
  }
}

function attachDevice(number: number): string {
  const file = join(directory, `disk-${number}.img`);
  runTool(["truncate", "--size", "8M", file]);
  runTool(["mkfs.ext4", "-q", "-F", file]);
  return runTool(["losetup", "--show", "--find", file]).trim();
}

/** 2,048 bytes are what the kernel takes on x86 (COMMAND_LINE_SIZE). */
function measureCommandLines(rounds: number): Measure[] {
  const grown = [128, 2048].map((size) => {
    const option = "cow_label=store backstore=required ";
    const line = option.repeat(Math.ceil(size / option.length)).slice(0, size);
    return { size, usages: repeat(rounds, [binary, "explain", "--cmdline", line]) };
  });
  return describeSizes("explain", "bytes of options", grown);
}

/** The first run only fills the caches of the kernel. */
function repeat(rounds: number, argv: readonly string[]): Usage[] {
  return Array.from({ length: rounds + 1 }, () => measureUsage(argv)).slice(1);
}
