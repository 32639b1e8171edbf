// What a person may name as the medium, and what is said where it is something else.
import { describe, expect, test } from "vitest";
import {
  type DiskFacts,
  identifyMedium,
  type MediumFacts,
  type MediumRequest,
  type NamedMedium,
} from "../../../src/core/install/identify-medium.ts";
import { Failure } from "../../../src/core/text/failure.ts";

const isoDisk: DiskFacts = {
  ...{ path: "/dev/sdb", contents: "iso9660", mounts: [] },
  partitions: [{ path: "/dev/sdb1", number: 1, label: "LIVE" }],
};
const fatDisk: DiskFacts = {
  ...{ path: "/dev/sdb", contents: undefined, mounts: [] },
  partitions: [{ path: "/dev/sdb1", number: 1, label: "STICK" }],
};
const ventoyDisk: DiskFacts = {
  ...{ path: "/dev/sdb", contents: undefined, mounts: [] },
  partitions: [
    { path: "/dev/sdb1", number: 1, label: "Images" },
    { path: "/dev/sdb2", number: 2, label: "VTOYEFI" },
  ],
};

function mountedOn(disk: DiskFacts, target: string, type = "vfat"): DiskFacts {
  const device = disk.partitions[0]?.path ?? disk.path;
  return { ...disk, mounts: [{ device, target, type, root: "/" }] };
}

const nothing: MediumFacts = {
  ...{ path: "/there", kind: undefined, contents: undefined },
  ...{ mounted: undefined, disk: undefined, hasVentoy: false },
};
const stick: MediumFacts = {
  ...{ ...nothing, kind: "directory", disk: fatDisk },
  mounted: {
    ...{ source: "/dev/sdb1", type: "vfat", root: "/" },
    ...{ isReadonly: false, loopFile: undefined },
  },
};

function mounted(facts: Partial<MediumFacts["mounted"]>, disk = stick.disk): MediumFacts {
  return { ...stick, disk, mounted: { ...(stick.mounted ?? never()), ...facts } };
}

function never(): never {
  throw new Error("it is there");
}

function device(path: string, disk: DiskFacts): MediumFacts {
  const contents = path === disk.path ? disk.contents : undefined;
  return { ...nothing, path, kind: "block", contents, disk };
}

const request: MediumRequest = {
  ...{ given: "MEDIUM", cannot: "Cannot install on X", isTree: false, to: undefined },
};
const image: MediumFacts = { ...nothing, kind: "file", contents: "iso9660" };
const directory: MediumFacts = { ...nothing, kind: "directory" };

describe("identifyMedium() knows a medium", () => {
  const cases: readonly [string, MediumFacts, Partial<MediumRequest>, NamedMedium][] = [
    ["a mounted stick", stick, {}, { kind: "tree", path: "/there" }],
    ["a directory with files", directory, { isTree: true }, { kind: "tree", path: "/there" }],
    [
      "a subvolume of btrfs",
      mounted({ type: "btrfs", root: "/@live" }),
      {},
      { kind: "tree", path: "/there" },
    ],
    ["an ISO image", image, { to: "new.iso" }, { kind: "image", path: "/there", to: "new.iso" }],
    [
      "a stick that one was written onto",
      device("/dev/sdb", isoDisk),
      {},
      { kind: "stick", path: "/dev/sdb" },
    ],
    [
      "a stick of Ventoy by its directory",
      mounted({}, ventoyDisk),
      {},
      { kind: "ventoy", path: "/there" },
    ],
    [
      "a stick of Ventoy by its device",
      device("/dev/sdb", mountedOn(ventoyDisk, "/media/v", "exfat")),
      {},
      { kind: "ventoy", path: "/media/v" },
    ],
    [
      "a stick of Ventoy whose other partition is unknown",
      { ...stick, hasVentoy: true },
      {},
      { kind: "ventoy", path: "/there" },
    ],
    [
      "a directory with what is on one",
      { ...directory, hasVentoy: true },
      { isTree: true },
      { kind: "ventoy", path: "/there" },
    ],
    [
      "the directory of Ventoy's programs as the files that it has",
      mounted({ source: "/dev/sdb2" }, ventoyDisk),
      {},
      { kind: "tree", path: "/there" },
    ],
  ];
  for (const [what, facts, more, medium] of cases)
    test(what, () => {
      expect(identifyMedium(facts, { ...request, ...more })).toEqual(medium);
    });
});

