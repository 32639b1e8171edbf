import { expect, describe as group, test } from "vitest";
import {
  type DirectoryPlaceFacts,
  planDirectory,
} from "../../../src/core/create/plan-create-directory.ts";
import { describe } from "../../../src/core/steps/step.ts";
import { Failure } from "../../../src/core/text/failure.ts";

const place: DirectoryPlaceFacts = {
  path: "/mnt/changes",
  type: "ext4",
  isReadonly: false,
  missing: undefined,
  found: {
    directory: "changes",
    exists: false,
    obstacle: undefined,
    names: [],
    record: undefined,
    traces: undefined,
  },
};
const there = { ...place.found, exists: true };

test("planDirectory() makes the directory for its owner alone", () => {
  const { title, steps } = planDirectory(place);
  expect([title, ...steps.map(describe)]).toEqual([
    'Create the directory store "/mnt/changes"',
    'create the directory "/mnt/changes"',
    'sync the file system of "/mnt/changes" to disk',
  ]);
  expect(steps[0]).toMatchObject({ mode: 0o700 });
});

test("planDirectory() takes an empty directory as it is", () => {
  expect(planDirectory({ ...place, found: there }).steps).toEqual([]);
  const names = ["lost+found", "workdir"];
  expect(planDirectory({ ...place, found: { ...there, names } }).steps).toEqual([]);
});

group("planDirectory() refuses", () => {
  const cannot = 'Cannot create a store in "/mnt/changes": ';
  const cases: readonly (readonly [Partial<DirectoryPlaceFacts>, string])[] = [
    ...["vfat", "exfat", "ntfs3", "fuseblk", "tmpfs", "overlay", "iso9660", "nfs4"].map(
      (type) =>
        [
          { type },
          `${type} does not support what an overlay needs, only ext2, ext3, ext4, xfs, btrfs and f2fs do`,
        ] as const,
    ),
    [{ isReadonly: true }, "its file system is mounted read-only"],
    [{ found: { ...there, names: ["upperdir", "workdir"] } }, "it is already a store"],
    [
      { found: { ...there, names: ["letters"] } },
      '"changes" is not a store and not empty (it contains "letters")',
    ],
    [
      { found: { ...there, names: [".wh..wh.aufs"] } },
      '"changes" contains a store of the first generation (aufs), which is left untouched',
    ],
    [
      { found: { ...place.found, obstacle: "changes" } },
      '"changes" is not a directory, and links are not followed',
    ],
  ];
  for (const [facts, found] of cases) {
    test(found, () => {
      expect(() => planDirectory({ ...place, ...facts })).toThrow(
        new Failure(
          "unsafe",
          cannot + found,
          found.includes("overlay needs")
            ? 'use a file store, which works on any file system: see "backstore create --help"'
            : found.includes("read-only")
              ? "mount it read-write"
              : "name another directory, a new or an empty one",
        ),
      );
    });
  }
});
