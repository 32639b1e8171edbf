import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  newStoreSettings,
  type OverlaySettings,
} from "../../../src/core/stores/overlay-settings.ts";
import {
  formatCopiedRecord,
  formatEndedRecord,
  formatMountedRecord,
  formatNewRecord,
  formatUsedRecord,
  parseRecord,
  type StoreRecord,
} from "../../../src/core/stores/store-record.ts";

const overlay = "index=off,metacopy=off,xino=off,redirect_dir=nofollow";
const good = { format: 1, id: "8a4be3d2", overlay };

/** Formats a finding as a short text. */
function show(text: string): string {
  const finding = parseRecord(text);
  if (finding.kind === "newer") return `newer ${finding.format}`;
  return finding.kind === "unreadable" ? `unreadable: ${finding.reason}` : "record";
}

const cases: readonly (readonly [is: string, record: unknown, finding: string])[] = [
  ["a record", good, "record"],
  ["a record with more in it", { ...good, format: 1, more: { x: 1 } }, "record"],
  [
    "more levels than can be written again",
    { ...good, more: JSON.parse("[".repeat(40) + "]".repeat(40)) },
    "unreadable: it is nested deeper than 32 levels",
  ],
  [
    "more than would be read when it is written again",
    { ...good, more: Array.from({ length: 200_000 }, () => 1) },
    "unreadable: it is longer than 1 MiB when it is written",
  ],
  [
    "a text of characters that are three bytes each",
    { ...good, more: "\u20ac".repeat(349_000) },
    "unreadable: it is longer than 1 MiB when it is written",
  ],
  ["a newer format, whatever else is in it", { format: 2 }, "newer 2"],
  ["a far newer format", { ...good, format: 1e300 }, "newer 1e+300"],
  ["an older format", { ...good, format: 0 }, 'unreadable: its "format" is missing or invalid'],
  ["half a format", { ...good, format: 1.5 }, 'unreadable: its "format" is missing or invalid'],
  ["a format in words", { ...good, format: "2" }, 'unreadable: its "format" is missing or invalid'],
  ["no id", { format: 1, overlay }, 'unreadable: its "id" is missing or invalid'],
  [
    "options that are none",
    { ...good, overlay: 3 },
    'unreadable: its "overlay" is missing or invalid',
  ],
  [
    "options that would forge a line",
    { ...good, overlay: "a\n\u001b[2J" },
    'unreadable: its overlay options are unknown: "a\\n\\u001b[2J"',
  ],
  ["a list", [], 'unreadable: its "format" is missing or invalid'],
  ["null", null, "unreadable: it is not an object"],
  ["a number", 1, "unreadable: it is not an object"],
];

describe("parseRecord()", () => {
  for (const [is, record, finding] of cases) {
    test(`parseRecord() finds ${is}`, () => {
      expect(show(JSON.stringify(record))).toBe(finding);
    });
  }

  for (const text of ["", "{", '{ "format": 1', "\u0000", "\ufeff{}", "format: 1"]) {
    test(`parseRecord() says of ${JSON.stringify(text)} that it is not JSON`, () => {
      expect(show(text)).toBe("unreadable: it is not JSON");
    });
  }

  test("parseRecord() keeps what others put in", () => {
    const finding = parseRecord(JSON.stringify({ ...good, theirs: [1] }));
    expect(finding).toMatchObject({ record: { id: "8a4be3d2", whole: { theirs: [1] } } });
  });

  test("parseRecord() finds something in any text, and throws nothing", () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string({ unit: "binary" })), (text) => {
        expect(["record", "newer", "unreadable"]).toContain(parseRecord(text).kind);
      }),
    );
  });
});

const base = {
  label: "RESCUE1100",
  image: "sysresccd/x86_64/airootfs.sfs",
  release: "11.00",
  fingerprint: "squashfs-1",
};
const session = { boot: "b1", machine: "ACME", started: "2026-01-31T10:20:30.000Z" };
const use = { base, session };
const written = formatNewRecord({
  id: "8a4be3d2",
  settings: { ...newStoreSettings, metacopy: "on", redirect_dir: "on" },
  created: "2026-01-31T10:20:30.000Z",
  version: "1.2.3",
  use,
});

const boot = { started: session.started, session: "persistent", phases: {} } as const;

/** Reads a record that must be valid. */
function recordOf(text: string): StoreRecord {
  const finding = parseRecord(text);
  if (finding.kind !== "record") throw new Error(text);
  return finding.record;
}

test("formatNewRecord() writes what parseRecord() reads", () => {
  const settings: OverlaySettings = { ...newStoreSettings, metacopy: "on", redirect_dir: "on" };
  expect(recordOf(written)).toMatchObject({
    id: "8a4be3d2",
    settings,
    created: "2026-01-31T10:20:30.000Z",
    base,
    session: { state: "open", count: 1, ended: undefined, ...session },
  });
  expect(written.endsWith("}\n")).toBe(true);
});

