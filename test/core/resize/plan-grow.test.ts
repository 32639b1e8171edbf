import { expect, describe as group, test } from "vitest";
import { planGrow } from "../../../src/core/resize/plan-grow.ts";
import { joinPhases, type ResizeFacts } from "../../../src/core/resize/resize-facts.ts";
import { describe } from "../../../src/core/steps/step.ts";
import { Failure } from "../../../src/core/text/failure.ts";
import { layout, makeFacts, mebibyte } from "../../support/resize-model.ts";

function explain(facts: ResizeFacts, size: number | "max"): string {
  const { title, steps } = joinPhases(planGrow(facts, size), facts);
  return [title, ...steps.map((step) => `  ${describe(step)}`)].join("\n");
}

const session = { device: "/dev/loop3", target: "/run/initramfs/backstore/store" };
const xfs = { type: "xfs", layout: undefined } as const;

group("planGrow() decides on", () => {
  const large = { ...layout, reservedBlocks: 0, blocksPerGroup: 64 };
  const cases: readonly (readonly [string, ResizeFacts])[] = [
    ["ext4", makeFacts()],
    ["ext4 that has to move data", makeFacts({ inner: { layout: large } })],
    ["a sparse file", makeFacts({ allocatedBytes: 3 * mebibyte })],
    ["ext4 in use", makeFacts({ session })],
    ["xfs in use", makeFacts({ session, inner: xfs })],
    ["btrfs in use", makeFacts({ session, inner: { ...xfs, type: "btrfs" } })],
    ["xfs", makeFacts({ inner: xfs })],
    [
      "a boot stick that is mounted read-only",
      makeFacts({
        session,
        writable: {
          store: "/m/sysrcd.bs",
          before: [{ do: "remount", target: "/m", readonly: false }],
          after: [{ do: "remount", target: "/m", readonly: true, optional: true }],
        },
      }),
    ],
  ];
  for (const [title, facts] of cases) {
    test(title, async () => {
      const name = title.replaceAll(/[ ,]+/g, "-");
      await expect(explain(facts, 128 * mebibyte)).toMatchFileSnapshot(
        `../../golden/plans/grow-${name}.txt`,
      );
    });
  }
});

test("planGrow() takes all that is free less a margin for max", () => {
  const { result } = planGrow(makeFacts(), "max");
  expect(result.to).toBe((64 + 512 - 11) * mebibyte);
  const fat = makeFacts({ host: { type: "vfat", totalBytes: 2 ** 40, availableBytes: 2 ** 39 } });
  expect(planGrow(fat, "max").result.to).toBe(4095 * mebibyte);
});

test("planGrow() sets the room aside first where a power cut could leave the file longer than that", () => {
  const facts = makeFacts({ host: { type: "vfat" }, session });
  const [steps = []] = planGrow(facts, 128 * mebibyte).phases;
  expect(steps.map((step) => step.do)).toEqual([
    "write-file",
    "reserve",
    "sync-file",
    "allocate",
    "check-allocated",
    "sync-file",
  ]);
});

test("planGrow() syncs the device first where the file would else be synced without its chain", () => {
  const describeFirst = (isRoot: boolean) => {
    const facts = makeFacts({ host: { type: "exfat" }, session, isRoot });
    const [steps = []] = planGrow(facts, 128 * mebibyte).phases;
    return steps.flatMap((step) => (step.do === "sync-file" ? [step.path] : []));
  };
  expect(describeFirst(true)).toEqual(["/dev/sdx1", "/m/sysrcd.bs"]);
  expect(describeFirst(false)).toEqual(["/m/sysrcd.bs"]);
});

group("planGrow() has nothing to do", () => {
  const cases: readonly (readonly [string, ResizeFacts, number | "max"])[] = [
    ["for the size that it has", makeFacts(), 64 * mebibyte],
    [
      "for the size that it has, on a host that is full",
      makeFacts({ host: { availableBytes: 0 } }),
      64 * mebibyte,
    ],
    ["for max on a host that is full", makeFacts({ host: { availableBytes: 0 } }), "max"],
    [
      "for a file of a size that is no multiple of a block",
      makeFacts({ bytes: 2 ** 32 - 1, allocatedBytes: 2 ** 32, inner: { bytes: 2 ** 32 - 4096 } }),
      2 ** 32 - 1,
    ],
  ];
  for (const [title, facts, size] of cases)
    test(title, () => expect(planGrow(facts, size).phases).toEqual([]));
});

test("planGrow() lets a file system fill a file that is longer than it", () => {
  const facts = makeFacts({ inner: { bytes: 32 * mebibyte } });
  expect(planGrow(facts, 64 * mebibyte).phases).not.toEqual([]);
});

group("planGrow() refuses", () => {
  const cases: readonly (readonly [string, ResizeFacts, number, Failure])[] = [
    [
      "a smaller size",
      makeFacts(),
      32 * mebibyte,
      new Failure(
        "usage",
        'Cannot grow "/m/sysrcd.bs" to 32.0 MiB: it already has 64.0 MiB',
        'shrink it: backstore shrink "/m/sysrcd.bs" 32',
      ),
    ],
    [
      "what the host has no room for",
      makeFacts(),
      2 ** 30,
      new Failure(
        "no-room",
        'Cannot grow "/m/sysrcd.bs" to 1.0 GiB: only 512.0 MiB is free on "/m", 10.2 MiB of it reserved for the host',
        "choose a size of at most 565 MiB",
      ),
    ],
    [
      "a sparse file that the host has no room for",
      makeFacts({ allocatedBytes: 0, host: { availableBytes: 32 * mebibyte } }),
      64 * mebibyte,
      new Failure(
        "no-room",
        'Cannot grow "/m/sysrcd.bs" to 64.0 MiB: only 32.0 MiB is free on "/m", 10.2 MiB of it reserved for the host',
        "free some room on the host first",
      ),
    ],
    [
      "what no file on FAT can be",
      makeFacts({ host: { type: "vfat", availableBytes: 2 ** 40, totalBytes: 2 ** 40 } }),
      2 ** 32,
      new Failure(
        "no-room",
        'Cannot grow "/m/sysrcd.bs" to 4.0 GiB: a file on vfat must be smaller than 4.0 GiB',
        "choose a size of at most 4095 MiB",
      ),
    ],
    [
      "ext2 in use",
      makeFacts({ session, inner: { type: "ext2" } }),
      128 * mebibyte,
      new Failure(
        "in-use",
        'Cannot grow "/m/sysrcd.bs": the session uses it, and ext2 cannot grow while in use',
        "boot with backstore=off, then grow it",
      ),
    ],
    [
      "xfs without root",
      makeFacts({ isRoot: false, inner: xfs }),
      128 * mebibyte,
      new Failure(
        "tool",
        'Cannot grow "/m/sysrcd.bs": its xfs file system must be mounted for that, which requires root',
        "run it as root",
      ),
    ],
  ];
  for (const [title, facts, size, failure] of cases) {
    test(title, () => {
      const refused = catchFailure(() => planGrow(facts, size));
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
