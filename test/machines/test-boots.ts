// Boots scenarios, in User Mode Linux or in QEMU, and compares the result with the table. Logs stay
// under build/test/boot/SCENARIO.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { chooseLanes } from "./lane.ts";
import { runScenario } from "./run-scenario.ts";
import type { Theme } from "./scenarios.ts";

/** Defines a test for each scenario and lane; all are skipped if a file that they need is missing. */
export function testBoots(themes: readonly Theme[], files: readonly string[] = []): void {
  const missing = [
    ...["qemu-system-x86_64", "unshare"].filter((name) => spawnSync("which", [name]).status !== 0),
    ...files.filter((file) => !existsSync(file)),
    ...(process.getuid?.() === 0 ? [] : ["root"]),
  ];
  const reason = missing.length === 0 ? "" : ` (skipped: no ${missing.join(", no ")})`;
  const scenarios = themes.flatMap((theme) => theme.scenarios);
  describe.skipIf(missing.length > 0)(`boot${reason}`, () => {
    for (const scenario of scenarios)
      for (const [index, lane] of chooseLanes(scenario.both === true).entries()) {
        const { name, title } = scenario;
        const label = index === 0 ? name : `${name} in QEMU`;
        const directory = index === 0 ? name : `${name}-qemu`;
        test.concurrent(`${label}: ${title}`, { timeout: 3_600_000 }, async () => {
          expect((await runScenario(scenario, lane, directory)).join("\n")).toBe("");
        });
      }
  });
}
