import { expect, describe as group, test } from "vitest";
import { planShrink } from "../../../src/core/resize/plan-shrink.ts";
import { joinPhases, type ResizeFacts } from "../../../src/core/resize/resize-facts.ts";
import { describe } from "../../../src/core/steps/step.ts";
import { layout, makeFacts, mebibyte } from "../../support/resize-model.ts";

function explain(facts: ResizeFacts, size: number | "min"): string {
  const { title, steps } = joinPhases(planShrink(facts, size), facts);
  return [title, ...steps.map((step) => `  ${describe(step)}`)].join("\n");
}

const gibibyte = 1024 * mebibyte;
const large = { bytes: gibibyte, allocatedBytes: gibibyte } as const;

group("planShrink() decides on", () => {
  const cases: readonly (readonly [string, ResizeFacts])[] = [
    [
      "ext4",
      makeFacts({ ...large, inner: { bytes: gibibyte, layout: { ...layout, blocks: 2 ** 18 } } }),
    ],
    ["xfs", makeFacts({ ...large, inner: { type: "xfs", layout: undefined, label: "changes" } })],
    ["btrfs", makeFacts({ ...large, inner: { type: "btrfs", layout: undefined } })],
  ];
  for (const [title, facts] of cases) {
    test(title, async () => {
      await expect(explain(facts, 400 * mebibyte)).toMatchFileSnapshot(
        `../../golden/plans/shrink-${title}.txt`,
      );
    });
  }
});

test("planShrink() takes what the files need for min", () => {
  const facts = makeFacts({ inner: { smallestBytes: 20 * mebibyte + 1 } });
  expect(planShrink(facts, "min").result.to).toBe(21 * mebibyte);
  const careful = makeFacts({ inner: { smallestBytes: 2, surelyBytes: 30 * mebibyte } });
  expect(planShrink(careful, "min").result.to).toBe(30 * mebibyte);
  expect(planShrink(careful, 20 * mebibyte).result.to).toBe(20 * mebibyte);
});

test("planShrink() has nothing to do for the size that it has", () => {
  expect(planShrink(makeFacts(), 64 * mebibyte).phases).toEqual([]);
  const full = makeFacts({ inner: { smallestBytes: 80 * mebibyte } });
  expect(planShrink(full, "min").phases).toEqual([]);
});
