import { expect, test } from "vitest";
import { parseJson } from "../../../src/core/text/json.ts";

test("parseJson() gives what the text says, and nothing for what is not JSON", () => {
  expect(parseJson('{"a":[1,null]}')).toEqual({ a: [1, null] });
  expect(parseJson("null")).toBe(null);
  for (const text of ["", "{", "undefined", "{} {}"]) expect(parseJson(text)).toBeUndefined();
});
