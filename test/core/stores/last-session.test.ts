import { describe, expect, test } from "vitest";
import {
  describeOpenSession,
  formatTime,
  type LastSession,
  parseSession,
} from "../../../src/core/stores/last-session.ts";

const open: LastSession = {
  state: "open",
  boot: "b1",
  machine: "ACME Box 3 [0a1b2c3d]",
  count: 3,
  started: "2026-11-20T10:12:13.456Z",
  ended: undefined,
};
const now = { boot: "b2", machine: "ACME Box 3 [0a1b2c3d]" };
const name = "the store S";

describe("describeOpenSession()", () => {
  const here = "did not end cleanly; using the store anyway, but unwritten data is lost";
  const elsewhere =
    "did not end cleanly or is still running on another machine; if both write to the store, it will be destroyed";
  const cases: readonly (readonly [
    is: string,
    last: LastSession | undefined,
    told: string | undefined,
  ])[] = [
    ["nothing where none is known", undefined, undefined],
    ["nothing of one that was ended", { ...open, state: "clean" }, undefined],
    [
      "one of this machine",
      open,
      `The last session on the store S (started 2026-11-20 10:12 UTC on "ACME Box 3 [0a1b2c3d]") ${here}`,
    ],
    [
      "one of another machine",
      { ...open, machine: "QEMU" },
      `The last session on the store S (started 2026-11-20 10:12 UTC on "QEMU") ${elsewhere}`,
    ],
    [
      "one of a machine that is not known",
      { ...open, machine: undefined },
      `The last session on the store S (started 2026-11-20 10:12 UTC) ${here}`,
    ],
    [
      "one of which nothing is known",
      { ...open, machine: undefined, started: undefined, boot: undefined },
      `The last session on the store S ${here}`,
    ],
    ["nothing of the running one, seen from inside", { ...open, boot: "b2" }, undefined],
    [
      "a machine whose name would forge a line",
      { ...open, started: undefined, machine: "a\n\u001b[2J" },
      `The last session on the store S (on "a\\n\\u001b[2J") ${elsewhere}`,
    ],
  ];
  for (const [is, last, told] of cases)
    test(`describeOpenSession() tells ${is}`, () => {
      expect(describeOpenSession(last, { now, name })).toBe(told);
    });

  test("describeOpenSession() does not take two machines without a name for two", () => {
    const unnamed = { boot: "b2", machine: undefined };
    expect(describeOpenSession(open, { now: unnamed, name })).toContain("using the store anyway");
  });
});

describe("parseSession()", () => {
  const bare = { state: "open" } as const;
  const empty: LastSession = {
    ...bare,
    boot: undefined,
    machine: undefined,
    count: 1,
    started: undefined,
    ended: undefined,
  };
  const cases: readonly (readonly [
    is: string,
    value: unknown,
    session: LastSession | undefined,
  ])[] = [
    ["a whole one", { ...open, theirs: 1 }, open],
    ["one that says little", bare, empty],
    ["one with fields of other kinds", { ...bare, boot: 7, machine: [], count: "3" }, empty],
    ["a count that is none for one", { ...bare, count: -1 }, empty],
    ["a count beyond all sessions for one", { ...bare, count: 1e300 }, empty],
    ["a time that is none for none", { ...bare, started: "yesterday" }, empty],
    ["a text that is too long for none", { ...bare, machine: "x".repeat(301) }, empty],
    ["none in another state", { state: "half" }, undefined],
    ["none of a text", "open", undefined],
    ["none of nothing", undefined, undefined],
  ];
  for (const [is, value, session] of cases)
    test(`parseSession() takes ${is}`, () => expect(parseSession(value)).toEqual(session));
});

test("formatTime() writes a time for people", () => {
  expect(formatTime("2026-01-31T10:20:30.000Z")).toBe("2026-01-31 10:20 UTC");
});
