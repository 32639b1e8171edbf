import { describe, expect, test } from "vitest";
import { parseBootRecord } from "../../../src/core/status/boot-record.ts";

const store = {
  kind: "file",
  device: "/dev/sdb1",
  type: "ext4",
  directory: "",
  file: "/sysrcd.bs",
  hostType: "vfat",
  bytes: 1024,
};
const medium = { device: "/dev/sda", label: "LIVE", layout: "archiso", image: "a/airootfs.sfs" };
const room = { totalBytes: 10, usedBytes: 5, measured: 900 };
const problems = [{ message: "Cannot", file: "1.yaml", line: 2, column: 3 }];

describe("parseBootRecord()", () => {
  test("parseBootRecord() gives what stands there, and leaves out what it does not need", () => {
    const record = {
      version: "1",
      session: "readonly",
      reason: "why",
      store,
      medium,
      room,
      problems,
    };
    expect(parseBootRecord(JSON.stringify({ ...record, plan: {}, options: [] }))).toEqual(record);
  });

  test("parseBootRecord() takes null for what is missing", () => {
    const text = JSON.stringify({
      version: null,
      session: "volatile",
      store: { ...store, type: null },
      medium: { reason: "it is not known" },
      room: null,
      problems: [{ message: "Cannot", file: null, line: null }],
    });
    const { type: _, ...untyped } = store;
    expect(parseBootRecord(text)).toEqual({
      session: "volatile",
      store: untyped,
      problems: [{ message: "Cannot" }],
    });
  });

  const spoilt = [
    ["a room of texts", { room: { ...room, usedBytes: "5" } }],
    ["a negative room", { room: { ...room, totalBytes: -1 } }],
    ["a room that no number can hold", { room: { ...room, totalBytes: 1e300 } }],
    ["a store without a device", { store: { kind: "file" } }],
    ["a store that is none", { store: [1] }],
    ["problems that are no list", { problems: "Cannot" }],
    ["problems without a message", { problems: [{ file: "1.yaml" }, null] }],
    ["a reason that is no text", { reason: 7 }],
  ] as const;
  for (const [what, part] of spoilt) {
    test(`parseBootRecord() passes over ${what}`, () => {
      expect(parseBootRecord(JSON.stringify({ session: "persistent", ...part }))).toEqual({
        session: "persistent",
        problems: [],
      });
    });
  }

  const unreadable = [
    ["", "it is not JSON"],
    ["{", "it is not JSON"],
    ["null", "it does not say what kind of session was booted"],
    ["[]", "it does not say what kind of session was booted"],
    ['{"session":"perfect"}', "it does not say what kind of session was booted"],
  ] as const;
  for (const [text, reason] of unreadable) {
    test(`parseBootRecord() says of ${JSON.stringify(text)} that ${reason}`, () => {
      expect(parseBootRecord(text)).toEqual({ unreadable: reason });
    });
  }
});
