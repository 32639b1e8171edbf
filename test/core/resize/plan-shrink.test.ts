import { expect, describe as group, test } from "vitest";
import { planShrink } from "../../../src/core/resize/plan-shrink.ts";
import { joinPhases, type ResizeFacts } from "../../../src/core/resize/resize-facts.ts";
import { describe } from "../../../src/core/steps/step.ts";
import { Failure } from "../../../src/core/text/failure.ts";
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

group("planShrink() refuses", () => {
  const session = { device: "/dev/loop3", target: "/run/initramfs/backstore/store" };
  const xfs = { type: "xfs", layout: undefined } as const;
  const cases: readonly (readonly [string, ResizeFacts, number, Failure])[] = [
    [
      "a larger size",
      makeFacts(),
      128 * mebibyte,
      new Failure(
        "usage",
        'Cannot shrink "/m/sysrcd.bs" to 128.0 MiB: it has only 64.0 MiB',
        'enlarge it with "backstore grow"',
      ),
    ],
    [
      "a store in use",
      makeFacts({ session }),
      32 * mebibyte,
      new Failure(
        "in-use",
        'Cannot shrink "/m/sysrcd.bs": the session uses it',
        "boot with backstore=off, then shrink it",
      ),
    ],
    [
      "less than its files need",
      makeFacts({ inner: { smallestBytes: 40 * mebibyte } }),
      32 * mebibyte,
      new Failure(
        "no-room",
        'Cannot shrink "/m/sysrcd.bs" to 32.0 MiB: its contents need 40 MiB',
        "choose a size of at least 40 MiB",
      ),
    ],
    [
      "less than its type can be",
      makeFacts({ ...large, inner: xfs }),
      100 * mebibyte,
      new Failure(
        "no-room",
        'Cannot shrink "/m/sysrcd.bs" to 100.0 MiB: its contents need 300 MiB',
        "choose a size of at least 300 MiB",
      ),
    ],
    [
      "a copy that the host has no room for",
      makeFacts({ ...large, inner: xfs, host: { availableBytes: 200 * mebibyte } }),
      400 * mebibyte,
      new Failure(
        "no-room",
        'Cannot shrink "/m/sysrcd.bs" to 400.0 MiB: 400.0 MiB is needed temporarily beside it, but only 200.0 MiB is free on "/m"',
        "free some room on the host first",
      ),
    ],
    [
      "moving what the host has no room for",
      makeFacts({
        scratch: "/m/sysrcd.bs.backstore-work",
        inner: { movingBytes: 20 * mebibyte },
        host: { availableBytes: 60 * mebibyte },
      }),
      32 * mebibyte,
      new Failure(
        "no-room",
        'Cannot shrink "/m/sysrcd.bs" to 32.0 MiB: 60.0 MiB is needed temporarily beside it, but only 60.0 MiB is free on "/m"',
        "free some room on the host first",
      ),
    ],
    [
      "btrfs without root",
      makeFacts({ ...large, isRoot: false, inner: { ...xfs, type: "btrfs" } }),
      400 * mebibyte,
      new Failure(
        "tool",
        'Cannot shrink "/m/sysrcd.bs": its btrfs file system must be mounted for that, which requires root',
        "run it as root",
      ),
    ],
  ];
  for (const [title, facts, size, failure] of cases) {
    test(title, () => {
      const refused = catchFailure(() => planShrink(facts, size));
      expect(refused).toEqual(failure);
      expect([refused?.code, refused?.hint]).toEqual([failure.code, failure.hint]);
    });
  }
});

function catchFailure(act: () => unknown): Failure | undefined {
  try {
    act();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  return undefined;
}