describe("formatUsedRecord()", () => {
  const theirs = JSON.parse(written);
  const before = recordOf(
    JSON.stringify({
      ...theirs,
      theirs: [1],
      session: {
        ...theirs.session,
        state: "clean",
        count: 7,
        ended: "2026-01-31T11:00:00Z",
        note: 5,
      },
    }),
  );
  const after = recordOf(
    formatUsedRecord(before, {
      base: { ...base, release: "12.00" },
      session: { boot: "b2", machine: undefined, started: "2026-02-01T00:00:00Z" },
    }),
  );

  test("formatUsedRecord() opens the next session on the base of now", () => {
    expect(after.base?.release).toBe("12.00");
    expect(after.session).toEqual({
      state: "open",
      boot: "b2",
      machine: undefined,
      count: 8,
      started: "2026-02-01T00:00:00Z",
      ended: undefined,
    });
  });

  test("formatUsedRecord() keeps who the store is, and what others put in", () => {
    expect([after.id, after.created, after.settings]).toEqual([
      before.id,
      before.created,
      before.settings,
    ]);
    expect(after.whole).toMatchObject({
      theirs: [1],
      tool: "backstore 1.2.3",
      session: { note: 5 },
    });
  });

  test("formatUsedRecord() leaves the base as it was where none is known", () => {
    const text = formatUsedRecord(before, { base: undefined, session });
    expect(recordOf(text).base).toEqual(base);
  });
});

describe("formatMountedRecord()", () => {
  const overlayMount = { kind: "born", time: "2026-01-31T10:20:30.000000005Z" } as const;
  const mounted = formatMountedRecord(written, { overlayMount, uptimeMs: 900 });

  test("formatMountedRecord() adds the mount, and changes nothing else", () => {
    expect(recordOf(mounted).overlayMount).toEqual(overlayMount);
    expect(JSON.parse(mounted)).toEqual({ ...JSON.parse(written), overlayMount });
  });

  test("formatMountedRecord() writes no mount where none is known", () => {
    expect(formatMountedRecord(written, { overlayMount: undefined, uptimeMs: 900 })).toBe(written);
    expect(recordOf(written).overlayMount).toBeUndefined();
  });

  test("formatMountedRecord() completes the boot with its last phase and the room", () => {
    const phases = { before: 100, medium: 200, store: 50 };
    const begun = formatUsedRecord(recordOf(written), { ...use, phases, note: "Oh" });
    const text = formatMountedRecord(begun, {
      ...{ overlayMount, uptimeMs: 900.4, totalBytes: 1000, usedBytes: 10 },
    });
    expect(recordOf(text).past.boots.slice(1)).toEqual([
      {
        ...{ started: session.started, session: "persistent", note: "Oh" },
        ...{ totalBytes: 1000, usedBytes: 10, phases: { ...phases, mounting: 550 } },
      },
    ]);
  });

  test("formatUsedRecord() forgets the mount of the session before, and keeps the settings", () => {
    const used = formatUsedRecord({ ...recordOf(mounted), settings: newStoreSettings }, use);
    expect(recordOf(used).overlayMount).toBeUndefined();
    expect(recordOf(used).settings).toEqual(newStoreSettings);
  });
});

describe("formatEndedRecord()", () => {
  const ended = "2026-01-31T12:00:00Z";

  test("formatEndedRecord() closes the session, and changes nothing else", () => {
    const record = JSON.parse(written);
    const text = formatEndedRecord(written, { boot: "b1", ended });
    expect(JSON.parse(text!)).toEqual({
      ...record,
      session: { ...record.session, state: "clean", ended },
      boots: [{ ...record.boots[0], ended }],
    });
  });

  test("formatEndedRecord() ends the boot of this session alone, with what is used", () => {
    const text = formatEndedRecord(written, { boot: "b1", ended, usedBytes: 5 });
    expect(recordOf(text!).past.boots).toMatchObject([{ ended, endUsedBytes: 5 }]);
    const other = { ...JSON.parse(written), boots: [{ ...boot, started: ended }] };
    const left = formatEndedRecord(JSON.stringify(other), { boot: "b1", ended, usedBytes: 5 });
    expect(recordOf(left!).past.boots).toEqual([{ ...boot, started: ended }]);
  });

  test("formatEndedRecord() leaves boots that cannot be read as they are", () => {
    const other = { ...JSON.parse(written), boots: "many" };
    const text = formatEndedRecord(JSON.stringify(other), { boot: "b1", ended });
    expect(JSON.parse(text!).boots).toBe("many");
  });

  const others: readonly (readonly [is: string, text: string, boot: string | undefined])[] = [
    ["a session of another boot", written, "b2"],
    ["a boot that is not known", written, undefined],
    ["a session that has ended", formatEndedRecord(written, { boot: "b1", ended })!, "b1"],
    ["a record without a session", JSON.stringify(good), "b1"],
    ["a newer record", written.replace('"format": 1', '"format": 2'), "b1"],
    ["what is no record", "{", "b1"],
  ];
  for (const [is, text, boot] of others)
    test(`formatEndedRecord() leaves ${is} as it is`, () => {
      expect(formatEndedRecord(text, { boot, ended })).toBe(undefined);
    });
});

describe("formatCopiedRecord()", () => {
  test("formatCopiedRecord() makes another store with the same base and boots, in no session", () => {
    const ended = formatEndedRecord(written, { boot: "b1", ended: "2026-01-31T12:00:00Z" });
    const copied = recordOf(formatCopiedRecord(ended!, "another")!);
    const { id, base, past, session } = copied;
    expect([id, base, session]).toEqual(["another", recordOf(written).base, undefined]);
    expect(past.boots).toHaveLength(1);
    expect(past).toEqual(recordOf(ended!).past);
  });
});
