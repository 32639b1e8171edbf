// The figures of the last whole run, which are committed: small, sorted, and without anything that
// identifies a machine but what it is.

import { readFileSync, writeFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { runTool } from "../scripts/lib/tool.ts";
import type { BootsFigures } from "./boots-report.ts";
import type { Spread } from "./measure.ts";

/** The figures of a run. */
export interface Results {
  readonly date: string;
  readonly machine: Machine;
  readonly boots: BootsFigures;
}

/** What the figures were seen on. */
export interface Machine {
  readonly processor: string;
  readonly processors: number;
  readonly kernel: string;
  readonly qemu: string;
}

const path = "bench/results.json";
/** What is slower by less is noise; instructions of one boot repeat to one in two hundred. */
const noise = 1.01;

/** Returns what this machine is. */
export function readMachine(): Machine {
  const all = cpus();
  const version = runTool(["qemu-system-x86_64", "--version"]);
  return {
    processor: all[0]?.model ?? "unknown",
    processors: all.length,
    kernel: release(),
    qemu: /version (\S+)/.exec(version)?.[1] ?? "unknown",
  };
}

/** Returns the results that are committed; undefined if there are none. */
export function readCommitted(): Results | undefined {
  try {
    return JSON.parse(runTool(["git", "show", `HEAD:${path}`]));
  } catch {
    return undefined;
  }
}

/** Writes results beside what was measured before and not now. */
export function writeResults(results: Results): void {
  const before = readWritten();
  const boots = { ...before?.boots, ...results.boots };
  writeFileSync(path, `${JSON.stringify(sort(round({ ...results, boots })), undefined, 2)}\n`);
}

function readWritten(): Results | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

/** Returns a line for each boot that takes more instructions than before, by more than noise. */
export function describeSlower(before: BootsFigures, now: BootsFigures): string[] {
  return Object.entries(now).flatMap(([kind, contenders]) =>
    Object.entries(contenders).flatMap(([name, { instructions }]) => {
      const earlier = before[kind]?.[name]?.instructions;
      if (instructions === undefined || earlier === undefined) return [];
      if (!isSlower(earlier, instructions)) return [];
      const ratio = (instructions.median / earlier.median).toFixed(3);
      return [`slower than committed: ${name}, ${kind}: ${ratio} x the instructions`];
    }),
  );
}

function isSlower(earlier: Spread, now: Spread): boolean {
  return now.least > earlier.most && now.median > earlier.median * noise;
}

function round(value: unknown): unknown {
  if (typeof value === "number") return Math.round(value);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, round(one)]));
}

function sort(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, one]) => [key, sort(one)] as const);
  return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
}
