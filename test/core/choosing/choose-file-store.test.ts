import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chooseFileStore, listHosts } from "../../../src/core/choosing/choose-file-store.ts";
import { chooseRequest, type FileRequest } from "../../../src/core/choosing/store-request.ts";
import type { Device } from "../../../src/core/devices/device.ts";
import type { HostFacts } from "../../../src/core/stores/host-offer.ts";
import { device, hostFacts, hostWith, optionsOf, partition } from "../../support/devices.ts";

const store = hostWith({}, { names: ["upperdir", "workdir"] });
const nothing = hostFacts();
const aufs = hostWith({}, { names: [".wh..wh.aufs"] });
const isAufs =
  'it has "/sysrcd.bs", but it contains a store of the first generation (aufs), which is left untouched; take it over with: backstore import MOUNT/sysrcd.bs NEW';
const isNotSought = "it is not removable, and only backstore=alldev searches it";

const removable = true;
const stick = partition("/dev/sda", 1, { type: "vfat", label: "RESCUE", uuid: "AA", removable });
const other = partition("/dev/sdb", 1, { type: "ext4", label: "data", uuid: "bb", removable });
const third = partition("/dev/sdc", 1, { type: "exfat", uuid: "CC", partUuid: "p3", removable });
const inside = partition("/dev/sdd", 1, { type: "ext4", label: "home", uuid: "dd" });
const elsewhere = device("/dev/sdz", { type: "iso9660" });

interface Case {
  readonly name: string;
  readonly commandLine?: string;
  readonly devices: readonly (readonly [device: Device, facts?: HostFacts])[];
  /** The stick by default. */
  readonly medium?: Device;
  /** The reason of each device, in their order; that of the chosen one begins with "+ ". */
  readonly reasons: readonly string[];
  readonly missing?: string;
  readonly isThere?: boolean;
  /** Whether waiting is useless; the same as `isThere` by default. */
  readonly isFinal?: boolean;
}

