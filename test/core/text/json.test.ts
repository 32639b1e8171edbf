import { expect, test } from "vitest";
import { isTooDeep, mostLevels, parseJson } from "../../../src/core/text/json.ts";

test("parseJson() gives what the text says, and nothing for what is not JSON", () => {
  expect(parseJson('{"a":[1,null]}')).toEqual({ a: [1, null] });
  expect(parseJson("null")).toBe(null);
  for (const text of ["", "{", "undefined", "{} {}"]) expect(parseJson(text)).toBeUndefined();
});

test("isTooDeep() counts lists and objects, and nothing inside a text", () => {
  const nested = (levels: number) => "[".repeat(levels) + "]".repeat(levels);
  expect([mostLevels, mostLevels + 1, 500_000].map((levels) => isTooDeep(nested(levels)))).toEqual([
    false,
    true,
    true,
  ]);
  expect(isTooDeep(`{"a":`.repeat(40))).toBe(true);
  expect(isTooDeep(`[${'{"a":[]},'.repeat(1000)}1]`)).toBe(false);
  expect(isTooDeep(JSON.stringify("[".repeat(1000)))).toBe(false);
  expect(isTooDeep(`"${String.raw`\"[`.repeat(1000)}"`)).toBe(false);
  expect(parseJson(nested(mostLevels + 1))).toBeUndefined();
});
