// What a session leaves for the next boot, as it is kept in the record.
import { describe, expect, test } from "vitest";
import {
  addNext,
  type NextRemoval,
  parseNext,
  withoutDone,
} from "../../../src/core/stores/next-steps.ts";
import { formatNextRecord, parseRecord } from "../../../src/core/stores/store-record.ts";

const removal = (path: string, inode = 1): NextRemoval => ({ do: "remove-same", path, inode });
const record = {
  format: 1,
  id: "x",
  overlay: "index=off,metacopy=off,xino=off,redirect_dir=nofollow",
};

describe("parseNext()", () => {
  test("parseNext() reads removals, and leaves out what is not understood", () => {
    const odd = ["a", "/", "/a/", "/a//b", "/a/../b", "/./a", "/a\0b", "", 1].map((path) => ({
      ...removal("/x"),
      path,
    }));
    const others = [{ do: "checkpoint" }, removal("/n", 0), { ...removal("/n"), inode: "1" }, null];
    expect(parseNext([...odd, ...others, { ...removal("/a/é\n"), more: 1 }])).toEqual([
      removal("/a/é\n"),
    ]);
    expect(parseNext([removal("/a"), removal("/b"), removal("/a", 2)])).toEqual([
      removal("/a", 2),
      removal("/b"),
    ]);
    for (const value of [undefined, null, {}, "x"]) expect(parseNext(value)).toEqual([]);
  });
});

test("addNext() adds to what is there, one for each path", () => {
  const other = { do: "checkpoint" };
  expect(addNext([other, removal("/a"), removal("/b")], [removal("/a", 2)])).toEqual([
    other,
    removal("/b"),
    removal("/a", 2),
  ]);
  const many = Array.from({ length: 5001 }, (_, index) => removal(`/${index}`));
  expect(addNext(undefined, many)).toBe(undefined);
  expect(addNext(undefined, many.slice(1))).toHaveLength(5000);
});

test("withoutDone() keeps what was not done", () => {
  const other = { do: "checkpoint" };
  expect(withoutDone([removal("/a"), other])).toEqual([other]);
  expect(withoutDone([removal("/a")])).toBe(undefined);
  expect(withoutDone("x")).toBe(undefined);
});

describe("formatNextRecord()", () => {
  test("formatNextRecord() keeps the rest, also names that are no UTF-8", () => {
    const path = "/caf\udce9\n";
    const text = formatNextRecord(JSON.stringify({ ...record, mine: 1 }), [removal(path)]) ?? "";
    const finding = parseRecord(text);
    if (finding.kind !== "record") throw new Error(text);
    expect(finding.record.next).toEqual([removal(path)]);
    expect(finding.record.whole.mine).toBe(1);
  });

  test("formatNextRecord() does not write into what is no record, or too much", () => {
    expect(formatNextRecord("{", [removal("/a")])).toBe(undefined);
    const long = Array.from({ length: 4000 }, (_, at) => removal(`/${at}${"x".repeat(250)}`));
    expect(formatNextRecord(JSON.stringify(record), long)).toBe(undefined);
  });
});
