import { describe, expect, test } from "vitest";
import type { Device } from "../../../src/core/devices/device.ts";
import {
  chooseMedium,
  describeMedium,
  describeOthers,
  describeTwins,
  listMediumCandidates,
  markMedium,
} from "../../../src/core/medium/choose-medium.ts";
import { device, medium, optionsOf, partition } from "../../support/devices.ts";

const iso = { type: "iso9660", label: "RESCUE", uuid: "2026-01-31-10-20-30-00" };
const stick = device("/dev/sdb", { ...iso, removable: true });
const stick1 = partition("/dev/sdb", 1, { ...iso, removable: true });
const inner = device("/dev/sda", { type: "ext4", label: "RESCUE" });
const inner2 = partition("/dev/sda", 2, { type: "ext4" });
const disc = device("/dev/sr0", { ...iso, optical: true });

function paths(devices: readonly Device[]): string[] {
  return devices.map(({ path }) => path);
}

describe("listMediumCandidates()", () => {
  const cases: readonly (readonly [
    is: string,
    devices: readonly Device[],
    commandLine: string,
    order: readonly string[],
  ])[] = [
    [
      "what a person puts in before the machine's own disks, and partitions before their disk",
      [inner, inner2, stick, stick1, disc],
      "",
      ["/dev/sdb1", "/dev/sr0", "/dev/sdb", "/dev/sda2", "/dev/sda"],
    ],
    [
      "nothing that cannot be mounted",
      [
        device("/dev/sda", { type: "crypto_LUKS" }),
        device("/dev/sdb", { type: "swap" }),
        device("/dev/sdc", { type: "constructor" }),
        device("/dev/sdd", { problem: "it cannot be read: input/output error" }),
      ],
      "",
      [],
    ],
    [
      "what archisolabel names",
      [inner, inner2, disc],
      "archisolabel=RESCUE",
      ["/dev/sr0", "/dev/sda"],
    ],
    ["what archisodevice names", [inner, inner2, disc], "archisodevice=/dev/sda2", ["/dev/sda2"]],
    [
      "what archisodevice names, whatever archisolabel says",
      [inner, inner2, disc],
      "archisodevice=/dev/sda2 archisolabel=RESCUE",
      ["/dev/sda2"],
    ],
    ["nothing where nothing is named so", [inner, disc], "archisolabel=rescue", []],
  ];
  for (const [is, devices, commandLine, order] of cases) {
    test(`listMediumCandidates() lists ${is}`, () => {
      expect(paths(listMediumCandidates(devices, optionsOf(commandLine)))).toEqual(order);
    });
  }

  test("listMediumCandidates() leaves the order of its input alone", () => {
    const devices = [inner, stick1];
    listMediumCandidates(devices, optionsOf(""));
    expect(paths(devices)).toEqual(["/dev/sda", "/dev/sdb1"]);
  });
});

describe("chooseMedium()", () => {
  test("chooseMedium() takes the first, and names the others", () => {
    const choice = chooseMedium([medium(stick1), medium(disc), medium(inner)]);
    expect(choice?.medium.device).toBe(stick1);
    expect(choice && describeOthers(choice)).toEqual([
      {
        message: "More than one live medium: using /dev/sdb1, ignoring /dev/sr0",
      },
      {
        message: "More than one live medium: using /dev/sdb1, ignoring /dev/sda",
      },
    ]);
  });

  test("chooseMedium() takes a disk and its partition that show one volume for one medium", () => {
    expect(chooseMedium([medium(stick1), medium(stick)])?.others).toEqual([]);
  });

  test("chooseMedium() takes nothing where nothing was found", () => {
    expect(chooseMedium([])).toBeUndefined();
  });
});

describe("describeTwins()", () => {
  const twin = partition("/dev/sdc", 1, { ...iso, uuid: "another" });
  const devices = [stick, stick1, twin, inner2];
  const found = { medium: medium(stick1), others: [] };
  const named = optionsOf("archisolabel=RESCUE");

  test("describeTwins() names what has the same label and was not looked into", () => {
    expect(describeTwins(found, { devices, options: named })).toEqual([
      {
        message: 'More than one device labelled "RESCUE": using /dev/sdb1, ignoring /dev/sdc1',
      },
    ]);
  });

  test("describeTwins() leaves out what others are told of, and says nothing where none was named", () => {
    const others = [medium(twin)];
    expect(describeTwins({ ...found, others }, { devices, options: named })).toEqual([]);
    expect(describeTwins(found, { devices, options: optionsOf("") })).toEqual([]);
  });
});

describe("markMedium()", () => {
  const devices = [inner, inner2, device("/dev/sdc", { type: "ext4" })];
  for (const [is, carrier] of [
    ["a partition of it", inner2],
    ["itself", inner],
  ] as const) {
    test(`markMedium() marks a disk and all its partitions where the medium is ${is}`, () => {
      const marked = markMedium(devices, carrier).filter(({ removable }) => removable);
      expect(paths(marked)).toEqual(["/dev/sda", "/dev/sda2"]);
    });
  }
});

describe("describeMedium()", () => {
  const cases: readonly (readonly [commandLine: string, words: string])[] = [
    ["", "a medium with a live system"],
    ["archisolabel=RESCUE", 'the medium labelled "RESCUE"'],
    ['archisolabel="a\u001b[2J"', 'the medium labelled "a\\u001b[2J"'],
    ["archisodevice=/dev/sda1", "the medium /dev/sda1"],
    ["archisodevice=UUID=aa", "the medium UUID=aa"],
    ["archisodevice=LABEL=x", 'the medium labelled "x"'],
  ];
  for (const [commandLine, words] of cases) {
    test(`describeMedium() says ${words}`, () => {
      expect(describeMedium(optionsOf(commandLine))).toBe(words);
    });
  }
});
