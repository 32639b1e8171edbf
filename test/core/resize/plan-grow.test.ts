import { expect, describe as group, test } from "vitest";
import { planGrow } from "../../../src/core/resize/plan-grow.ts";
import { joinPhases, type ResizeFacts } from "../../../src/core/resize/resize-facts.ts";
import { describe } from "../../../src/core/steps/step.ts";
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
    [
      "a file that shares blocks",
      makeFacts({ allocatedBytes: 3 * mebibyte, sharedBytes: 61 * mebibyte }),
    ],
    [
      "a file on xfs that shares blocks in use",
      makeFacts({ sharedBytes: mebibyte, session, host: { type: "xfs" } }),
    ],
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
      const to = facts.inner.type === "btrfs" ? 256 : 128;
      await expect(explain(facts, to * mebibyte)).toMatchFileSnapshot(
        `../../golden/plans/grow-${name}.txt`,
      );
    });
  }
});

test("planGrow() writes nothing anew that the session writes to", () => {
  const facts = makeFacts({ sharedBytes: mebibyte, session, host: { type: "btrfs" } });
  expect(() => planGrow(facts, 128 * mebibyte)).toThrow(
    'Cannot grow "/m/sysrcd.bs": it shares 1.0 MiB with a snapshot or a copy',
  );
});

test("planGrow() takes all that is free less a margin for max", () => {
  const { result } = planGrow(makeFacts(), "max");
  expect(result.to).toBe((64 + 512 - 11) * mebibyte);
  const fat = makeFacts({ host: { type: "vfat", totalBytes: 2 ** 40, availableBytes: 2 ** 39 } });
  expect(planGrow(fat, "max").result.to).toBe(4095 * mebibyte);
});

test("planGrow() only allocates a sparse btrfs that is smaller than what the kernel resizes", () => {
  for (const more of [{}, { session }]) {
    const facts = makeFacts({ allocatedBytes: 0, inner: { ...xfs, type: "btrfs" }, ...more });
    const kinds = planGrow(facts, 64 * mebibyte)
      .phases.flat()
      .map((step) => step.do);
    expect(kinds).toContain("allocate");
    expect(kinds).not.toContain("grow-mounted");
    const resized = planGrow(facts, 64 * mebibyte)
      .phases.flat()
      .filter((step) => step.do === "resize-mounted" && step.bytes !== undefined);
    expect(resized).toEqual([]);
  }
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
