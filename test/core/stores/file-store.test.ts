import { describe, expect, test } from "vitest";
import { findRoomLack, isSparse } from "../../../src/core/stores/file-store.ts";
import { type FileFields, storeFile } from "../../support/devices.ts";

describe("findRoomLack()", () => {
  const MiB = 2 ** 20;
  const cases: readonly (readonly [name: string, fields: FileFields, found: object | undefined])[] =
    [
      ["a file that owns all of it", {}, undefined],
      [
        "a sparse one",
        { allocatedBytes: 100 * MiB },
        { kind: "holes", isShort: false, sentence: "is sparse (100.0 MiB of 256.0 MiB allocated)" },
      ],
      [
        "a sparse one on a host with enough room",
        { allocatedBytes: 100 * MiB, hostFreeBytes: 156 * MiB },
        {
          kind: "holes",
          isShort: false,
          sentence: "is sparse (100.0 MiB of 256.0 MiB allocated), and 156.0 MiB is free there",
        },
      ],
      [
        "one that shares its blocks",
        { allocatedBytes: 0, sharedBytes: 256 * MiB, hostFreeBytes: 1024 * MiB },
        {
          kind: "shared",
          isShort: false,
          sentence:
            "shares 256.0 MiB with a snapshot or a copy on its host, so that writes to it need new room, and 1.0 GiB is free there",
        },
      ],
      [
        "one that shares more than is free",
        { allocatedBytes: 200 * MiB, sharedBytes: 56 * MiB, hostFreeBytes: 55 * MiB },
        { kind: "shared", isShort: true },
      ],
      [
        "one that is copied on write",
        { isCopiedOnWrite: true, hostFreeBytes: 100 * MiB },
        { kind: "copied", isShort: false },
      ],
      [
        "one that is copied on write on a full host",
        { isCopiedOnWrite: true, hostFreeBytes: 0 },
        { kind: "copied", isShort: true },
      ],
    ];
  for (const [name, fields, found] of cases)
    test(`findRoomLack(): ${name}`, () => {
      const lack = findRoomLack(storeFile(fields));
      if (found === undefined) expect(lack).toBeUndefined();
      else expect(lack).toMatchObject(found);
    });
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
