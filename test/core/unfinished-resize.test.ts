// What a boot makes of the record of a change of size that was cut short.
import { expect, test } from "vitest";
import { formatIntent, type StoreIntent } from "../../src/core/store-intent.ts";
import { findUnfinished } from "../../src/core/unfinished-resize.ts";

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

for (const [name, intent, reason] of cases) {
  test(`findUnfinished() decides about ${name}`, () => {
    const found = findUnfinished({ path: "/sysrcd.bs", intent });
    if (reason === undefined) expect(found).toBe(undefined);
    else expect(found).toMatch(reason);
  });
}
