import { describe, expect, test } from "vitest";
import { describeRelease, findFull } from "../../../src/core/session/remedies.ts";
import type { FoundStore } from "../../../src/core/stores/found-store.ts";
import type { SeenRoom } from "../../../src/core/stores/room.ts";
import { device, found, foundFile } from "../../support/devices.ts";

const disk = device("/dev/sdb", { type: "ext4", label: "store" });
const data = device("/dev/sdb", { type: "btrfs", label: "store" });
const names = ["upperdir", "workdir"];
const room = (usableBytes: number, ballastBytes = 0): SeenRoom => ({
  totalBytes: 1 << 30,
  usableBytes,
  ballastBytes,
});

describe("findFull()", () => {
  const full = "the store is full (100.0 KiB free, no ballast left)";
  const inDirectory = `${full}; boot with backstore=off, mount /dev/sdb and delete large files in "persistent_RESCUE1100/x86_64/upperdir"`;
  const inFile = `${full}; boot with backstore=off, mount /dev/sdb and enlarge it (backstore grow MOUNT/sysrcd.bs SIZE)`;
  const cases: readonly (readonly [is: string, store: FoundStore, words: string | undefined])[] = [
    ["a directory without room", found(disk, { names, room: room(102400) }), inDirectory],
    ["a file without room", foundFile(disk, {}, { names, room: room(102400) }), inFile],
    ["nothing where its room is not known", found(disk, { names }), undefined],
    ["nothing where there is room", found(disk, { names, room: room(1 << 20) }), undefined],
    [
      "nothing where a ballast gives some",
      found(disk, { names, room: room(0, 4 << 20) }),
      undefined,
    ],
    [
      "a btrfs whose last megabytes cannot be had",
      found(data, { names, room: room(3 << 20), directory: "" }),
      'the store is full (3.0 MiB free, no ballast left); boot with backstore=off, mount /dev/sdb and delete large files in "upperdir"',
    ],
  ];
  for (const [is, store, words] of cases) {
    test(`findFull() tells of ${is}`, () => {
      expect(findFull(store)).toBe(words);
    });
  }
});

test("describeRelease() says what was released and what to do, in two lines of a console", () => {
  const sentence = describeRelease(4 << 20, 5 << 20);
  expect(sentence).toBe(
    "The store was full: its ballast of 4.0 MiB was released, and 5.0 MiB is free now; delete large files (du -ah /mnt/memory/upperdir | sort -h | tail)",
  );
  expect(describeRelease(undefined, undefined)).toBe(
    "The store was full: its ballast was released; delete large files (du -ah /mnt/memory/upperdir | sort -h | tail)",
  );
});
