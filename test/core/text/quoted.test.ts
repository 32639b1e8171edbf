import { describe, expect, test } from "vitest";
import { formatFew, formatList, formatQuoted, joinFew } from "../../../src/core/text/quoted.ts";

describe("formatQuoted() shows a value that cannot forge a line", () => {
  const cases: [string, string, string][] = [
    ["a plain value", "data", '"data"'],
    ["UTF-8", "雪 é", '"雪 é"'],
    ["quotes", 'a"b', '"a\\"b"'],
    ["a newline", "a\nb", '"a\\nb"'],
    ["an escape sequence", "\u001b[31m", '"\\u001b[31m"'],
    ["a C1 control", "\u009b31m", '"\\u009b31m"'],
    ["marks that turn the text around", "a\u202eb", '"a\\u202eb"'],
    ["a long value", "x".repeat(4096), `"${"x".repeat(100)}…"`],
  ];
  for (const [is, value, text] of cases) {
    test(`formatQuoted() shows ${is}`, () => {
      expect(formatQuoted(value)).toBe(text);
    });
  }
});

test("formatList() lists words as sentences do", () => {
  expect(formatList([])).toBe("");
  expect(formatList(["a"])).toBe("a");
  expect(formatList(["a", "b"])).toBe("a and b");
  expect(formatList(["a", "b", "c"], "or")).toBe("a, b or c");
});

test("formatFew() and joinFew() name eight, and say how many more there are", () => {
  const words = (count: number) => Array.from({ length: count }, (_, at) => `${at}`);
  expect(formatFew(words(8))).toBe("0, 1, 2, 3, 4, 5, 6 and 7");
  expect(formatFew(words(255))).toBe("0, 1, 2, 3, 4, 5, 6, 7 and 247 more");
  expect(joinFew(words(2))).toBe("0; 1");
  expect(joinFew(words(255))).toBe("0; 1; 2; 3; 4; 5; 6; 7; and 247 more");
});