const cases: readonly Case[] = [
  {
    name: "takes the one on the medium",
    devices: [[stick, store]],
    reasons: ['+ it has the store "/sysrcd.bs", on the medium'],
  },
  {
    name: "takes the one on another stick",
    devices: [
      [stick, nothing],
      [other, store],
    ],
    reasons: ['it has no "/sysrcd.bs"', '+ it has the store "/sysrcd.bs"'],
  },
  {
    name: "takes the one on the medium rather than one elsewhere, and says what would choose that",
    devices: [
      [stick, store],
      [other, store],
    ],
    reasons: [
      '+ it has the store "/sysrcd.bs", on the medium',
      'it also has a store "/sysrcd.bs", but the one on the medium comes first; backstore=UUID=bb chooses this one',
    ],
  },
  {
    name: "takes the one on another partition of the medium's disk",
    medium: partition("/dev/sdb", 2, { type: "iso9660" }),
    devices: [
      [stick, store],
      [other, store],
    ],
    reasons: [
      'it also has a store "/sysrcd.bs", but the one on the medium comes first; backstore=UUID=AA chooses this one',
      '+ it has the store "/sysrcd.bs", on the medium',
    ],
  },
  {
    name: "takes the one beside the base rather than one on another partition of the medium's disk",
    devices: [
      [stick, store],
      [partition("/dev/sda", 2, { type: "ext4", uuid: "ee", removable }), store],
    ],
    reasons: [
      '+ it has the store "/sysrcd.bs", on the medium',
      'it also has a store "/sysrcd.bs", but the one on the medium comes first; backstore=UUID=ee chooses this one',
    ],
  },
  {
    name: "takes none of two, and says what chooses each",
    medium: elsewhere,
    devices: [
      [other, store],
      [third, store],
    ],
    reasons: [
      'it has the store "/sysrcd.bs", but so does /dev/sdc1; backstore=UUID=bb chooses this one',
      'it has the store "/sysrcd.bs", but so does /dev/sdb1; backstore=UUID=CC chooses this one',
    ],
    missing:
      '/dev/sdb1 (1.0 GiB, backstore=UUID=bb) and /dev/sdc1 (1.0 GiB, backstore=UUID=CC) both have a store "/sysrcd.bs", so none was used: choose one with its option',
    isThere: true,
  },
  {
    name: "names all of three",
    medium: elsewhere,
    commandLine: "backstore=alldev",
    devices: [
      [other, store],
      [third, store],
      [inside, store],
    ],
    reasons: [
      'it has the store "/sysrcd.bs", but so do /dev/sdc1 and /dev/sdd1; backstore=UUID=bb chooses this one',
      'it has the store "/sysrcd.bs", but so do /dev/sdb1 and /dev/sdd1; backstore=UUID=CC chooses this one',
      'it has the store "/sysrcd.bs", but so do /dev/sdb1 and /dev/sdc1; backstore=UUID=dd chooses this one',
    ],
    missing:
      '/dev/sdb1 (1.0 GiB, backstore=UUID=bb), /dev/sdc1 (1.0 GiB, backstore=UUID=CC) and /dev/sdd1 (1.0 GiB, backstore=UUID=dd) all have a store "/sysrcd.bs", so none was used: choose one with its option',
    isThere: true,
  },
  {
    name: "names copies of a stick by what differs",
    medium: elsewhere,
    devices: [
      [partition("/dev/sda", 1, { type: "vfat", uuid: "AA", partUuid: "p1", removable }), store],
      [partition("/dev/sdb", 1, { type: "vfat", uuid: "AA", partUuid: "p2", removable }), store],
      [partition("/dev/sdc", 1, { type: "vfat", uuid: "AA", partUuid: "p2", removable }), store],
    ],
    reasons: [
      'it has the store "/sysrcd.bs", but so do /dev/sdb1 and /dev/sdc1; backstore=PARTUUID=p1 chooses this one',
      'it has the store "/sysrcd.bs", but so do /dev/sda1 and /dev/sdc1; backstore=/dev/sdb1 chooses this one',
      'it has the store "/sysrcd.bs", but so do /dev/sda1 and /dev/sdb1; backstore=/dev/sdc1 chooses this one',
    ],
    missing:
      '/dev/sda1 (1.0 GiB, backstore=PARTUUID=p1), /dev/sdb1 (1.0 GiB, backstore=/dev/sdb1) and /dev/sdc1 (1.0 GiB, backstore=/dev/sdc1) all have a store "/sysrcd.bs", so none was used: choose one with its option',
    isThere: true,
  },
  {
    name: "does not look on what is not removable",
    devices: [[stick, nothing], [inside]],
    reasons: ['it has no "/sysrcd.bs"', isNotSought],
    missing: 'there is no "/sysrcd.bs" on removable devices',
  },
  {
    name: "looks on what is not removable with alldev",
    commandLine: "backstore=alldev",
    devices: [
      [stick, nothing],
      [inside, store],
    ],
    reasons: ['it has no "/sysrcd.bs"', '+ it has the store "/sysrcd.bs"'],
  },
  {
    name: "looks on the named device alone, be it removable or not",
    commandLine: "backstore=LABEL=home",
    devices: [[stick], [device("/dev/sdb")], [inside, store]],
    reasons: [
      'its label is "RESCUE"',
      "no file system was recognised on it",
      '+ it has the store "/sysrcd.bs"',
    ],
  },
  {
    name: "says that there is no such device",
    commandLine: "backstore=/dev/sdq1,/my.bs",
    devices: [[stick]],
    reasons: ["it is not /dev/sdq1"],
    missing: "there is no device /dev/sdq1",
  },
  {
    name: "says that the named device has no such file",
    commandLine: "backstore=UUID=aa,/my.bs",
    devices: [[stick, nothing]],
    reasons: ['it has no "/my.bs"'],
    missing: 'there is no "/my.bs" on the device that is UUID=aa',
    isFinal: true,
  },
  {
    name: "says what is on the named device where nothing can be seen in it",
    commandLine: "backstore=/dev/sdb1",
    devices: [[partition("/dev/sdb", 1, { type: "crypto_LUKS" })]],
    reasons: ["it is crypto_LUKS, which cannot be searched for files"],
    missing:
      'no "/sysrcd.bs" on the device that is /dev/sdb1 was found (/dev/sdb1: it is crypto_LUKS, which cannot be searched for files)',
    isFinal: true,
  },
  {
    name: "waits for a disc in the drive that is named",
    commandLine: "backstore=/dev/sr0",
    devices: [[device("/dev/sr0", { removable, problem: "there is no disc in the drive" })]],
    reasons: ["there is no disc in the drive"],
    missing:
      'no "/sysrcd.bs" on the device that is /dev/sr0 was found (/dev/sr0: there is no disc in the drive)',
  },
  {
    name: "says what cannot be read",
    devices: [[device("/dev/sr0", { removable, problem: "there is no disc in the drive" })]],
    reasons: ["there is no disc in the drive"],
    missing: 'there is no "/sysrcd.bs" on removable devices',
  },
  {
    name: "says which hosts nobody could look into",
    devices: [
      [stick, nothing],
      [
        partition("/dev/sdb", 1, { type: "ntfs", removable }),
        hostFacts({ obstacle: "this kernel has no driver that can write to ntfs (ntfs3)" }),
      ],
    ],
    reasons: ['it has no "/sysrcd.bs"', "this kernel has no driver that can write to ntfs (ntfs3)"],
    missing:
      'no "/sysrcd.bs" on removable devices was found (/dev/sdb1: this kernel has no driver that can write to ntfs (ntfs3))',
  },
  {
    name: "names a store of the first generation",
    devices: [[stick, aufs]],
    reasons: [isAufs],
    missing: `/dev/sda1 has "/sysrcd.bs", but it contains a store of the first generation (aufs), which is left untouched; take it over with: backstore import MOUNT/sysrcd.bs NEW`,
    isThere: true,
  },
  {
    name: "takes the one store beside a file that is none",
    devices: [
      [stick, aufs],
      [other, store],
    ],
    reasons: [isAufs, '+ it has the store "/sysrcd.bs"'],
  },
  {
    name: "looks into a disk and its partition that show one volume once",
    medium: elsewhere,
    devices: [[device("/dev/sda", { type: "vfat", uuid: "AA", removable })], [stick, store]],
    reasons: ["it has the same file system as /dev/sda1", '+ it has the store "/sysrcd.bs"'],
  },
  {
    name: "takes a disc",
    devices: [
      [stick, nothing],
      [device("/dev/sr0", { type: "iso9660", removable, optical: true }), store],
    ],
    reasons: ['it has no "/sysrcd.bs"', '+ it has the store "/sysrcd.bs"'],
  },
  {
    name: "shows a path that would forge a line as what it is",
    commandLine: '"backstore=/a b\u202e"',
    devices: [[stick, nothing]],
    reasons: ['it has no "/a b\\u202e"'],
    missing: 'there is no "/a b\\u202e" on removable devices',
  },
];

