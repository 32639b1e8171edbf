import { describe, expect, test } from "vitest";
import {
  type BaseIdentity,
  describeBase,
  describeOtherBase,
  identifyBase,
  parseBase,
} from "../../../src/core/medium/base-identity.ts";
import { unknownMedium } from "../../../src/core/medium/medium.ts";
import { device, medium } from "../../support/devices.ts";

const image = "sysresccd/x86_64/airootfs.sfs";
const eleven: BaseIdentity = { label: "RESCUE1100", image, release: "11.00", fingerprint: "s-1" };
const tools = { name: "tools.srm", fingerprint: "s-2" };
const more = { name: "more.srm", fingerprint: "s-4" };
const none = { label: undefined, release: undefined, fingerprint: undefined };

describe("describeOtherBase()", () => {
  const cases: readonly (readonly [
    is: string,
    last: BaseIdentity | undefined,
    now: BaseIdentity | undefined,
    told: string | undefined,
  ])[] = [
    ["nothing of the same base", eleven, eleven, undefined],
    [
      "nothing of the same build on another stick",
      eleven,
      { ...eleven, label: "MYSTICK", image: "live/base.sfs", release: undefined },
      undefined,
    ],
    [
      "both releases",
      { ...eleven, label: "RESCUE904", release: "9.04", fingerprint: "s-0" },
      eleven,
      'the base is "RESCUE1100" (release "11.00"), but last time it was "RESCUE904" (release "9.04")',
    ],
    [
      "another build of one release",
      { ...eleven, fingerprint: "s-0" },
      eleven,
      'the base is "RESCUE1100" (release "11.00"), but a different build than last time',
    ],
    [
      "nothing where only one has a fingerprint",
      { ...eleven, ...none, label: "RESCUE1100" },
      eleven,
      undefined,
    ],
    [
      "other names where only one has a fingerprint",
      { ...none, label: "RESCUE904", image },
      eleven,
      'the base is "RESCUE1100" (release "11.00"), but last time it was "RESCUE904"',
    ],
    ["nothing of a store that had none", undefined, eleven, undefined],
    ["nothing of a base that is not known", eleven, undefined, undefined],
    [
      "modules that were not there",
      { ...eleven, modules: [tools] },
      { ...eleven, modules: [more, tools] },
      'the base is "RESCUE1100" (release "11.00") with other modules than last time (with "more.srm")',
    ],
    [
      "modules that are not there any more",
      { ...eleven, modules: [tools, more] },
      eleven,
      'the base is "RESCUE1100" (release "11.00") with other modules than last time (without "tools.srm" and without "more.srm")',
    ],
    [
      "another build of a module",
      { ...eleven, modules: [tools] },
      { ...eleven, modules: [{ ...tools, fingerprint: "s-3" }] },
      'the base is "RESCUE1100" (release "11.00") with other modules than last time (with a different build of "tools.srm")',
    ],
    [
      "nothing of a module without a fingerprint",
      { ...eleven, modules: [{ name: "tools.srm" }] },
      { ...eleven, modules: [tools] },
      undefined,
    ],
    [
      "only the base where modules differ too",
      { ...eleven, fingerprint: "s-0", modules: [tools] },
      eleven,
      'the base is "RESCUE1100" (release "11.00"), but a different build than last time',
    ],
    [
      "names that would forge a line",
      { ...none, label: "a\n\u001b[2J", image },
      { ...none, image: "b.sfs" },
      'the base is "b.sfs", but last time it was "a\\n\\u001b[2J"',
    ],
  ];
  for (const [is, last, now, told] of cases)
    test(`describeOtherBase() tells ${is}`, () => {
      expect(describeOtherBase(last, now)).toBe(told);
    });
});

describe("parseBase()", () => {
  const cases: readonly (readonly [is: string, value: unknown, base: BaseIdentity | undefined])[] =
    [
      ["a whole one", { ...eleven, theirs: 1 }, eleven],
      ["one of an older version", { image }, { ...none, image }],
      ["one with fields of other kinds", { image, label: 7, release: null }, { ...none, image }],
      ["a text that is too long for none", { image, label: "x".repeat(301) }, { ...none, image }],
      ["its modules", { ...eleven, modules: [tools] }, { ...eleven, modules: [tools] }],
      ["no modules of another kind", { ...eleven, modules: "tools.srm" }, eleven],
      ["no modules without names", { ...eleven, modules: [{ fingerprint: "s-2" }] }, eleven],
      ["an empty list of modules for none", { ...eleven, modules: [] }, eleven],
      ["too many modules for none", { ...eleven, modules: new Array(65).fill(tools) }, eleven],
      ["none without an image", { label: "RESCUE1100" }, undefined],
      ["none of a text", "RESCUE1100", undefined],
      ["none of nothing", undefined, undefined],
    ];
  for (const [is, value, base] of cases)
    test(`parseBase() takes ${is}`, () => expect(parseBase(value)).toEqual(base));
});

test("identifyBase() identifies what a medium carries", () => {
  const on = medium(device("/dev/sda", { type: "vfat", label: "RESCUE1100" }), {
    release: "11.00",
    fingerprint: "s-1",
  });
  expect(identifyBase(on)).toEqual(eleven);
  expect(identifyBase(on, [tools])).toEqual({ ...eleven, modules: [tools] });
  expect(describeBase(eleven)).toBe('"RESCUE1100" (release "11.00")');
});

test("identifyBase() knows nothing of a medium that was not looked into", () => {
  expect(identifyBase(unknownMedium(undefined))).toBe(undefined);
});
