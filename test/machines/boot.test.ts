// Boots each scenario in QEMU and compares what came of it with what the table says. Logs stay under
// build/test/boot/SCENARIO.

import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { inTurn } from "./in-turn.ts";
import { runScenario } from "./run-scenario.ts";
import { scenarios } from "./scenarios.ts";

const missing = ["qemu-system-x86_64", "unshare"].filter(
  (name) => spawnSync("which", [name]).status !== 0,
);
if (process.getuid?.() !== 0) missing.push("root");
const reason = missing.length === 0 ? "" : ` (skipped: no ${missing.join(", no ")})`;

describe.skipIf(missing.length > 0)(`boot${reason}`, () => {
  for (const scenario of scenarios) {
    test.concurrent(`${scenario.name}: ${scenario.title}`, { timeout: 3_600_000 }, async () => {
      expect((await inTurn(() => runScenario(scenario))).join("\n")).toBe("");
    });
  }
});
