// Which files of a medium are modules of SystemRescue.
import { describe, expect, test } from "vitest";
import { selectSrms, srmDirectory } from "../../../src/core/medium/srm.ts";

describe("srmDirectory()", () => {
  const cases = [
    ["archiso", "sysresccd/x86_64/airootfs.sfs", "sysresccd"],
    ["archiso", "my/own/x86_64/airootfs.erofs", "my/own"],
    ["debian", "live/filesystem.squashfs", undefined],
    ["sysrcd", "sysrcd.dat", undefined],
  ] as const;
  for (const [name, image, directory] of cases)
    test(`srmDirectory() finds ${directory ?? "none"} for ${image}`, () => {
      expect(srmDirectory({ name, image, nested: [] })).toBe(directory);
    });
});

test("selectSrms() takes what a shell takes for *.srm, in the same order", () => {
  const names = [".hidden.srm", "B.srm", "a.srm", "a.srm.bak", "b.SRM", "srm", "x86_64"];
  expect(selectSrms(names)).toEqual(["B.srm", "a.srm"]);
});
