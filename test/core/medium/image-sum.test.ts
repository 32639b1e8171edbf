// Where the checksum of a base's image is, and what it is.
import { describe, expect, test } from "vitest";
import { parseSum, sumPath } from "../../../src/core/medium/image-sum.ts";
import type { Layout } from "../../../src/core/medium/layout.ts";

const archiso: Layout = { name: "archiso", image: "sysresccd/x86_64/airootfs.sfs", nested: [] };
const sum = "0123456789abcdef".repeat(8);

describe("sumPath()", () => {
  const cases = [
    [archiso, "sysresccd/x86_64/airootfs.sha512"],
    [{ ...archiso, image: "arch/x86_64/airootfs.erofs" }, "arch/x86_64/airootfs.sha512"],
    [{ name: "debian", image: "live/filesystem.squashfs", nested: [] }, undefined],
  ] as const;
  for (const [layout, path] of cases)
    test(`sumPath() finds ${path ?? "none"} for ${layout.image}`, () => {
      expect(sumPath(layout)).toBe(path);
    });
});

describe("parseSum()", () => {
  const cases: readonly (readonly [is: string, text: string, sum: string | undefined])[] = [
    ["the sum of the image", `${sum}  airootfs.sfs\n`, sum],
    ["a sum of binary mode", `${sum} *airootfs.sfs\n`, sum],
    ["digits in upper case", `${sum.toUpperCase()}  airootfs.sfs`, sum],
    ["the line of the image", `${"1".repeat(128)}  airootfs.erofs\n${sum}  airootfs.sfs\n`, sum],
    ["nothing of an empty file", "", undefined],
    ["nothing of another file's sum", `${sum}  other.sfs\n`, undefined],
    ["nothing of a sum that is too short", `${sum.slice(1)}  airootfs.sfs\n`, undefined],
    ["nothing of a sum that is too long", `${sum}0  airootfs.sfs\n`, undefined],
    ["nothing of a sum without a name", `${sum}\n`, undefined],
  ];
  for (const [is, text, expected] of cases)
    test(`parseSum() takes ${is}`, () => expect(parseSum(text, archiso)).toBe(expected));
});
