// Which file of the medium a value of sysrescuecfg names.
import { describe, expect, test } from "vitest";
import { findConfigurationPath } from "../../../src/core/medium/configuration-path.ts";

describe("findConfigurationPath()", () => {
  const cases: readonly (readonly [value: string, path: string | RegExp])[] = [
    ["lab.yaml", "sysrescue.d/lab.yaml"],
    ["lab/one.txt", "sysrescue.d/lab/one.txt"],
    ["/run/archiso/bootmnt/lab.yaml", "lab.yaml"],
    ["/run/archiso/bootmnt//a/./b", "a/b"],
    ["http://host/lab.yaml", /^it is on a network.*backstore-addon\(7\)\)$/],
    ["https://host/lab.yaml", /^it is on a network/],
    ["/etc/lab.yaml", /^it is not on the medium/],
    ["/run/archiso/bootmnt", /^it is not on the medium/],
    ["/run/archiso/bootmnt/", /contains no name/],
    ["../lab.yaml", /would lead out/],
    ["a\u0001b", /control characters/],
  ];
  for (const [value, expected] of cases)
    test(`findConfigurationPath() takes ${JSON.stringify(value)}`, () => {
      expect(findConfigurationPath(value)).toEqual(
        typeof expected === "string"
          ? { path: expected }
          : { problem: expect.stringMatching(expected) },
      );
    });
});
