// Boots each scenario in QEMU and compares what came of it with what the table says. Two guests run at a time: each
// keeps one processor busy. Logs stay under build/test/boot/SCENARIO.

import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { runScenario } from "./run-scenario.ts";
import { scenarios } from "./scenarios.ts";

const guestsAtOnce = 2;

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

let running = 0;
const waiting: (() => void)[] = [];

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= guestsAtOnce) await new Promise<void>((go) => waiting.push(go));
  else running += 1;
  try {
    return await work();
  } finally {
    // The place goes to the next one that waits, or becomes free.
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }
}
