import { expect, describe as group, test } from "vitest";
import { type LabelFacts, planLabel } from "../../../src/core/create/plan-label.ts";
import { describe } from "../../../src/core/steps/step.ts";
import { Failure } from "../../../src/core/text/failure.ts";

const unmounted: LabelFacts = {
  path: "/dev/sdb1",
  type: "ext4",
  mount: undefined,
  use: undefined,
};
const mount = { source: "/dev/loop3", target: "/mnt" };
const busy = { reason: "it is in use by another program", hint: "wait" };

group("planLabel() calls the tool that belongs to the type", () => {
  const cases = [
    { facts: { type: "ext2" }, argv: "tune2fs -L usb /dev/sdb1" },
    { facts: { type: "ext4" }, argv: "tune2fs -L usb /dev/sdb1" },
    { facts: { type: "ext4", mount }, argv: "tune2fs -L usb /dev/loop3" },
    { facts: { type: "xfs" }, argv: "xfs_admin -L usb /dev/sdb1" },
    { facts: { type: "xfs", mount }, argv: 'xfs_io -c "label -s usb" /mnt' },
    { facts: { type: "btrfs" }, argv: "btrfs filesystem label /dev/sdb1 usb" },
    { facts: { type: "btrfs", mount }, argv: "btrfs filesystem label /mnt usb" },
    { facts: { type: "f2fs" }, argv: "f2fslabel /dev/sdb1 usb" },
    { facts: { type: "vfat" }, argv: "fatlabel /dev/sdb1 usb" },
    { facts: { type: "exfat" }, argv: "exfatlabel /dev/sdb1 usb" },
    // In use by its own mount: that does not matter here.
    { facts: { type: "ext4", mount, use: busy }, argv: "tune2fs -L usb /dev/loop3" },
  ];
  for (const { facts, argv } of cases) {
    test(argv, () => {
      const [first] = planLabel({ ...unmounted, ...facts }, "usb").steps;
      expect(first && describe(first)).toBe(`label "/dev/sdb1" "usb" (${argv})`);
    });
  }
});

group("planLabel() knows how long a label may be", () => {
  const limits = [
    ["ext2", 16],
    ["ext3", 16],
    ["ext4", 16],
    ["xfs", 12],
    ["btrfs", 254],
    ["f2fs", 511],
    ["vfat", 11],
    ["exfat", 11],
  ] as const;
  for (const [type, longest] of limits) {
    test(`${type}: ${longest}`, () => {
      const plan = (length: number) => planLabel({ ...unmounted, type }, "x".repeat(length));
      expect(plan(longest).steps).toHaveLength(2);
      expect(() => plan(longest + 1)).toThrow(`${type} allows at most ${longest}`);
    });
  }

  test("bytes of UTF-8 count, not letters", () => {
    expect(planLabel(unmounted, "ä".repeat(8)).steps).toHaveLength(2);
    expect(() => planLabel(unmounted, `${"ä".repeat(8)}x`)).toThrow("has 17 bytes");
  });
});

group("planLabel() refuses", () => {
  const cases: readonly (readonly [Partial<LabelFacts>, string, Failure])[] = [
    [{}, "", new Failure("usage", 'Cannot label "/dev/sdb1": the label is empty')],
    [
      {},
      "a\nb",
      new Failure(
        "usage",
        'Cannot label "/dev/sdb1": the label "a\\nb" contains control characters or invalid text',
      ),
    ],
    [
      {},
      "usb ",
      new Failure("usage", 'Cannot label "/dev/sdb1": the label "usb " ends with a space'),
    ],
    ...["NO NAME", "no name", " usb", "a.b", "a/b", "ä"].map(
      (label) =>
        [
          { type: "vfat" },
          label,
          new Failure(
            "usage",
            `Cannot label "/dev/sdb1": the tools for vfat accept only unaccented letters, digits and some punctuation in a label, not ${JSON.stringify(label)}`,
          ),
        ] as const,
    ),
    [{}, "-c", new Failure("usage", 'Cannot label "/dev/sdb1": a label cannot begin with "-"')],
    [
      { type: "xfs" },
      "$(reboot)",
      new Failure(
        "usage",
        'Cannot label "/dev/sdb1": the tools for xfs accept only letters, digits and . : + @ % _ - in a label, not "$(reboot)"',
      ),
    ],
    [
      { type: "vfat", mount },
      "USB",
      new Failure(
        "in-use",
        'Cannot label "/dev/sdb1": it is mounted on "/mnt"',
        'unmount it first: umount "/mnt"',
      ),
    ],
    [
      { type: "vfat", mount, isOfSession: true },
      "USB",
      new Failure(
        "in-use",
        'Cannot label "/dev/sdb1": it is mounted on "/mnt"',
        "the running session needs it: label it in a session with backstore=off, or elsewhere",
      ),
    ],
    [
      { use: { reason: "it is attached to /dev/loop3", hint: "detach it" } },
      "usb",
      new Failure("in-use", 'Cannot label "/dev/sdb1": it is attached to /dev/loop3', "detach it"),
    ],
    [
      { type: "crypto_LUKS" },
      "usb",
      new Failure(
        "unsafe",
        'Cannot label "/dev/sdb1": it is crypto_LUKS, but only ext2, ext3, ext4, xfs, btrfs, f2fs, vfat and exfat can be labelled',
      ),
    ],
    [
      { type: undefined },
      "usb",
      new Failure("not-found", 'Cannot label "/dev/sdb1": no file system was recognised on it'),
    ],
  ];
  for (const [facts, label, failure] of cases) {
    test(failure.message, () => {
      expect(() => planLabel({ ...unmounted, ...facts }, label)).toThrow(failure);
    });
  }
});
