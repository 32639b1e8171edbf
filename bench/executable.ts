// The executable: its size, how long it takes to start, what each command takes to say what it does,
// which is what it takes before it begins to work, and what it takes to write an initramfs.

import { mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { buildDirectory } from "../scripts/lib/cache.ts";
import { runTool } from "../scripts/lib/tool.ts";
import { commands } from "../src/cli/command-table.ts";
import { binary } from "../test/machines/guest/initramfs.ts";
import { discoverKernel } from "../test/machines/guest/kernel.ts";
import { type Measure, median } from "./measure.ts";
import { buildWalker, measureUsage } from "./usage.ts";

/** Measures the executable, and each command `rounds` times in turns. */
export function measureExecutable(rounds: number): Measure[] {
  return [measureSize(), measureVersion(), ...measureCommands(rounds), measureInitramfs(rounds)];
}

// A figure of docs/design.md, as all limits here.
function measureSize(): Measure {
  return { name: "dist/backstore", value: statSync(binary).size / 1e6, unit: "MB", limit: 2 };
}

function measureVersion(): Measure {
  const report = join(buildDirectory, "bench", "version.json");
  mkdirSync(join(buildDirectory, "bench"), { recursive: true });
  runTool([
    ...["hyperfine", "-N", "--warmup", "20", "--min-runs", "200", "--style", "none"],
    ...["--export-json", report, `${binary} --version`],
  ]);
  const { results } = JSON.parse(readFileSync(report, "utf8"));
  return {
    name: "backstore --version, median",
    value: results[0].median * 1000,
    unit: "ms",
    limit: 10,
  };
}

/** Its tools compress on as many processors as there are, so that it is done sooner than that. */
function measureInitramfs(rounds: number): Measure {
  const { modules } = discoverKernel();
  const output = join(buildDirectory, "bench", "initramfs.img");
  const argv = [binary, "initramfs", "--quiet", "--modules", modules, "--output", output];
  const times = Array.from({ length: rounds }, () => {
    rmSync(output, { force: true });
    return measureUsage(argv).ms;
  });
  return {
    ...{ name: "initramfs with Debian 12's modules, processor time", unit: "s", limit: 3 },
    value: median(times) / 1000,
  };
}

function measureCommands(rounds: number): Measure[] {
  buildWalker();
  const contenders = commands.map(({ name }) => ({
    name,
    argv: [binary, name, "--help"],
    usages: [] as { readonly ms: number; readonly bytes: number }[],
  }));
  for (let round = 0; round <= rounds; round++)
    for (const { argv, usages } of contenders) {
      const usage = measureUsage(argv);
      if (round > 0) usages.push(usage);
    }
  return contenders.flatMap(({ name, usages }) => [
    {
      name: `${name} --help, processor time`,
      value: median(usages.map(({ ms }) => ms)),
      unit: "ms",
    },
    {
      name: `${name} --help, peak memory`,
      value: median(usages.map(({ bytes }) => bytes)) / 1e6,
      unit: "MB",
    },
  ]);
}
