import { describe, expect, test } from "vitest";
import { parseMountInfo } from "../../../src/core/kernel/mount-table.ts";
import { planPreparation, planRemoval } from "../../../src/core/session/plan-preparation.ts";
import { describe as describeStep } from "../../../src/core/steps/step.ts";

const root = "1 1 0:2 / / rw - rootfs rootfs rw\n";
const run = "20 1 0:18 / /run rw - tmpfs tmpfs rw\n";
const own = "21 1 0:19 / /run/initramfs/backstore rw - tmpfs backstore rw\n";

describe("planPreparation()", () => {
  const directory = 'create the directory "/run/initramfs/backstore"';
  const memory =
    'mount "backstore" (tmpfs) on "/run/initramfs/backstore" read-write,nosuid,nodev,mode=0700,size=1m';
  for (const [name, table, steps] of [
    ["in /run, which goes with the system", root + run, [directory]],
    ["as a mount that can be moved where nothing is mounted on /run", root, [directory, memory]],
  ] as const)
    test(`planPreparation() plans the directory ${name}`, () => {
      expect(planPreparation(parseMountInfo(table)).steps.map(describeStep)).toEqual(steps);
    });
});

test("planRemoval() unmounts it again, if it is a mount", () => {
  const steps = (table: string) => planRemoval(parseMountInfo(table)).steps.map(describeStep);
  expect(steps(root + run)).toEqual([]);
  expect(steps(root + own)).toEqual(['unmount "/run/initramfs/backstore" lazily']);
});
