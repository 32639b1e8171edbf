import { expect, test } from "vitest";
import { splitNumber, trimEnd } from "../../../src/core/bytes/trim.ts";

test("trimEnd() removes what is named, and only at the end", () => {
  expect(["", "\n", "a\n\n", "\na\nb", "a \n"].map((text) => trimEnd(text, "\n"))).toEqual([
    "",
    "",
    "a",
    "\na\nb",
    "a ",
  ]);
  expect(trimEnd(`${"\n".repeat(1_000_000)}x`, "\n")).toHaveLength(1_000_001);
});

test("splitNumber() splits off the digits at the end of a name", () => {
  expect(["sda10", "sda", "7", "", "nvme0n1p2"].map(splitNumber)).toEqual([
    ["sda", "10"],
    ["sda", ""],
    ["", "7"],
    ["", ""],
    ["nvme0n1p", "2"],
  ]);
});
