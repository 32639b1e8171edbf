import { expect, test } from "vitest";
import {
  endOfRoom,
  findNewPartition,
  formatEntry,
  keepBootRecord,
  planTables,
  type Tables,
} from "../../../src/core/install/store-partition.ts";
import { describe } from "../../../src/core/steps/step.ts";

const MiB = 2 ** 20;
const diskBytes = 64 * MiB;

interface Entry {
  readonly flag?: number;
  readonly type: number;
  readonly start: number;
  readonly sectors: number;
}

function makeTables(entries: readonly Entry[], code = 0): Tables {
  const head = new Uint8Array(MiB);
  head.fill(code, 0, 440);
  const view = new DataView(head.buffer);
  for (const [index, { flag = 0, type, start, sectors }] of entries.entries()) {
    const at = 446 + index * 16;
    head[at] = flag;
    head[at + 4] = type;
    view.setUint32(at + 8, start, true);
    view.setUint32(at + 12, sectors, true);
  }
  head.set([0x55, 0xaa], 510);
  return { head, tail: new Uint8Array(MiB), diskBytes };
}

const image: Entry = { flag: 0x80, type: 0, start: 64, sectors: 10_000 };
const efi: Entry = { type: 0xef, start: 284, sectors: 5760 };
const store: Entry = { type: 0x83, start: 65_536, sectors: 32_768 };
const guard: Entry = { type: 0xee, start: 1, sectors: 20_000 };
const dummy: Entry = { flag: 0x80, type: 0, start: 0, sectors: 1 };

test("findNewPartition() takes one partition where it was asked for, and no other change", () => {
  const before = makeTables([image, efi]);
  const wanted = { offset: store.start * 512, bytes: store.sectors * 512 };
  const found = findNewPartition(before, makeTables([image, efi, store]), wanted);
  expect(found).toMatchObject({ number: 3, ...wanted });
  for (const entries of [
    [image, efi],
    [image, store],
    [{ ...image, sectors: 9999 }, efi, store],
    [image, efi, { ...store, start: 65_537 }],
    [image, efi, store, { ...store, start: 100_000, sectors: 8 }],
  ])
    expect(findNewPartition(before, makeTables(entries), wanted)).toBeUndefined();
});

test("keepBootRecord() keeps boot code, and entries beside the one that guards a GPT", () => {
  const before = makeTables([guard, dummy], 7);
  const after = makeTables([{ ...guard, sectors: 131_071 }], 9);
  const kept = keepBootRecord(before, after);
  expect(kept.head.subarray(0, 440).every((byte) => byte === 7)).toBe(true);
  expect(kept.head.subarray(462, 510)).toEqual(before.head.subarray(462, 510));
  expect(kept.head.subarray(446, 462)).toEqual(after.head.subarray(446, 462));
  const dos = keepBootRecord(makeTables([image], 7), makeTables([image, store], 9));
  expect(dos.head.subarray(446, 510)).toEqual(makeTables([image, store]).head.subarray(446, 510));
});

test("planTables() writes the second table first, the first one at once, the record last", () => {
  const before = makeTables([guard, dummy]);
  const after = makeTables([{ ...guard, sectors: 131_071 }, dummy]);
  after.head.fill(1, 600, 610);
  after.head.fill(1, 1024 + 300, 1024 + 310);
  after.tail.fill(1, MiB - 512, MiB);
  after.tail.fill(1, MiB - 33 * 512, MiB - 33 * 512 + 8);
  expect(planTables("/dev/sdb", before, after).map(describe)).toEqual([
    'change the partition table on "/dev/sdb" (16.5 KiB at 67091968)',
    'change the partition table on "/dev/sdb" (1.0 KiB at 512)',
    'change the partition table on "/dev/sdb" (512 B at 0)',
  ]);
  const dos = planTables("/dev/sdb", makeTables([image]), makeTables([image, store]));
  expect(dos.map(describe)).toEqual(['change the partition table on "/dev/sdb" (512 B at 0)']);
  expect(planTables("/dev/sdb", before, before)).toEqual([]);
});

test("endOfRoom() leaves a GPT its second table", () => {
  expect(endOfRoom(makeTables([image]))).toBe(diskBytes);
  expect(endOfRoom(makeTables([guard]))).toBe(diskBytes - 65_536);
});

test("formatEntry() gives the type that is mounted nowhere by itself, and in a GPT a name", () => {
  const part = { offset: 64 * MiB, bytes: 32 * MiB };
  expect(formatEntry(part, { label: "keep", isGpt: false })).toBe(
    "start=131072, size=65536, type=83",
  );
  expect(formatEntry(part, { label: "keep", isGpt: true })).toBe(
    'start=131072, size=65536, type=0FC63DAF-8483-4772-8E79-3D69D8477DE4, name="keep", attrs="GUID:63"',
  );
});