describe("identifyMedium() refuses, and says what to name", () => {
  const cases: readonly [
    what: string,
    facts: MediumFacts,
    more: Partial<MediumRequest>,
    code: Failure["code"],
    says: string,
    hint: string | undefined,
  ][] = [
    ["what is not there", nothing, {}, "not-found", "no such file or device", undefined],
    [
      "a tree that is not there",
      nothing,
      { isTree: true },
      "not-found",
      "no such directory",
      undefined,
    ],
    ["a tree that is a file", image, { isTree: true }, "usage", "it is not a directory", undefined],
    [
      "a pipe",
      { ...nothing, kind: "other" },
      {},
      "usage",
      "it is neither a directory nor a file nor a block device",
      undefined,
    ],
    [
      "a directory where nothing is mounted",
      directory,
      { given: "my stick" },
      "usage",
      "nothing is mounted there",
      'mount the stick there or, if the files of a medium are in it: --tree "my stick"',
    ],
    [
      "a part of a file system",
      mounted({ root: "/boot" }),
      {},
      "usage",
      'it shows "/boot" of a file system, not the top of it',
      "mount /dev/sdb1 itself, and name that directory",
    ],
    [
      "an image that is mounted from a file",
      mounted({ type: "iso9660", source: "/dev/loop0", loopFile: "/home/live.iso" }),
      {},
      "unsafe",
      "an ISO image is mounted there, and its files cannot be changed",
      "name the file, and a new one: /home/live.iso --to NEW.iso",
    ],
    [
      "an image that is mounted from a stick",
      mounted({ type: "iso9660" }, isoDisk),
      {},
      "unsafe",
      "an ISO image is mounted there, and its files cannot be changed",
      'unmount "/there", and name the device: /dev/sdb',
    ],
    [
      "a compressed image",
      mounted({ type: "squashfs" }),
      {},
      "unsafe",
      "it is squashfs, and its files cannot be changed",
      undefined,
    ],
    [
      "a directory in memory",
      mounted({ type: "tmpfs" }),
      {},
      "usage",
      "nothing boots from tmpfs",
      "if the files of a medium are in it: --tree MEDIUM",
    ],
    [
      "a stick that is mounted read-only",
      mounted({ isReadonly: true }),
      {},
      "unsafe",
      "it is mounted read-only",
      "mount it read-write if that is safe: mount -o remount,rw /there",
    ],
    [
      "a new image of a stick",
      stick,
      { to: "new.iso" },
      "usage",
      '"--to" is for the file of an ISO image alone',
      undefined,
    ],
    [
      "an image without a new one",
      image,
      {},
      "usage",
      "an ISO image is never changed itself",
      "name a new one: MEDIUM --to NEW.iso",
    ],
    [
      "another file",
      { ...image, contents: "ext4" },
      { to: "new.iso" },
      "usage",
      "it is not an ISO image, but contains ext4",
      undefined,
    ],
    [
      "a partition of a stick that an image was written onto",
      device("/dev/sdb1", isoDisk),
      {},
      "usage",
      'it is a part of "/dev/sdb", which an ISO image was written onto',
      "name the whole device: /dev/sdb",
    ],
    [
      "a partition that is mounted",
      device("/dev/sdb1", mountedOn(fatDisk, "/media/a b")),
      {},
      "usage",
      'it is mounted on "/media/a b"',
      'if the files of a live system are there, name that directory: "/media/a b"',
    ],
    [
      "a partition that is not",
      device("/dev/sdb1", fatDisk),
      {},
      "usage",
      "it is a partition, and is not mounted",
      "mount it and name that directory",
    ],
    [
      "a whole stick of which a partition is mounted",
      device("/dev/sdb", mountedOn(fatDisk, "/media/stick")),
      {},
      "usage",
      '"/dev/sdb1" is mounted on "/media/stick"',
      "if the files of a live system are there, name that directory: /media/stick",
    ],
    [
      "a stick with an image that is mounted",
      device("/dev/sdb", mountedOn(isoDisk, "/media/live", "iso9660")),
      {},
      "in-use",
      '"/dev/sdb1" is mounted on "/media/live"',
      "unmount it: umount /media/live",
    ],
    [
      "a stick without an image",
      device("/dev/sdb", { ...fatDisk, contents: "vfat" }),
      {},
      "usage",
      "no ISO image was written onto it, it contains vfat",
      "if the files of a live system are on it, mount it and name that directory",
    ],
    [
      "a stick of Ventoy that is not mounted",
      device("/dev/sdb", ventoyDisk),
      {},
      "usage",
      "it is a stick of Ventoy, and its partition for images is not mounted",
      "mount /dev/sdb1, and name that directory",
    ],
  ];
  for (const [what, facts, more, code, says, hint] of cases)
    test(what, () => {
      let failure: unknown;
      try {
        identifyMedium(facts, { ...request, ...more });
      } catch (error) {
        failure = error;
      }
      expect(failure).toBeInstanceOf(Failure);
      const { code: found, message, hint: given } = failure as Failure;
      expect([found, message, given]).toEqual([code, `${request.cannot}: ${says}`, hint]);
    });
});