function requestOf(commandLine: string): FileRequest {
  const request = chooseRequest(optionsOf(commandLine));
  if (!("file" in request)) throw new Error(`no file is asked for by ${commandLine}`);
  return request.file;
}

describe("chooseFileStore()", () => {
  for (const { name, commandLine = "", devices, medium = stick, ...expected } of cases) {
    test(`chooseFileStore() ${name}`, () => {
      const request = requestOf(commandLine);
      const all = devices.map(([one]) => one);
      const looks = new Map(
        devices.flatMap(([one, facts]): [string, HostFacts][] =>
          facts ? [[one.path, facts]] : [],
        ),
      );
      // The case has facts about the devices that are inspected, no more and no less.
      expect(listHosts(all, request).map(({ path }) => path)).toEqual([...looks.keys()]);
      const choice = chooseFileStore({ request, devices: all, medium, looks });
      expect(
        choice.candidates.map(({ accepted, reason }) => `${accepted ? "+ " : ""}${reason}`),
      ).toEqual(expected.reasons);
      expect(choice.missing).toBe(expected.missing);
      const isThere = expected.isThere ?? expected.missing === undefined;
      expect([choice.isThere, choice.isFinal]).toEqual([isThere, expected.isFinal ?? isThere]);
      const accepted = choice.candidates.find((one) => one.accepted);
      expect(choice.store?.device.path).toBe(accepted?.device);
    });
  }

  test("chooseFileStore() names the file of each candidate that has one, a store or not", () => {
    const { candidates, store: chosen } = chooseFileStore({
      request: requestOf("backstore=/sysrcd.bs"),
      devices: [stick, other, third],
      medium: stick,
      looks: new Map([
        [stick.path, store],
        [other.path, aufs],
        [third.path, nothing],
      ]),
    });
    expect(candidates.map(({ file }) => file)).toEqual(["/sysrcd.bs", "/sysrcd.bs", undefined]);
    expect(chosen?.file?.path).toBe("/sysrcd.bs");
  });

  test("chooseFileStore() gives the path with the options that choose, where it is not the usual one", () => {
    const { missing } = chooseFileStore({
      request: requestOf("backstore=alldev,/my.bs"),
      devices: [other, third],
      medium: elsewhere,
      looks: new Map([
        [other.path, store],
        [third.path, store],
      ]),
    });
    expect(missing).toMatch(
      /, backstore=UUID=bb,\/my\.bs\) and .*, backstore=UUID=CC,\/my\.bs\) both have a store "\/my\.bs"/,
    );
  });
});

