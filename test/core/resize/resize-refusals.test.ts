// What planGrow() and planShrink() refuse, and in which words.
import { expect, test } from "vitest";
import { planGrow } from "../../../src/core/resize/plan-grow.ts";
import { planShrink } from "../../../src/core/resize/plan-shrink.ts";
import type { ResizeFacts } from "../../../src/core/resize/resize-facts.ts";
import { Failure } from "../../../src/core/text/failure.ts";
import { makeFacts, mebibyte } from "../../support/resize-model.ts";

const gibibyte = 1024 * mebibyte;
const large = { bytes: gibibyte, allocatedBytes: gibibyte } as const;
const session = { device: "/dev/loop3", target: "/run/initramfs/backstore/store" };
const xfs = { type: "xfs", layout: undefined } as const;

type Case = readonly [
  plan: typeof planGrow | typeof planShrink,
  title: string,
  facts: ResizeFacts,
  size: number,
  failure: Failure,
];

const cases: readonly Case[] = [
  [
    planGrow,
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
    planGrow,
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
    planGrow,
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
    planGrow,
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
    planGrow,
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
    planGrow,
    "less than what the kernel resizes a btrfs to",
    makeFacts({ session, inner: { type: "btrfs", layout: undefined } }),
    160 * mebibyte,
    new Failure(
      "usage",
      'Cannot grow "/m/sysrcd.bs" to 160.0 MiB: the kernel resizes a btrfs to no less than 256.0 MiB',
      "choose a size of at least 256 MiB",
    ),
  ],
  [
    planGrow,
    "xfs without root",
    makeFacts({ isRoot: false, inner: xfs }),
    128 * mebibyte,
    new Failure(
      "tool",
      'Cannot grow "/m/sysrcd.bs": its xfs file system must be mounted for that, which requires root',
      "run it as root",
    ),
  ],
  [
    planShrink,
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
    planShrink,
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
    planShrink,
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
    planShrink,
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
    planShrink,
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
    planShrink,
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
    planShrink,
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

for (const [plan, title, facts, size, failure] of cases)
  test(`${plan.name}() refuses ${title}`, () => {
    const refused = catchFailure(() => plan(facts, size));
    expect(refused).toEqual(failure);
    expect([refused?.code, refused?.hint]).toEqual([failure.code, failure.hint]);
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
