import { expect, describe as group, test } from "vitest";
import {
  chooseSessionBlock,
  chooseStoreLabel,
  chooseStorePart,
  endOfPlaces,
  partitionPath,
  planStickSession,
  type StickFacts,
} from "../../../src/core/install/plan-stick.ts";
import { describe } from "../../../src/core/steps/step.ts";

const MiB = 2 ** 20;
const stick: StickFacts = {
  path: "/dev/sdb",
  bytes: 1024 * MiB,
  imageBytes: 100 * MiB,
  session: undefined,
  partitions: [],
  stores: [],
  identity: { type: "iso9660", uuid: "u" },
};
const cannot = 'Cannot install on "/dev/sdb"';

group("chooseSessionBlock() never takes the place of the session in force", () => {
  const need = 12 * MiB;
  const first = 100 * MiB;
  const second = first + 32 * MiB;
  const at = (offset: number, bytes = 4 * MiB) => ({ ...stick, session: { offset, bytes } });
  const cases = [
    { name: "behind the image", facts: stick, offset: first },
    { name: "beside one at the first place", facts: at(first), offset: second },
    { name: "at the first place beside one at the second", facts: at(second), offset: first },
    { name: "behind a long one", facts: at(first, 40 * MiB), offset: first + 40 * MiB },
    {
      name: "behind an image that ends within a block",
      facts: { ...stick, imageBytes: first - 512 },
      offset: first,
    },
  ];
  for (const { name, facts, offset } of cases)
    test(name, () => {
      expect(chooseSessionBlock(facts, need, cannot) * 2048).toBe(offset);
    });

  test("and none of a partition or beyond the end", () => {
    const partitions = [{ offset: first + 8 * MiB, bytes: MiB }];
    expect(() => chooseSessionBlock({ ...stick, partitions }, need, cannot)).toThrow(
      `${cannot}: it needs 12.0 MiB before the next partition, and 8.0 MiB are free`,
    );
    expect(() => chooseSessionBlock({ ...stick, bytes: first }, need, cannot)).toThrow(
      "behind the image, and 0 B are free",
    );
    expect(() => chooseSessionBlock({ ...at(first), bytes: second }, need, cannot)).toThrow(
      expect.objectContaining({ hint: "undo what is installed first" }),
    );
  });
});

group("chooseStorePart() leaves room for two sessions", () => {
  const request = { sessionBytes: 12 * MiB, endOfRoom: stick.bytes, leastBytes: 2 * MiB };
  test("a size is rounded up to whole MiB", () => {
    const part = chooseStorePart(stick, { ...request, size: 50 * MiB - 1 }, cannot);
    expect(part).toEqual({ offset: 164 * MiB, bytes: 50 * MiB });
    expect(endOfPlaces(stick, 12 * MiB)).toBe(164 * MiB);
  });
  test('"max" is all that is left', () => {
    const part = chooseStorePart(
      stick,
      { ...request, size: "max", endOfRoom: stick.bytes - 65_536 },
      cannot,
    );
    expect(part).toEqual({ offset: 164 * MiB, bytes: 859 * MiB });
  });
  test("larger sessions get larger places", () => {
    const part = chooseStorePart(
      stick,
      { ...request, sessionBytes: 50 * MiB, size: 9 * MiB },
      cannot,
    );
    expect(part.offset).toBe(200 * MiB);
  });
  test("it begins behind other partitions", () => {
    const partitions = [{ offset: 300 * MiB, bytes: 10 * MiB + 512 }];
    const part = chooseStorePart({ ...stick, partitions }, { ...request, size: 4 * MiB }, cannot);
    expect(part.offset).toBe(311 * MiB);
  });
  for (const size of [900 * MiB, "max"] as const)
    test(`no room for ${size}`, () => {
      const endOfRoom = size === "max" ? 165 * MiB : stick.bytes;
      expect(() => chooseStorePart(stick, { ...request, endOfRoom, size }, cannot)).toThrow(
        expect.objectContaining({ code: "no-room" }),
      );
    });
});

test("planStickSession() writes the first sector of the descriptors last", () => {
  const change = (block: number, length: number) => ({
    block,
    before: new Uint8Array(length),
    bytes: new Uint8Array(length).fill(1),
  });
  const zeros = new Uint8Array(2048);
  const image = { bytes: stick.bytes, at: (_: number, length: number) => new Uint8Array(length) };
  const session = {
    ...{ block: 51_200, bytes: new Uint8Array(4096) },
    ...{ descriptors: change(16, 1024), view: change(32, 512) },
    // Two blocks of a new file side by side, and one that is written twice.
    efi: [
      { block: 100, bytes: zeros },
      { block: 101, bytes: zeros },
      { block: 102, bytes: zeros.slice().fill(1) },
      { block: 102, bytes: zeros.slice().fill(2) },
    ],
    ...{ partition: change(0, 512), moved: undefined, end: 51_202 },
  };
  const { steps } = planStickSession(stick, session, { file: "/whole", image });
  expect(steps.map(describe)).toEqual([
    'check that "/dev/sdb" has not changed (1.0 GiB, iso9660)',
    'write "/whole" from 0 to "/dev/sdb": 4.0 KiB at 104857600',
    'read back "/whole" from 0 to "/dev/sdb": 4.0 KiB at 104857600',
    'change the EFI partition on "/dev/sdb" (4.0 KiB at 204800)',
    'change the EFI partition on "/dev/sdb" (2.0 KiB at 208896)',
    'change the EFI partition on "/dev/sdb" (2.0 KiB at 208896)',
    'change the boot record on "/dev/sdb" (512 B at 0)',
    'change the volume descriptors of the first partition on "/dev/sdb" (512 B at 65536)',
    'change the volume descriptors on "/dev/sdb" (512 B at 33280)',
    'change the volume descriptors on "/dev/sdb" (512 B at 32768)',
  ]);
  const [first, second] = steps.filter(
    (step) => step.do === "change-disk" && step.offset === 208_896,
  ) as { from: string; to: string }[];
  expect(second?.from).toBe(first?.to);
});

test("chooseStoreLabel() gives no label twice", () => {
  expect(chooseStoreLabel([])).toBe("backstore");
  expect(chooseStoreLabel(["backstore", "x", "backstore-2"])).toBe("backstore-3");
});

test("partitionPath() names a partition as the kernel does", () => {
  expect(partitionPath("/dev/sdb", 3)).toBe("/dev/sdb3");
  expect(partitionPath("/dev/mmcblk0", 3)).toBe("/dev/mmcblk0p3");
  expect(partitionPath("/dev/sdb", 0)).toBe("/dev/sdb");
});
