// What a boot makes of the record of a change of size that was cut short.
import { expect, test } from "vitest";
import { describe } from "../../../src/core/steps/step.ts";
import { formatIntent, type StoreIntent } from "../../../src/core/stores/resize-record.ts";
import { findUnfinished, takeBackGrowth } from "../../../src/core/stores/unfinished-resize.ts";

const mebibyte = 2 ** 20;
const grow: StoreIntent = {
  operation: "grow",
  from: 64 * mebibyte,
  to: 128 * mebibyte,
  stage: "preparing",
  scratch: "/tmp/scratch",
};

const cases: readonly (readonly [string, string | undefined, RegExp | undefined])[] = [
  ["no record", undefined, undefined],
  ["one that a power cut left empty before anything was changed", "", undefined],
  ["a file that may only be longer", formatIntent(grow), undefined],
  [
    "a file system that the kernel enlarges",
    formatIntent({ ...grow, stage: "growing" }),
    undefined,
  ],
  [
    "changes that are half written",
    formatIntent({ ...grow, stage: "applying" }),
    /^a change of its size was cut off.* \(backstore grow "\/run\/backstore\/host\/sysrcd\.bs" 134217728B\)$/,
  ],
  ["a record of a later version", '{"format":2}', /begun by another version/],
  ["a record that is torn", '{"format":1,"op', /begun by another version/],
];

const begun: readonly (readonly [string, string | undefined, number, boolean])[] = [
  ["that was cut off while room was made", formatIntent(grow), grow.from, true],
  ["that the kernel was doing", formatIntent({ ...grow, stage: "growing" }), grow.from, false],
  ["of a file that is shorter than it was", formatIntent(grow), grow.from - 1, false],
  [
    "that was a shrinking",
    formatIntent({ ...grow, operation: "shrink", to: mebibyte }),
    grow.from,
    false,
  ],
  ["without a record", undefined, grow.from, false],
  ["with a torn record", '{"format":1,"op', grow.from, false],
];

for (const [name, intent, bytes, isTakenBack] of begun) {
  test(`takeBackGrowth() ${isTakenBack ? "takes back" : "leaves alone"} a growth ${name}`, () => {
    const steps = takeBackGrowth({ path: "/sysrcd.bs", intent, bytes }, "/host/sysrcd.bs");
    expect(steps.map(describe)).toEqual(
      isTakenBack
        ? [
            'write "/host/sysrcd.bs" through to the medium',
            'cut "/host/sysrcd.bs" to 64.0 MiB',
            'write "/host/sysrcd.bs" through to the medium',
            'remove "/host/sysrcd.bs.backstore-work"',
            'remove "/host/sysrcd.bs.backstore-intent"',
            'write "/host" through to the medium',
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
