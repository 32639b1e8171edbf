import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chooseDirectoryStore } from "../../../src/core/choosing/choose-directory-store.ts";
import type { Device } from "../../../src/core/devices/device.ts";
import {
  type DeviceReference,
  parseDeviceReference,
} from "../../../src/core/devices/device-reference.ts";
import { device, partition } from "../../support/devices.ts";

const needs = "a directory store needs ext2, ext3, ext4, xfs, btrfs or f2fs";
const byLabel: DeviceReference = { kind: "label", value: "store" };

interface Case {
  readonly name: string;
  readonly devices: readonly Device[];
  readonly reference?: DeviceReference;
  /** The reason of each device, in their order; that of the chosen one begins with "+ ". */
  readonly reasons: readonly string[];
  readonly missing?: string;
}

const cases: readonly Case[] = [
  {
    name: "takes the one file system with the label",
    devices: [
      device("/dev/sda", { type: "ext4", label: "store" }),
      device("/dev/sdb", { type: "ext4", label: "other" }),
      device("/dev/sdc", { type: "xfs" }),
      device("/dev/sdd"),
    ],
    reasons: [
      '+ it is labelled "store"',
      'its label is "other"',
      "it has no label",
      "no file system was recognised on it",
    ],
  },
  {
    name: "shows a label that would forge a line as what it is",
    devices: [device("/dev/sda", { type: "ext4", label: 'a"b\n\u001b[2J' })],
    reasons: ['its label is "a\\"b\\n\\u001b[2J"'],
    missing: 'there is no device labelled "store"',
  },
  {
    name: "does not match a label in other letter case, or a part of it",
    devices: [
      device("/dev/sda", { type: "ext4", label: "Store" }),
      device("/dev/sdb", { type: "ext4", label: "store " }),
    ],
    reasons: ['its label is "Store"', 'its label is "store "'],
    missing: 'there is no device labelled "store"',
  },
  {
    name: "takes the ext4 beside a vfat of the same label",
    devices: [
      device("/dev/sda", { type: "vfat", label: "store" }),
      device("/dev/sdb", { type: "ext4", label: "store" }),
    ],
    reasons: [`it is labelled "store", but it is vfat, and ${needs}`, '+ it is labelled "store"'],
  },
  {
    name: "names each device that has the label and can hold no store",
    devices: [
      device("/dev/sda", { type: "vfat", label: "store" }),
      device("/dev/sdb", { type: "iso9660", label: "store" }),
    ],
    reasons: [
      `it is labelled "store", but it is vfat, and ${needs}`,
      `it is labelled "store", but it is iso9660, and ${needs}`,
    ],
    missing: `/dev/sda is labelled "store", but it is vfat, and ${needs}; /dev/sdb is labelled "store", but it is iso9660, and ${needs}`,
  },
  {
    name: "takes none of two with one label, and says what chooses each",
    devices: [
      device("/dev/sda", { type: "ext4", label: "store", uuid: "aa" }),
      device("/dev/sdb", { type: "xfs", label: "store", uuid: "bb" }),
    ],
    reasons: [
      'it is labelled "store", but so is /dev/sdb; cow_device=UUID=aa chooses this one',
      'it is labelled "store", but so is /dev/sda; cow_device=UUID=bb chooses this one',
    ],
    missing:
      '/dev/sda (1.0 GiB, cow_device=UUID=aa) and /dev/sdb (1.0 GiB, cow_device=UUID=bb) are both labelled "store", so none was used: choose one with its option',
  },
  {
    name: "names all of three with one label",
    devices: [
      device("/dev/sda", { type: "ext4", label: "store", uuid: "aa" }),
      device("/dev/sdb", { type: "ext4", label: "store", uuid: "bb" }),
      device("/dev/sdc", { type: "ext4", label: "store" }),
    ],
    reasons: [
      'it is labelled "store", but so are /dev/sdb and /dev/sdc; cow_device=UUID=aa chooses this one',
      'it is labelled "store", but so are /dev/sda and /dev/sdc; cow_device=UUID=bb chooses this one',
      'it is labelled "store", but so are /dev/sda and /dev/sdb; cow_device=/dev/sdc chooses this one',
    ],
    missing:
      '/dev/sda (1.0 GiB, cow_device=UUID=aa), /dev/sdb (1.0 GiB, cow_device=UUID=bb) and /dev/sdc (1.0 GiB, cow_device=/dev/sdc) are all labelled "store", so none was used: choose one with its option',
  },
  {
    name: "names copies of a whole disk by their paths, because all else is the same",
    devices: [
      partition("/dev/sda", 1, { type: "ext4", label: "store", uuid: "aa", partUuid: "p-01" }),
      partition("/dev/sdb", 1, { type: "ext4", label: "store", uuid: "aa", partUuid: "p-01" }),
    ],
    reasons: [
      'it is labelled "store", but so is /dev/sdb1; cow_device=/dev/sda1 chooses this one',
      'it is labelled "store", but so is /dev/sda1; cow_device=/dev/sdb1 chooses this one',
    ],
    missing:
      '/dev/sda1 (1.0 GiB, cow_device=/dev/sda1) and /dev/sdb1 (1.0 GiB, cow_device=/dev/sdb1) are both labelled "store", so none was used: choose one with its option',
  },
  {
    name: "names a clone next to the original, a partition and a whole disk, each as a person knows it",
    devices: [
      partition("/dev/sda", 1, {
        ...{ type: "ext4", label: "store", uuid: "aa", partUuid: "p-01" },
        ...{ model: "Ultra Fit", bytes: 16 * 2 ** 30 },
      }),
      device("/dev/sdb", {
        ...{ type: "ext4", label: "store", uuid: "aa" },
        ...{ model: "a\u001b[2J", bytes: 2 ** 20 },
      }),
    ],
    reasons: [
      'it is labelled "store", but so is /dev/sdb; cow_device=PARTUUID=p-01 chooses this one',
      'it is labelled "store", but so is /dev/sda1; cow_device=/dev/sdb chooses this one',
    ],
    missing:
      '/dev/sda1 (Ultra Fit, 16.0 GiB, cow_device=PARTUUID=p-01) and /dev/sdb (a\\u001b[2J, 1.0 MiB, cow_device=/dev/sdb) are both labelled "store", so none was used: choose one with its option',
  },
  {
    name: "takes none of two with one UUID, and does not offer that",
    reference: { kind: "uuid", value: "aa" },
    devices: [
      partition("/dev/sda", 1, { type: "ext4", uuid: "aa", partUuid: "p-01" }),
      partition("/dev/sdb", 1, { type: "ext4", uuid: "aa", partUuid: "p-02" }),
    ],
    reasons: [
      "it is UUID=aa, but so is /dev/sdb1; cow_device=PARTUUID=p-01 chooses this one",
      "it is UUID=aa, but so is /dev/sda1; cow_device=PARTUUID=p-02 chooses this one",
    ],
    missing:
      "/dev/sda1 (1.0 GiB, cow_device=PARTUUID=p-01) and /dev/sdb1 (1.0 GiB, cow_device=PARTUUID=p-02) are both UUID=aa, so none was used: choose one with its option",
  },
  {
    name: "offers no path of an image file, which no boot could be given",
    devices: [
      device("a.img", { type: "ext4", label: "store", uuid: "aa" }),
      device("b.img", { type: "ext4", label: "store", uuid: "aa" }),
    ],
    reasons: [
      'it is labelled "store", but so is b.img; cow_device=/dev/… chooses this one',
      'it is labelled "store", but so is a.img; cow_device=/dev/… chooses this one',
    ],
    missing:
      'a.img (1.0 GiB, cow_device=/dev/…) and b.img (1.0 GiB, cow_device=/dev/…) are both labelled "store", so none was used: choose one with its option',
  },
  {
    name: "names copies of a file system by their partitions",
    devices: [
      partition("/dev/sda", 1, { type: "ext4", label: "store", uuid: "aa", partUuid: "p-01" }),
      partition("/dev/sda", 2, { type: "ext4", label: "store", uuid: "aa", partUuid: "p-02" }),
    ],
    reasons: [
      'it is labelled "store", but so is /dev/sda2; cow_device=PARTUUID=p-01 chooses this one',
      'it is labelled "store", but so is /dev/sda1; cow_device=PARTUUID=p-02 chooses this one',
    ],
    missing:
      '/dev/sda1 (1.0 GiB, cow_device=PARTUUID=p-01) and /dev/sda2 (1.0 GiB, cow_device=PARTUUID=p-02) are both labelled "store", so none was used: choose one with its option',
  },
  {
    name: "does not offer a UUID that a device with another label has too",
    devices: [
      device("/dev/sda", { type: "ext4", label: "store", uuid: "aa" }),
      device("/dev/sdb", { type: "ext4", label: "store", uuid: "bb" }),
      device("/dev/sdc", { type: "ext4", label: "old copy", uuid: "aa" }),
    ],
    reasons: [
      'it is labelled "store", but so is /dev/sdb; cow_device=/dev/sda chooses this one',
      'it is labelled "store", but so is /dev/sda; cow_device=UUID=bb chooses this one',
      'its label is "old copy"',
    ],
    missing:
      '/dev/sda (1.0 GiB, cow_device=/dev/sda) and /dev/sdb (1.0 GiB, cow_device=UUID=bb) are both labelled "store", so none was used: choose one with its option',
  },
  {
    name: "takes the partition of a disk that shows the same file system",
    devices: [
      device("/dev/sda", { type: "ext4", label: "store", uuid: "aa" }),
      partition("/dev/sda", 1, { type: "ext4", label: "store", uuid: "aa" }),
    ],
    reasons: ["it has the same file system as /dev/sda1", '+ it is labelled "store"'],
  },
  {
    name: "does not take a disk and its partition for one when their file systems differ",
    devices: [
      device("/dev/sda", { type: "ext4", label: "store", uuid: "aa" }),
      partition("/dev/sda", 1, { type: "ext4", label: "store", uuid: "bb" }),
    ],
    reasons: [
      'it is labelled "store", but so is /dev/sda1; cow_device=UUID=aa chooses this one',
      'it is labelled "store", but so is /dev/sda; cow_device=UUID=bb chooses this one',
    ],
    missing:
      '/dev/sda (1.0 GiB, cow_device=UUID=aa) and /dev/sda1 (1.0 GiB, cow_device=UUID=bb) are both labelled "store", so none was used: choose one with its option',
  },
  {
    name: "takes one member of a btrfs on several devices",
    devices: [
      device("/dev/sda", { type: "btrfs", label: "store", uuid: "aa", memberUuid: "m1" }),
      device("/dev/sdb", { type: "btrfs", label: "store", uuid: "aa", memberUuid: "m2" }),
      device("/dev/sdc", { type: "btrfs", label: "store", uuid: "aa", memberUuid: "m3" }),
    ],
    reasons: [
      '+ it is labelled "store"',
      "it has the same file system as /dev/sda",
      "it has the same file system as /dev/sda",
    ],
  },
  {
    name: "takes no member of a btrfs of which there is a copy",
    devices: [
      device("/dev/sda", { type: "btrfs", label: "store", uuid: "aa", memberUuid: "m1" }),
      device("/dev/sdb", { type: "btrfs", label: "store", uuid: "aa", memberUuid: "m2" }),
      device("/dev/sdc", { type: "btrfs", label: "store", uuid: "aa", memberUuid: "m1" }),
    ],
    reasons: [
      'it is labelled "store", but so are /dev/sdb and /dev/sdc; cow_device=/dev/sda chooses this one',
      'it is labelled "store", but so are /dev/sda and /dev/sdc; cow_device=/dev/sdb chooses this one',
      'it is labelled "store", but so are /dev/sda and /dev/sdb; cow_device=/dev/sdc chooses this one',
    ],
    missing:
      '/dev/sda (1.0 GiB, cow_device=/dev/sda), /dev/sdb (1.0 GiB, cow_device=/dev/sdb) and /dev/sdc (1.0 GiB, cow_device=/dev/sdc) are all labelled "store", so none was used: choose one with its option',
  },
  {
    name: "says of a device that cannot be read just that",
    devices: [
      device("/dev/sda", { problem: "it cannot be read: input/output error" }),
      device("/dev/sdb", { type: "ext4", label: "store" }),
    ],
    reasons: ["it cannot be read: input/output error", '+ it is labelled "store"'],
  },
  {
    name: "says why what was named cannot be read",
    reference: { kind: "path", path: "/dev/sda" },
    devices: [device("/dev/sda", { problem: "it cannot be read: input/output error" })],
    reasons: ["it is /dev/sda, but it cannot be read: input/output error"],
    missing: "/dev/sda was named, but it cannot be read: input/output error",
  },
  {
    name: "says that nothing was recognised on what was named",
    reference: { kind: "partuuid", value: "P-02" },
    devices: [partition("/dev/sda", 2, { partUuid: "p-02" })],
    reasons: ["it is PARTUUID=P-02, but no file system was recognised on it"],
    missing: "/dev/sda2 is PARTUUID=P-02, but no file system was recognised on it",
  },
  {
    name: "finds a partition by its label, and says what the others are not",
    reference: { kind: "partlabel", value: "my store" },
    devices: [
      partition("/dev/sda", 1, { type: "vfat", partLabel: "EFI" }),
      partition("/dev/sda", 2, { type: "ext4", partLabel: "my store" }),
    ],
    reasons: ["it is not PARTLABEL=my store", "+ it is PARTLABEL=my store"],
  },
  {
    name: "finds a file system by its UUID in any letter case",
    reference: { kind: "uuid", value: "5F0C2A1E-93D4-4B7A-8C11-6F2D9E4B7A10" },
    devices: [device("/dev/sda", { type: "ext4", uuid: "5f0c2a1e-93d4-4b7a-8c11-6f2d9e4b7a10" })],
    reasons: ["+ it is UUID=5F0C2A1E-93D4-4B7A-8C11-6F2D9E4B7A10"],
  },
  {
    name: "finds nothing among no devices",
    devices: [],
    reasons: [],
    missing: 'there is no device labelled "store"',
  },
  ...["crypto_LUKS", "swap", "LVM2_member", "squashfs", "ntfs", "exfat", "ambivalent"].map(
    (type): Case => ({
      name: `refuses ${type} by its name`,
      devices: [device("/dev/sda", { type, label: "store" })],
      reasons: [`it is labelled "store", but it is ${type}, and ${needs}`],
      missing: `/dev/sda is labelled "store", but it is ${type}, and ${needs}`,
    }),
  ),
  ...["ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs"].map(
    (type): Case => ({
      name: `takes ${type}`,
      devices: [device("/dev/sda", { type, label: "store" })],
      reasons: ['+ it is labelled "store"'],
    }),
  ),
];

