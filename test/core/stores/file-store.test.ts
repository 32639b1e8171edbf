import { describe, expect, test } from "vitest";
import { describeAllocation, isSparse } from "../../../src/core/stores/file-store.ts";
import { type FileFields, storeFile } from "../../support/devices.ts";

test("describeAllocation() says how much is there", () => {
  expect(describeAllocation(storeFile({ allocatedBytes: 100 << 20 }))).toBe(
    "100.0 MiB of 256.0 MiB allocated",
  );
});

describe("isSparse()", () => {
  const cases: readonly (readonly [name: string, fields: FileFields, expected: boolean])[] = [
    ["a file that is allocated in full is not", {}, false],
    ["one block less is", { allocatedBytes: (1 << 28) - 4096 }, true],
    [
      "more than the size (the host's own blocks) is not",
      { allocatedBytes: (1 << 28) + 4096 },
      false,
    ],
  ];
  for (const [name, fields, expected] of cases)
    test(`isSparse(): ${name}`, () => expect(isSparse(storeFile(fields))).toBe(expected));
});
