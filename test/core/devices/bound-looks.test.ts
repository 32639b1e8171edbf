import { expect, test } from "vitest";
import { boundLooks } from "../../../src/core/devices/bound-looks.ts";
import { device, partition } from "../../support/devices.ts";

test("boundLooks() leaves out what comes after 32 file systems of one disk, and nothing of others", () => {
  const parts = Array.from({ length: 255 }, (_, at) => partition("/dev/sda", at + 1));
  const { looked, leftOut } = boundLooks([...parts, device("/dev/sdb"), partition("/dev/sdc", 1)]);
  expect(looked.slice(-3).map(({ path }) => path)).toEqual(["/dev/sda32", "/dev/sdb", "/dev/sdc1"]);
  expect(leftOut.map(({ path }) => path)).toEqual(parts.slice(32).map(({ path }) => path));
});
