import { describe, expect, test } from "vitest";
import { encodeUtf8 } from "../../../src/core/bytes/utf.ts";
import { diffTexts, mostDiffBytes } from "../../../src/core/changes/diff-texts.ts";

function diff(base: string | undefined, now: string | undefined): string[] | string {
  const encode = (text: string | undefined) => (text === undefined ? undefined : encodeUtf8(text));
  return diffTexts({ base: encode(base), now: encode(now) });
}

/** "0\n1\n2\n". */
function count(lines: number): string {
  return Array.from({ length: lines }, (_, number) => `${number}\n`).join("");
}

describe("diffTexts() shows", () => {
  const cases: readonly (readonly [string, string | undefined, string | undefined, string[]])[] = [
    ["nothing of what is the same", "a\n", "a\n", []],
    ["another line", "a\nb\n", "a\nc\n", ["@@ -1,2 +1,2 @@", " a", "-b", "+c"]],
    ["a new file", undefined, "a\n", ["@@ -0,0 +1 @@", "+a"]],
    ["a deleted file", "a\nb\n", undefined, ["@@ -1,2 +0,0 @@", "-a", "-b"]],
    [
      "a last line without its end",
      "a\n",
      "a",
      ["@@ -1 +1 @@", "-a", "+a", "\\ No newline at end of file"],
    ],
    ["the end of a line of DOS", "a\r\n", "a\n", ["@@ -1 +1 @@", "-a\r", "+a"]],
    [
      "three lines around each group",
      count(20),
      `x\n${count(20)}y\n`,
      [
        ...["@@ -1,3 +1,4 @@", "+x", " 0", " 1", " 2"],
        ...["@@ -18,3 +19,4 @@", " 17", " 18", " 19", "+y"],
      ],
    ],
  ];
  for (const [name, base, now, lines] of cases)
    test(name, () => {
      expect(diff(base, now)).toEqual(lines);
    });

  test("all of a long new file", () => {
    expect(diff("", count(50_000))).toHaveLength(50_001);
    expect(diff(count(50_000), undefined)).toHaveLength(50_001);
  });

  test("bytes that are no UTF-8 as different ones", () => {
    const [base, now] = [Uint8Array.of(0xe4, 10), Uint8Array.of(0xe5, 10)];
    expect(diffTexts({ base, now })).toEqual(["@@ -1 +1 @@", "-\udce4", "+\udce5"]);
  });
});

test("diffTexts() says what it does not compare", () => {
  expect(diff("a\0", "b")).toBe("binary");
  expect(diff("", "a\n\0")).toBe("binary");
  expect(diff("a".repeat(mostDiffBytes + 1), "b")).toBe("large");
  expect(diff(count(600), count(600).replaceAll("\n", "x\n"))).toBe("large");
});