const anyDevices = fc.uniqueArray(
  fc.record({
    disk: fc.constantFrom("/dev/sda", "/dev/sdb", "/dev/sdc"),
    number: fc.nat(2),
    type: fc.constantFrom("vfat", "ext4", "iso9660", "swap", undefined),
    uuid: fc.constantFrom("aa", "bb", undefined),
    partUuid: fc.constantFrom("p1", "p2", undefined),
    removable: fc.boolean(),
    look: fc.constantFrom(store, store, nothing, aufs, hostFacts({ obstacle: "it is bad" })),
  }),
  { selector: ({ disk, number }) => `${disk}${number}`, maxLength: 6 },
);

test("chooseFileStore() takes one at the most, gives every device a reason, and names options that choose", () => {
  let offered = 0;
  const check = fc.property(anyDevices, fc.boolean(), (rows, alldev) => {
    const devices = rows.map(({ disk, number, type, look: _, partUuid, ...fields }) => {
      const all = { ...fields, ...(type === undefined ? {} : { type }) };
      return number === 0 ? device(disk, all) : partition(disk, number, { ...all, partUuid });
    });
    const looks = new Map(devices.map(({ path }, index) => [path, rows[index]!.look]));
    const choose = (commandLine: string) =>
      chooseFileStore({ request: requestOf(commandLine), devices, medium: elsewhere, looks });
    const { store: chosen, candidates, missing } = choose(alldev ? "backstore=alldev" : "");
    expect(candidates.map((one) => one.device)).toEqual(devices.map(({ path }) => path));
    expect(candidates.filter(({ accepted }) => accepted)).toHaveLength(chosen ? 1 : 0);
    expect(candidates.filter(({ reason }) => reason === "")).toEqual([]);
    expect(missing === undefined).toBe(chosen !== undefined);
    for (const { device: path, reason } of candidates) {
      const [, option] = /(backstore=\S+) chooses this one$/.exec(reason) ?? [];
      if (option === undefined) continue;
      offered++;
      expect(choose(option).store?.device.path).toBe(path);
    }
  });
  fc.assert(check, { numRuns: 500 });
  expect(offered).toBeGreaterThan(50);
});