describe("chooseDirectoryStore()", () => {
  for (const { name, devices, reference = byLabel, reasons, missing } of cases) {
    test(`chooseDirectoryStore() ${name}`, () => {
      const choice = chooseDirectoryStore(devices, reference);
      const shown = choice.candidates.map(({ accepted, reason }) =>
        accepted ? `+ ${reason}` : reason,
      );
      expect(shown).toEqual(reasons);
      expect(choice.missing).toBe(missing);
      expect(choice.device?.path).toBe(choice.candidates.find(({ accepted }) => accepted)?.device);
    });
  }

  const waits: [string, readonly Device[], boolean][] = [
    ["waits for what is not there", [device("/dev/sda", { type: "ext4", label: "other" })], false],
    [
      "has waited for what can be taken",
      [device("/dev/sda", { type: "ext4", label: "store" })],
      true,
    ],
    [
      "does not wait for what is there and cannot",
      [device("/dev/sda", { type: "vfat", label: "store" })],
      true,
    ],
  ];
  for (const [name, devices, final] of waits) {
    test(`chooseDirectoryStore() ${name}`, () => {
      expect(chooseDirectoryStore(devices, byLabel).isFinal).toBe(final);
    });
  }
});

const anyDevices = fc
  .array(
    fc.record({
      disk: fc.constantFrom("/dev/sda", "/dev/sdb", "/dev/sdc"),
      number: fc.integer({ min: 0, max: 3 }),
      fields: fc.record({
        type: fc.constantFrom("ext4", "xfs", "btrfs", "vfat", undefined),
        label: fc.constantFrom("store", "other", undefined),
        uuid: fc.constantFrom("aa", "bb", undefined),
        memberUuid: fc.constantFrom("m1", "m2"),
        partUuid: fc.constantFrom("p1", "p2", undefined),
      }),
    }),
    { maxLength: 8 },
  )
  .map((rows) => {
    const made = rows.map(
      ({ disk, number, fields: { type, partUuid, memberUuid, ...fields } }) => ({
        disk,
        number,
        fields: {
          ...fields,
          ...(type === undefined ? {} : { type }),
          ...(type === "btrfs" ? { memberUuid } : {}),
          partUuid: number === 0 ? undefined : partUuid,
        },
      }),
    );
    const devices = made.map(({ disk, number, fields }) =>
      number === 0 ? device(disk, fields) : partition(disk, number, fields),
    );
    return [...new Map(devices.map((one) => [one.path, one])).values()];
  });

test("chooseDirectoryStore() takes one at the most, gives every device a reason, and names options that choose", () => {
  let offered = 0;
  fc.assert(
    fc.property(anyDevices, (devices) => {
      const { candidates, device: chosen, missing } = chooseDirectoryStore(devices, byLabel);
      expect(candidates.map((one) => one.device)).toEqual(devices.map(({ path }) => path));
      expect(candidates.filter(({ accepted }) => accepted)).toHaveLength(chosen ? 1 : 0);
      expect(candidates.filter(({ reason }) => !/^(it|its|no) /.test(reason))).toEqual([]);
      expect(missing === undefined).toBe(chosen !== undefined);
      for (const { device: path, reason } of candidates) {
        const [, option] = /cow_device=(\S+) chooses this one$/.exec(reason) ?? [];
        if (option === undefined) continue;
        offered++;
        expect(chooseDirectoryStore(devices, parseDeviceReference(option)).device?.path).toBe(path);
      }
    }),
    { numRuns: 500 },
  );
  expect(offered).toBeGreaterThan(50);
});
