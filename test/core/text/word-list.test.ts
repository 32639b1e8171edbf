import { expect, test } from "vitest";
import { formatList } from "../../../src/core/text/word-list.ts";

test("formatList() lists words as sentences do", () => {
  expect(formatList([])).toBe("");
  expect(formatList(["a"])).toBe("a");
  expect(formatList(["a", "b"])).toBe("a and b");
  expect(formatList(["a", "b", "c"], "or")).toBe("a, b or c");
});
