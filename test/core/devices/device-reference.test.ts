import { describe, expect, test } from "vitest";
import type { Device } from "../../../src/core/devices/device.ts";
import {
  type DeviceReference,
  describeReference,
  formatDeviceReference,
  isDeviceReference,
  matchesReference,
  parseDeviceReference,
} from "../../../src/core/devices/device-reference.ts";
import { Failure } from "../../../src/core/text/failure.ts";

describe("parseDeviceReference() reads every way to name a device", () => {
  const cases: [string, string, string][] = [
    ["/dev/sda2", "path", "/dev/sda2"],
    ["/dev//mapper/./vg-data", "path", "/dev/mapper/vg-data"],
    ["/dev/disk", "path", "/dev/disk"],
    ["LABEL=data", "label", "data"],
    ["label=data", "label", "data"],
    ['LABEL="my data"', "label", "my data"],
    ['LABEL="', "label", '"'],
    ['LABEL=a"b', "label", 'a"b'],
    ["LABEL=a=b", "label", "a=b"],
    ["LABEL=a\nb", "label", "a\nb"],
    ["LABEL=$(reboot)", "label", "$(reboot)"],
    ["UUID=1A2B-3C4D", "uuid", "1A2B-3C4D"],
    ["PARTLABEL=Microsoft basic data", "partlabel", "Microsoft basic data"],
    ["PARTUUID=1234abcd-01", "partuuid", "1234abcd-01"],
    ["/dev/disk/by-label/data", "label", "data"],
    ["/dev/disk//by-label/data", "label", "data"],
    ["/dev//./disk/by-uuid/a", "uuid", "a"],
    ["/dev/disk/by-label/my\\x20data", "label", "my data"],
    ["/dev/disk/by-label/\\xe9\\x9b\\xaa\\x5cx41", "label", "雪\\x41"],
    ["/dev/disk/by-label/雪\\x2F1", "label", "雪/1"],
    ["/dev/disk/by-label/\\xzz", "label", "\\xzz"],
    ["/dev/disk/by-uuid/1A2B-3C4D", "uuid", "1A2B-3C4D"],
    ["/dev/disk/by-partlabel/a\\x20b", "partlabel", "a b"],
    ["/dev/disk/by-partuuid/1234abcd-01", "partuuid", "1234abcd-01"],
  ];
  for (const [text, kind, value] of cases) {
    test(`parseDeviceReference() reads ${JSON.stringify(text)}`, () => {
      expect(parseDeviceReference(text)).toEqual(
        kind === "path" ? { kind, path: value } : { kind, value },
      );
      expect(isDeviceReference(text)).toBe(true);
    });
  }
});

describe("parseDeviceReference() refuses what names no device", () => {
  const cases: [string, RegExp][] = [
    ["", /expected/],
    ["data", /expected/],
    ["sda2", /expected/],
    ["/dev", /expected/],
    ["/dev/", /expected/],
    ["/media/stick", /expected/],
    ["/dev/../etc/shadow", /cannot contain ".."/],
    ["LABEL=", /the label is empty/],
    ['UUID=""', /the uuid is empty/],
    ["/dev/disk/by-label/", /the label is empty/],
    ["/dev/disk/by-id/usb-Stick_1-0:0-part1", /by "id" are not supported/],
    ["/dev/disk/by-path/pci-0", /by "path" are not supported/],
    ["/dev/disk/by-label/\\xff", /is not UTF-8/],
  ];
  for (const [text, reason] of cases) {
    test(`parseDeviceReference() refuses ${JSON.stringify(text)}`, () => {
      expect(() => parseDeviceReference(text, "cow_device")).toThrow(Failure);
      expect(() => parseDeviceReference(text, "cow_device")).toThrow(/^Cannot use cow_device "/);
      expect(() => parseDeviceReference(text)).toThrow(reason);
    });
  }
});

const device: Device = {
  path: "/dev/sdb1",
  bytes: 2 ** 30,
  disk: "/dev/sdb",
  partition: 1,
  partUuid: "1234abcd-01",
  partLabel: "Keep",
  removable: true,
  optical: false,
  model: undefined,
  serial: undefined,
  superblock: {
    type: "ext4",
    label: "data",
    uuid: "550e8400-e29b-41d4-a716-446655440000",
    bytes: undefined,
    unclean: [],
  },
  problem: undefined,
};

describe("matchesReference() compares with what is on the device", () => {
  const cases: [string, boolean][] = [
    ["/dev/sdb1", true],
    ["/dev/sdb", false],
    ["LABEL=data", true],
    ["LABEL=DATA", false],
    ["LABEL=Keep", false],
    ["UUID=550E8400-E29B-41D4-A716-446655440000", true],
    ["UUID=550e8400", false],
    ["PARTLABEL=Keep", true],
    ["PARTLABEL=keep", false],
    ["PARTUUID=1234ABCD-01", true],
    ["PARTUUID=1234abcd-02", false],
  ];
  for (const [text, matches] of cases) {
    test(`matchesReference() ${matches ? "takes" : "leaves"} the device for ${text}`, () => {
      expect(matchesReference(device, parseDeviceReference(text))).toBe(matches);
    });
  }
  test("matchesReference() takes no device without a superblock by a tag", () => {
    const blank = { ...device, superblock: undefined, partUuid: undefined, partLabel: undefined };
    for (const tag of ["LABEL", "UUID", "PARTLABEL", "PARTUUID"]) {
      expect(matchesReference(blank, parseDeviceReference(`${tag}=undefined`))).toBe(false);
    }
  });
});

test("formatDeviceReference() writes what parseDeviceReference() reads", () => {
  for (const text of [
    "/dev/sda2",
    "LABEL=my data",
    "UUID=1A2B-3C4D",
    "PARTLABEL=x",
    "PARTUUID=y",
  ]) {
    expect(formatDeviceReference(parseDeviceReference(text))).toBe(text);
  }
});

describe("describeReference()", () => {
  const references: [DeviceReference, string][] = [
    [{ kind: "path", path: "/dev/sda1" }, "/dev/sda1"],
    [{ kind: "path", path: "/dev/\u001b[2J" }, "/dev/\\u001b[2J"],
    [{ kind: "label", value: "a\nb" }, 'labelled "a\\nb"'],
    [{ kind: "uuid", value: "aa" }, "UUID=aa"],
    [{ kind: "partuuid", value: "aa" }, "PARTUUID=aa"],
    [{ kind: "partlabel", value: "a" }, "PARTLABEL=a"],
  ];
  for (const [reference, words] of references) {
    test(`describeReference() says ${words}`, () => {
      expect(describeReference(reference)).toBe(words);
    });
  }
});
