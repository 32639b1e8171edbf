import { expect, describe as group, test } from "vitest";
import {
  checkConsent,
  type DeviceFacts,
  describeDevice,
  namesOf,
} from "../../../src/core/devices/device-contents.ts";
import { emptyPartition, photoPartition, photos } from "../../support/device-facts.ts";

const disk: DeviceFacts = {
  ...photoPartition,
  path: "/dev/sdb",
  contents: [
    { ...photos, path: "/dev/sdb", type: "gpt", label: undefined, uuid: undefined },
    { ...photos, path: "/dev/sdb#1", partLabel: "EFI", partUuid: "a-b" },
  ],
};
const cannot = 'Cannot write to "/dev/sdb1"';

group("checkConsent() wants what is lost to be named", () => {
  const none = { erase: undefined, isAgreed: false };
  const yes = { erase: undefined, isAgreed: true };
  const refused = [
    {
      name: "nothing said",
      facts: photoPartition,
      consent: none,
      found: 'it contains vfat on "/dev/sdb1"',
    },
    {
      name: "yes is not a name",
      facts: photoPartition,
      consent: yes,
      found: 'it contains vfat on "/dev/sdb1"',
    },
    {
      name: "another name",
      facts: photoPartition,
      consent: { erase: "photos", isAgreed: true },
      found: 'nothing on it is named "photos"',
    },
    {
      name: "a name where nothing is",
      facts: { ...emptyPartition, serial: undefined },
      consent: { erase: "PHOTOS", isAgreed: true },
      found: 'nothing on it is named "PHOTOS"',
    },
    {
      name: "an empty name",
      facts: { ...photoPartition, contents: [{ ...photos, label: "" }] },
      consent: { erase: "", isAgreed: true },
      found: 'nothing on it is named ""',
    },
    {
      name: "unknown bytes",
      facts: { ...emptyPartition, hasUnknownData: true },
      consent: none,
      found: "it contains unrecognised",
    },
  ];
  for (const { name, facts, consent, found } of refused) {
    test(`refused: ${name}`, () => {
      expect(() => checkConsent(facts, consent, cannot)).toThrow(`${cannot}: ${found}`);
    });
  }

  const accepted = [
    { name: "nothing there", facts: emptyPartition, consent: none },
    { name: "its label", facts: photoPartition, consent: { ...none, erase: "PHOTOS" } },
    {
      name: "its UUID in any case",
      facts: photoPartition,
      consent: { ...none, erase: "1a2b-3c4d" },
    },
    { name: "the serial number", facts: photoPartition, consent: { ...none, erase: "4C530001" } },
    { name: "a partition's name", facts: disk, consent: { ...none, erase: "EFI" } },
    {
      name: "the type of what has no name",
      facts: {
        ...photoPartition,
        serial: undefined,
        contents: [{ ...photos, type: "swap", label: undefined, uuid: undefined }],
      },
      consent: { ...none, erase: "swap" },
    },
    { name: "unknown bytes", facts: { ...emptyPartition, hasUnknownData: true }, consent: yes },
    {
      name: "unknown bytes by the serial number",
      facts: { ...emptyPartition, hasUnknownData: true },
      consent: { ...none, erase: "4C530001" },
    },
  ];
  for (const { name, facts, consent } of accepted) {
    test(`accepted: ${name}`, () => {
      expect(() => checkConsent(facts, consent, cannot)).not.toThrow();
    });
  }
});

test("describeDevice() tells a person what is about to be lost", () => {
  expect(describeDevice(disk)).toBe(
    [
      '"/dev/sdb": 8.0 GiB, Cruzer Blade, serial 4C530001',
      '  gpt on "/dev/sdb"',
      '  vfat on "/dev/sdb#1" (labelled "PHOTOS", partition "EFI", UUID "1A2B-3C4D")',
    ].join("\n"),
  );
  expect(describeDevice(emptyPartition)).toContain("\n  nothing");
  expect(describeDevice({ ...emptyPartition, hasUnknownData: true })).toContain(
    "\n  unrecognised data",
  );
});

test("namesOf() lists what is on the device before the device's own name", () => {
  expect(namesOf(disk)).toEqual(["PHOTOS", "1A2B-3C4D", "EFI", "a-b", "4C530001"]);
});
