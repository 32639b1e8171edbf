import { describe, expect, test } from "vitest";
import {
  identifyOverlayMount,
  isSameMount,
  type OverlayMount,
  parseOverlayMount,
} from "../../../src/core/stores/overlay-mount.ts";

const at = (seconds: number, nanoseconds = 0) => ({ seconds, nanoseconds });

describe("identifyOverlayMount()", () => {
  const cases: readonly (readonly [
    is: string,
    times: Parameters<typeof identifyOverlayMount>,
    mount: OverlayMount | undefined,
  ])[] = [
    [
      "the birth of the directory",
      [at(1_769_854_830, 5), at(1_769_854_831)],
      { kind: "born", time: "2026-01-31T10:20:30.000000005Z" },
    ],
    [
      "the last change where no birth is known",
      [undefined, at(1_769_854_831)],
      { kind: "changed", time: "2026-01-31T10:20:31.000000000Z" },
    ],
    [
      "a time before 1970",
      [at(-1, 999_999_999), undefined],
      { kind: "born", time: "1969-12-31T23:59:59.999999999Z" },
    ],
    [
      "the last second that a date can be",
      [at(8.64e12), undefined],
      { kind: "born", time: "+275760-09-13T00:00:00.000000000Z" },
    ],
    ["nothing of a time beyond it", [at(8.64e12 + 1), at(0)], undefined],
    ["nothing of no time", [undefined, undefined], undefined],
  ];
  for (const [is, times, mount] of cases)
    test(`identifyOverlayMount() gives ${is}`, () => {
      expect(identifyOverlayMount(...times)).toEqual(mount);
      if (mount !== undefined) expect(parseOverlayMount(mount)).toEqual(mount);
    });
});

describe("parseOverlayMount()", () => {
  const time = "2026-01-31T10:20:30.000000005Z";
  const invalid: readonly unknown[] = [
    ...[undefined, null, time, {}, { time }, { kind: "born" }, { kind: "made", time }],
    ...[
      { kind: "born", time: "2026-01-31T10:20:30Z" },
      { kind: "born", time: 5 },
    ],
  ];
  for (const value of invalid)
    test(`parseOverlayMount() refuses ${JSON.stringify(value)}`, () => {
      expect(parseOverlayMount(value)).toBeUndefined();
    });
});

test("isSameMount() is true only of one time, of one kind", () => {
  const mount: OverlayMount = { kind: "born", time: "2026-01-31T10:20:30.000000005Z" };
  const later: OverlayMount = { kind: "born", time: "2026-01-31T10:20:30.000000006Z" };
  expect(isSameMount(mount, { ...mount })).toBe(true);
  for (const other of [later, { ...mount, kind: "changed" as const }, undefined])
    expect([isSameMount(mount, other), isSameMount(other, mount)]).toEqual([false, false]);
  expect(isSameMount(undefined, undefined)).toBe(false);
});
