import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { newStoreSettings, type OverlaySettings } from "../../src/core/overlay.ts";
import { formatNewRecord, parseRecord } from "../../src/core/store-record.ts";

const overlay = "index=off,metacopy=off,xino=off,redirect_dir=nofollow";
const good = { format: 1, id: "8a4be3d2", overlay };

/** Writes a finding as a short text. */
function show(text: string): string {
  const finding = parseRecord(text);
  if (finding.kind === "newer") return `newer ${finding.format}`;
  return finding.kind === "unreadable" ? `unreadable: ${finding.reason}` : "record";
}

const cases: readonly (readonly [is: string, record: unknown, finding: string])[] = [
  ["a record", good, "record"],
  ["a record with more in it", { ...good, format: 1, more: { x: 1 } }, "record"],
  ["a newer format, whatever else is in it", { format: 2 }, "newer 2"],
  ["a far newer format", { ...good, format: 1e300 }, "newer 1e+300"],
  [
    "an older format",
    { ...good, format: 0 },
    'unreadable: its "format" is missing or not what it should be',
  ],
  [
    "half a format",
    { ...good, format: 1.5 },
    'unreadable: its "format" is missing or not what it should be',
  ],
  [
    "a format in words",
    { ...good, format: "2" },
    'unreadable: its "format" is missing or not what it should be',
  ],
  ["no id", { format: 1, overlay }, 'unreadable: its "id" is missing or not what it should be'],
  [
    "options that are none",
    { ...good, overlay: 3 },
    'unreadable: its "overlay" is missing or not what it should be',
  ],
  [
    "options that would forge a line",
    { ...good, overlay: "a\n\u001b[2J" },
    'unreadable: its overlay options are not known: "a\\n\\u001b[2J"',
  ],
  ["a list", [], 'unreadable: its "format" is missing or not what it should be'],
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

test("formatNewRecord() writes what parseRecord() reads", () => {
  const settings: OverlaySettings = { ...newStoreSettings, metacopy: "on", redirect_dir: "on" };
  const text = formatNewRecord({
    id: "8a4be3d2",
    settings,
    base: { label: undefined, image: "live/filesystem.squashfs" },
    created: "2026-01-31T10:20:30.000Z",
    version: "1.2.3",
  });
  expect(parseRecord(text)).toMatchObject({ kind: "record", record: { id: "8a4be3d2", settings } });
  expect(text.endsWith("}\n")).toBe(true);
});
