import { expect, test } from "vitest";
import { readOptions } from "../../../src/core/options/read-options.ts";
import { planLeftAlone } from "../../../src/core/session/plan-left-alone.ts";

const kept = { reason: "the distribution keeps changes itself", changes: "kept" } as const;
const lost = { reason: "files need metacopy=on", changes: "lost" } as const;
const unknown = { reason: "the root is aufs and no overlay", changes: "unknown" } as const;
const cases = [
  [kept, "", { session: "foreign", isMissed: false, findings: [] }],
  [kept, "backstore=off", { session: "foreign", isMissed: false, findings: [] }],
  [kept, "cow_label=x", { session: "foreign", isMissed: false, findings: ["not used"] }],
  [kept, "backstore=required", { session: "foreign", isMissed: false, findings: ["not used"] }],
  [lost, "", { session: "volatile", isMissed: false, findings: [] }],
  [lost, "backstore=off", { session: "volatile", isMissed: false, findings: [] }],
  [lost, "backstore=off,required", { session: "volatile", isMissed: false, findings: [] }],
  [lost, "backstore=alldev", { session: "volatile", isMissed: true, findings: [] }],
  [lost, "cow_device=/dev/sdb", { session: "volatile", isMissed: true, findings: [] }],
  [lost, "backstore=required", { session: "stopped", isMissed: true, findings: [] }],
  [unknown, "", { session: "foreign", isMissed: false, findings: [] }],
  [unknown, "cow_label=x", { session: "foreign", isMissed: true, findings: [] }],
  [unknown, "backstore=required cow_label=x", { session: "stopped", isMissed: true, findings: [] }],
] as const;

for (const [left, commandLine, { findings, ...expected }] of cases)
  test(`planLeftAlone() of changes that are ${left.changes}, with "${commandLine}"`, () => {
    const { options } = readOptions({ defaults: undefined, yaml: [], commandLine });
    const { result, steps } = planLeftAlone(options, left);
    expect(steps).toEqual([]);
    expect(result).toEqual({
      ...{ ...expected, reason: left.reason, store: undefined },
      findings: findings.map((words) => expect.stringContaining(words)),
    });
  });
