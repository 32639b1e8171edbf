import { describe, expect, test } from "vitest";
import {
  formatIntent,
  formatRecovery,
  isHalfResized,
  parseIntent,
  type StoreIntent,
} from "../../../src/core/stores/resize-record.ts";
import { Failure } from "../../../src/core/text/failure.ts";

const intent: StoreIntent = {
  operation: "grow",
  from: 2 ** 20,
  to: 2 ** 21,
  stage: "preparing",
  scratch: "/dev/shm/backstore-1-2-0",
};

test("parseIntent() gives what formatIntent() wrote", () => {
  for (const stage of [
    "preparing",
    "applying",
    "growing",
    "shrinking",
    "copying",
    "replacing",
  ] as const)
    expect(parseIntent(formatIntent({ ...intent, stage }), "/s")).toEqual({ ...intent, stage });
});

describe("parseIntent() refuses what it does not understand", () => {
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
      expect(() => parseIntent(text, "/m/sysrcd.bs")).toThrow(Failure);
      expect(() => parseIntent(text, "/m/sysrcd.bs")).toThrow(
        'Cannot tell how far a change of the size of "/m/sysrcd.bs" had come: the record beside it is not one of this version',
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
