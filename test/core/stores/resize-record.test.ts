import { describe, expect, test } from "vitest";
import { takeBackGrowth } from "../../../src/core/resize/resize-ends.ts";
import { describe as describeStep } from "../../../src/core/steps/step.ts";
import {
  findUnfinished,
  formatRecovery,
  formatResizeRecord,
  isHalfResized,
  parseResizeRecord,
  type ResizeRecord,
} from "../../../src/core/stores/resize-record.ts";
import { Failure } from "../../../src/core/text/failure.ts";

const intent: ResizeRecord = {
  operation: "grow",
  from: 2 ** 20,
  to: 2 ** 21,
  stage: "preparing",
  scratch: "/dev/shm/backstore-1-2-0",
};

const stages: readonly ResizeRecord["stage"][] = [
  "preparing",
  "applying",
  "growing",
  "shrinking",
  "copying",
  "replacing",
];

test("formatResizeRecord() gives all stages the same length, so that one is written over another", () => {
  const lengths = stages.map((stage) => formatResizeRecord({ ...intent, stage }).length);
  expect(new Set(lengths).size).toBe(1);
});

test("parseResizeRecord() gives what formatResizeRecord() wrote", () => {
  for (const stage of stages)
    expect(parseResizeRecord(formatResizeRecord({ ...intent, stage }), "/s")).toEqual({
      ...intent,
      stage,
    });
});

describe("parseResizeRecord() refuses what it does not understand", () => {
  const record = { format: 1, ...intent };
  const cases: readonly (readonly [string, string])[] = [
    ["nothing", ""],
    ["no JSON", "{"],
    ["no record", "[]"],
    ["a newer format", JSON.stringify({ ...record, format: 2 })],
    ["another operation", JSON.stringify({ ...record, operation: "paint" })],
    ["another stage", JSON.stringify({ ...record, stage: "resting" })],
    ["a size that is none", JSON.stringify({ ...record, to: -1 })],
    ["a size beyond what a number holds", JSON.stringify({ ...record, from: 2 ** 60 })],
    ["a size in words", JSON.stringify({ ...record, from: "1" })],
    ["no directory", JSON.stringify({ ...record, scratch: undefined })],
  ];
  for (const [title, text] of cases) {
    test(title, () => {
      expect(() => parseResizeRecord(text, "/m/sysrcd.bs")).toThrow(Failure);
      expect(() => parseResizeRecord(text, "/m/sysrcd.bs")).toThrow(
        'Cannot determine how far the resize of "/m/sysrcd.bs" got: the record beside it was written by another version',
      );
    });
  }
});

test("isHalfResized() is true only while changed blocks are being written into the store", () => {
  expect(isHalfResized({ ...intent, stage: "applying" })).toBe(true);
  for (const stage of ["preparing", "growing", "shrinking", "copying", "replacing"] as const)
    expect(isHalfResized({ ...intent, stage })).toBe(false);
});

test("formatRecovery() gives a command that can be pasted", () => {
  expect(formatRecovery(intent, "/m/a b")).toBe('backstore grow "/m/a b" 2097152B');
});

const mebibyte = 2 ** 20;
const grow: ResizeRecord = {
  operation: "grow",
  from: 64 * mebibyte,
  to: 128 * mebibyte,
  stage: "preparing",
  scratch: "/tmp/scratch",
};

const cases: readonly (readonly [string, string | undefined, RegExp | undefined])[] = [
  ["no record", undefined, undefined],
  ["one that a power cut left empty before anything was changed", "", undefined],
  ["a file that may only be longer", formatResizeRecord(grow), undefined],
  [
    "a file system that the kernel enlarges",
    formatResizeRecord({ ...grow, stage: "growing" }),
    undefined,
  ],
  [
    "changes that are half written",
    formatResizeRecord({ ...grow, stage: "applying" }),
    /^an interrupted resize must be completed first.* \(backstore grow "\/run\/backstore\/host\/sysrcd\.bs" 134217728B\)$/,
  ],
  ["a record of a later version", '{"format":2}', /started by another version/],
  ["a record that is torn", '{"format":1,"op', /started by another version/],
];

const begun: readonly (readonly [string, string | undefined, number, boolean])[] = [
  ["that was cut off while room was made", formatResizeRecord(grow), grow.from, true],
  [
    "that the kernel was doing",
    formatResizeRecord({ ...grow, stage: "growing" }),
    grow.from,
    false,
  ],
  ["of a file that is shorter than it was", formatResizeRecord(grow), grow.from - 1, false],
  [
    "that was a shrinking",
    formatResizeRecord({ ...grow, operation: "shrink", to: mebibyte }),
    grow.from,
    false,
  ],
  ["without a record", undefined, grow.from, false],
  ["with a torn record", '{"format":1,"op', grow.from, false],
];

for (const [name, intent, bytes, isTakenBack] of begun) {
  test(`takeBackGrowth() ${isTakenBack ? "takes back" : "leaves alone"} a growth ${name}`, () => {
    const steps = takeBackGrowth({ path: "/sysrcd.bs", intent, bytes }, "/host/sysrcd.bs");
    expect(steps.map(describeStep)).toEqual(
      isTakenBack
        ? [
            'sync "/host/sysrcd.bs" to disk',
            'truncate "/host/sysrcd.bs" to 64.0 MiB',
            'sync "/host/sysrcd.bs" to disk',
            'remove "/host/sysrcd.bs.backstore-work"',
            'remove "/host/sysrcd.bs.backstore-intent"',
            'sync "/host" to disk',
          ]
        : [],
    );
  });
}

for (const [name, intent, reason] of cases) {
  test(`findUnfinished() decides about ${name}`, () => {
    const found = findUnfinished({ path: "/sysrcd.bs", intent });
    if (reason === undefined) expect(found).toBe(undefined);
    else expect(found).toMatch(reason);
  });
}
