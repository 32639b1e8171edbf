import { expect, describe as group, test } from "vitest";
import {
  checkDisk,
  checkImage,
  type ImageFacts,
  planImage,
  type TargetDisk,
  withoutImage,
} from "../../../src/core/install/plan-stick-image.ts";
import { describe } from "../../../src/core/steps/step.ts";
import { Failure } from "../../../src/core/text/failure.ts";
import { emptyPartition, nameless } from "../../support/device-facts.ts";

const MiB = 2 ** 20;

const iso = { ...nameless, type: "iso9660", label: "LIVE", uuid: "2026-11-30-01-02-03-00" };
const image: ImageFacts = {
  path: "/live.iso",
  bytes: 300 * MiB,
  contents: [
    { ...iso, path: "/live.iso" },
    { ...nameless, path: "/live.iso", type: "dos" },
    { ...nameless, path: "/live.iso#2", type: "vfat", partUuid: "1-02" },
  ],
  isHybrid: true,
};
const disk: TargetDisk = {
  ...emptyPartition,
  path: "/dev/sdb",
  partOf: undefined,
  isOptical: false,
  isRemovable: true,
};
const cannot = 'Cannot write the image to "/dev/sdb"';

group("checkImage() takes what boots from a disk", () => {
  const cases = [
    { facts: { contents: [] }, code: "usage", found: "the image is not an ISO image" },
    { facts: { contents: [{ ...nameless, type: "vfat" }] }, code: "usage", found: "not an ISO" },
    { facts: { isHybrid: false }, code: "unsafe", found: "the image boots from discs only" },
  ];
  for (const { facts, code, found } of cases)
    test(`refused: ${found} (${JSON.stringify(facts).slice(0, 40)})`, () => {
      const check = () => checkImage({ ...image, ...facts }, cannot);
      expect(check).toThrow(expect.objectContaining({ code }));
      expect(check).toThrow(found);
    });
  test("accepted", () => {
    expect(() => checkImage(image, cannot)).not.toThrow();
  });
});

group("checkDisk() refuses what must not be written to", () => {
  const request = { cannot, isForced: false };
  const cases = [
    {
      facts: { partOf: "/dev/sdb", isRemovable: false },
      failure: new Failure(
        "usage",
        `${cannot}: it is a partition, and an image is written to a whole disk`,
      ),
    },
    {
      facts: { isOptical: true },
      failure: new Failure("usage", `${cannot}: it is a drive for discs`),
    },
    {
      facts: { uses: ['"/dev/sdb1" is mounted on "/media/stick"'], isRemovable: false },
      failure: new Failure("in-use", `${cannot}: "/dev/sdb1" is mounted on "/media/stick"`),
    },
    {
      facts: { isReadonly: true },
      failure: new Failure("unsafe", `${cannot}: it is write-protected`),
    },
    {
      facts: { isRemovable: false },
      failure: new Failure(
        "unsafe",
        `${cannot}: it is not removable, so it may be a disk of this machine`,
      ),
    },
    {
      facts: { bytes: 300 * MiB - 512 },
      failure: new Failure(
        "no-room",
        `${cannot}: it has only 299.9 MiB, but the image has 300.0 MiB`,
      ),
    },
  ];
  for (const { facts, failure } of cases)
    test(failure.message, () => {
      const check = () => checkDisk({ ...disk, ...facts }, image, request);
      expect(check).toThrow(failure.message);
      expect(check).toThrow(expect.objectContaining({ code: failure.code }));
    });
  for (const { name, facts, isForced } of [
    { name: "a stick", facts: {}, isForced: false },
    { name: "a loop device", facts: { isRemovable: undefined }, isForced: false },
    { name: "as large as the image", facts: { bytes: 300 * MiB }, isForced: false },
    { name: "not removable, with --any-disk", facts: { isRemovable: false }, isForced: true },
  ])
    test(`accepted: ${name}`, () => {
      expect(() => checkDisk({ ...disk, ...facts }, image, { cannot, isForced })).not.toThrow();
    });
});

test("withoutImage() lists only what the image does not bring", () => {
  const store = { ...nameless, path: "/dev/sdb#3", type: "ext4", label: "backstore" };
  const contents = [...image.contents, store].map((content) => ({
    ...content,
    path: content.path.replace("/live.iso", "/dev/sdb"),
  }));
  expect(withoutImage({ ...disk, contents }, image).contents).toEqual([store]);
  const other = { ...iso, path: "/dev/sdb", uuid: "2025-01-01-01-02-03-00" };
  expect(withoutImage({ ...disk, contents: [other] }, image).contents).toEqual([other]);
  const moved = { ...nameless, path: "/dev/sdb#1", type: "vfat", partUuid: "1-02" };
  expect(withoutImage({ ...disk, contents: [moved] }, image).contents).toEqual([moved]);
});

test("planImage() writes the beginning last, after all else was read back", () => {
  const { title, steps } = planImage(disk, image);
  expect([title, ...steps.map(describe)]).toEqual([
    'Write the image "/live.iso" (300.0 MiB) to "/dev/sdb"',
    'check that "/dev/sdb" has not changed (8.0 GiB, nothing recognised)',
    'write zeros to "/dev/sdb": 1.0 MiB at 0, 1.0 MiB at 8588886016',
    'write "/live.iso" to "/dev/sdb": 299.0 MiB at 1048576',
    'read back "/live.iso" to "/dev/sdb": 299.0 MiB at 1048576',
    'write "/live.iso" to "/dev/sdb": 1020.0 KiB at 4096',
    'read back "/live.iso" to "/dev/sdb": 1020.0 KiB at 4096',
    'write "/live.iso" to "/dev/sdb": 4.0 KiB at 0',
    'read back "/live.iso" to "/dev/sdb": 4.0 KiB at 0',
  ]);
});

test("planImage() writes every byte of the image once, whatever the sizes", () => {
  for (const bytes of [1, 4096, 4097, MiB, MiB + 1, 300 * MiB]) {
    const { steps } = planImage({ ...disk, bytes: 300 * MiB }, { ...image, bytes });
    const copies = steps.filter((step) => step.do === "copy-to-disk");
    const sorted = copies.toSorted((one, other) => one.offset - other.offset);
    let end = 0;
    for (const { offset, at, bytes: length } of sorted) {
      expect([offset, at]).toEqual([end, end]);
      end += length;
    }
    expect(end).toBe(bytes);
    expect(copies.at(-1)?.offset).toBe(0);
  }
});
