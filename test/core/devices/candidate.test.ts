import { describe, expect, test } from "vitest";
import {
  candidate,
  describeOther,
  formatChoice,
  unaskedCandidates,
} from "../../../src/core/devices/candidate.ts";
import type { Device } from "../../../src/core/devices/device.ts";
import { parseDeviceReference } from "../../../src/core/devices/device-reference.ts";
import { device, partition } from "../../support/devices.ts";

test("candidate() shows what a person knows a device by", () => {
  const one = device("/dev/sda", {
    ...{ type: "ext4", label: "a", uuid: "u", removable: true },
    ...{ model: "Ultra Fit", serial: "4C53", bytes: 1000 },
  });
  expect(candidate(one, { accepted: true, reason: "why" })).toEqual({
    device: "/dev/sda",
    type: "ext4",
    label: "a",
    uuid: "u",
    removable: true,
    model: "Ultra Fit",
    bytes: 1000,
    accepted: true,
    reason: "why",
  });
});

test("unaskedCandidates() lists every device with the one reason", () => {
  const listed = unaskedCandidates([device("/dev/sda"), device("/dev/sdb")], "nobody asked");
  expect(listed.map((one) => [one.device, one.accepted, one.reason])).toEqual([
    ["/dev/sda", false, "nobody asked"],
    ["/dev/sdb", false, "nobody asked"],
  ]);
});

test("candidate() names the file that was found on it", () => {
  const one = candidate(device("/dev/sda"), { accepted: false, reason: "why", file: "/sysrcd.bs" });
  expect(one.file).toBe("/sysrcd.bs");
});

describe("describeOther()", () => {
  const cases: readonly (readonly [reference: string, fields: object, reason: string])[] = [
    ["LABEL=a", {}, "no file system was recognised on it"],
    ["LABEL=a", { type: "ext4" }, "it has no label"],
    ["LABEL=a", { type: "ext4", label: "b" }, 'its label is "b"'],
    ["UUID=a", { type: "ext4", label: "b" }, "it is not UUID=a"],
    ["/dev/sdb", { type: "ext4" }, "it is not /dev/sdb"],
  ];
  for (const [reference, fields, reason] of cases) {
    test(`describeOther() says "${reason}" of ${JSON.stringify(fields)}`, () => {
      expect(describeOther(device("/dev/sda", fields), parseDeviceReference(reference))).toBe(
        reason,
      );
    });
  }
});

describe("formatChoice()", () => {
  const both = partition("/dev/sda", 1, { type: "ext4", uuid: "u", partUuid: "p" });
  const cases: readonly (readonly [is: string, on: Device, chosen: string[], choice: string])[] = [
    ["the UUID first", both, ["uuid", "partuuid"], "UUID=u"],
    ["the partition's UUID where the other is there twice", both, ["partuuid"], "PARTUUID=p"],
    ["the path where all else is there twice", both, [], "/dev/sda1"],
    ["the path where it has nothing else", device("/dev/sdb"), ["uuid"], "/dev/sdb"],
    ["no path of an image file", device("a.img"), [], "/dev/…"],
  ];
  for (const [is, on, chosen, choice] of cases) {
    test(`formatChoice() gives ${is}`, () => {
      expect(formatChoice(on, ({ kind }) => chosen.includes(kind))).toBe(choice);
    });
  }
});
