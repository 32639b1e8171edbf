// How the end of a checker is interpreted: tables of exit statuses and of the real tools' output.
import { describe, expect, test } from "vitest";
import { runChecker } from "../../../src/system/checkers/run-checker.ts";
import { checkerMachine, type Ending } from "../../support/checker-machine.ts";

const superblock = { label: undefined, uuid: undefined, bytes: 2 ** 26, unclean: [] };
const alert =
  "ALERT: The filesystem has valuable metadata changes in a log which is being\nignored because the -n option was used.\n";
const nothing = { kind: "clean", afterReplay: false };

const checks: readonly {
  readonly name: string;
  readonly type: string;
  readonly programs: Readonly<Record<string, Ending>>;
  readonly unclean?: "journal" | "orphans";
  readonly hasPendingLog?: boolean;
  readonly expected: object;
}[] = [
  { name: "e2fsck: nothing", type: "ext4", programs: { e2fsck: {} }, expected: nothing },
  {
    name: "e2fsck: damage, by the first of its questions",
    type: "ext3",
    programs: {
      e2fsck: {
        status: 4,
        stdout:
          "Pass 1: Checking\nInode 12 has a wrong size.  Fix? no\n\nFree blocks count wrong.\nFix? no\n",
      },
    },
    expected: {
      kind: "damaged",
      tool: "e2fsck",
      says: "Inode 12 has a wrong size.  Fix? no",
      more: 1,
    },
  },
  {
    name: "e2fsck: damage, when the question stands in a line of its own",
    type: "ext4",
    programs: {
      e2fsck: { status: 4, stdout: "Block bitmap differences:  +(8193--8385)\nFix? no\n\n" },
    },
    expected: {
      kind: "damaged",
      tool: "e2fsck",
      says: "Block bitmap differences:  +(8193--8385)",
      more: 0,
    },
  },
  {
    name: "e2fsck: no superblock that makes sense",
    type: "ext2",
    programs: {
      e2fsck: { status: 8, stderr: "e2fsck: Superblock invalid, trying backup blocks...\n" },
    },
    expected: {
      kind: "damaged",
      tool: "e2fsck",
      says: "e2fsck: Superblock invalid, trying backup blocks...",
      more: 0,
    },
  },
  ...(
    [
      ["ext4", "e2fsck", 8, "e2fsck: Get a newer version of e2fsck!"],
      ["ext4", "e2fsck", 8, "s.img has unsupported feature(s): FEATURE_C13"],
      ["xfs", "xfs_repair", 1, "Superblock has unknown incompat features (0x1000)"],
      ["xfs", "xfs_repair", 1, "Found unsupported filesystem features.  Exiting now."],
      ["btrfs", "btrfs", 1, "ERROR: cannot open because of unsupported option features (0x1000)"],
    ] as const
  ).map(([type, tool, status, says]) => ({
    name: `${tool}: too old for it: ${says}`,
    type,
    programs: { [tool]: { status, stderr: `${says}\n` } },
    expected: { kind: "unable", tool, why: "too-old", says },
  })),
  ...(
    [
      ["ext4", "e2fsck", 8, "e2fsck: Permission denied while trying to open s.img"],
      ["ext4", "e2fsck", 8, "e2fsck: Device or resource busy while trying to open /dev/sdx1"],
      ["ext4", "e2fsck", 8, "e2fsck: Memory allocation failed while trying to initialize program"],
      ["xfs", "xfs_repair", 1, "xfs_repair: read failed: Invalid argument"],
      ["xfs", "xfs_repair", 1, "xfs_repair: cannot open s.img: Permission denied"],
      ["btrfs", "btrfs", 1, "ERROR: mount check: cannot open 's.img': No such file or directory"],
    ] as const
  ).map(([type, tool, status, says]) => ({
    name: `${tool}: it could not read: ${says}`,
    type,
    programs: {
      [tool]: { status, stderr: `${says}\nxfs_repair: cannot repair this filesystem.\n` },
    },
    expected: { kind: "unable", tool, why: "unreadable", says },
  })),
  {
    name: "e2fsck: failed for another reason, with no word of damage",
    type: "ext4",
    programs: { e2fsck: { status: 8, stderr: "e2fsck: something else\n" } },
    expected: { kind: "failed", says: '"e2fsck" says "e2fsck: something else" (status 8)' },
  },
  {
    name: "e2fsck: it cannot be executed",
    type: "ext4",
    programs: { e2fsck: { status: 126, stderr: "sh: e2fsck: Exec format error\n" } },
    expected: {
      kind: "failed",
      says: '"e2fsck" says "sh: e2fsck: Exec format error" (status 126)',
    },
  },
  {
    name: "e2fsck: a library is missing",
    type: "ext4",
    programs: {
      e2fsck: {
        status: 127,
        stderr: "e2fsck: error while loading shared libraries: libe2p.so.2\n",
      },
    },
    expected: {
      kind: "failed",
      says: '"e2fsck" says "e2fsck: error while loading shared libraries: libe2p.so.2" (status 127)',
    },
  },
  {
    name: "e2fsck: used wrongly",
    type: "ext4",
    programs: { e2fsck: { status: 16, stderr: "Usage: e2fsck\n" } },
    expected: { kind: "failed", says: '"e2fsck" says "Usage: e2fsck" (status 16)' },
  },
  {
    name: "e2fsck: ended by a signal",
    type: "ext4",
    programs: { e2fsck: { signal: 9 } },
    expected: { kind: "failed", says: '"e2fsck" says nothing (signal 9)' },
  },
  {
    name: "e2fsck is not there",
    type: "ext4",
    programs: {},
    expected: {
      kind: "not-asked",
      reason: { missing: "e2fsck", hint: 'install the package "e2fsprogs"' },
    },
  },
  {
    name: "a journal that waits: the copy",
    type: "ext4",
    unclean: "journal",
    programs: { e2image: {}, "e2fsck -f -p": { status: 1 }, "e2fsck -f -n": { status: 4 } },
    expected: { kind: "clean", afterReplay: true },
  },
  {
    name: "a journal that waits: what is wrong beside it",
    type: "ext4",
    unclean: "journal",
    programs: {
      e2image: {},
      "e2fsck -f -p": {
        status: 1,
        stdout: "s.bs: recovering journal\ns.bs: Inode 12 ref count is 3, should be 1.  FIXED.\n",
      },
    },
    expected: {
      kind: "damaged",
      tool: "e2fsck",
      says: "Inode 12 ref count is 3, should be 1.  FIXED.",
      more: 0,
    },
  },
  {
    name: "a journal that waits: damage in the copy",
    type: "ext4",
    unclean: "orphans",
    programs: {
      e2image: {},
      "e2fsck -f -p": {
        status: 4,
        stdout: "/tmp/backstore-work-1/copy: UNEXPECTED INCONSISTENCY\n",
      },
    },
    expected: { kind: "damaged", tool: "e2fsck", says: "UNEXPECTED INCONSISTENCY", more: 0 },
  },
  {
    name: "a journal that waits, and no copy: what may wait there",
    type: "ext4",
    unclean: "journal",
    programs: { e2image: { status: 1 }, e2fsck: { status: 4 } },
    expected: { kind: "not-asked", reason: "pending-log" },
  },
  {
    name: "a journal that waits, and no copy: nothing",
    type: "ext4",
    unclean: "journal",
    programs: { e2image: { status: 1 }, e2fsck: {} },
    expected: nothing,
  },
  {
    name: "xfs_repair: nothing",
    type: "xfs",
    programs: { xfs_repair: { stdout: "Repair may fail if there is a sector size mismatch\n" } },
    expected: nothing,
  },
  {
    name: "xfs_repair: damage",
    type: "xfs",
    programs: {
      xfs_repair: {
        status: 1,
        stderr:
          "Cannot get host filesystem geometry.\nbad magic # 0x0 for agf 0\nwould reset bad agf for ag 0\n",
      },
    },
    expected: { kind: "damaged", tool: "xfs_repair", says: "bad magic # 0x0 for agf 0", more: 1 },
  },
  {
    name: "xfs_repair: a log that it ignores",
    type: "xfs",
    programs: { xfs_repair: { status: 1, stderr: alert } },
    expected: { kind: "not-asked", reason: "pending-log" },
  },
  {
    name: "a log that waits: nobody is asked",
    type: "xfs",
    hasPendingLog: true,
    programs: { xfs_repair: { status: 1 } },
    expected: { kind: "not-asked", reason: "pending-log" },
  },
  {
    name: "btrfs: nothing",
    type: "btrfs",
    programs: { btrfs: { stdout: "total csum bytes: 0\n", stderr: "[1/7] checking root items\n" } },
    expected: nothing,
  },
  {
    name: "btrfs: another device of the machine that cannot be read",
    type: "btrfs",
    programs: { btrfs: { stderr: "ERROR: cannot scan /dev/loop1: Input/output error\n" } },
    expected: nothing,
  },
  {
    name: "btrfs: a broken copy beside such a device",
    type: "btrfs",
    programs: {
      btrfs: {
        stderr:
          "ERROR: cannot scan /dev/loop1: Input/output error\nparent transid verify failed on 1\n",
      },
    },
    expected: { kind: "copy-broken", tool: "btrfs", says: "parent transid verify failed on 1" },
  },
  {
    name: "btrfs: a broken copy",
    type: "btrfs",
    programs: { btrfs: { stderr: "checksum verify failed on 1 wanted 2 found 3\n" } },
    expected: {
      kind: "copy-broken",
      tool: "btrfs",
      says: "checksum verify failed on 1 wanted 2 found 3",
    },
  },
  {
    name: "btrfs: damage",
    type: "btrfs",
    programs: { btrfs: { status: 1, stderr: "ERROR: cannot open file system\n" } },
    expected: { kind: "damaged", tool: "btrfs", says: "ERROR: cannot open file system", more: 0 },
  },
  {
    name: "a type without a checker",
    type: "vfat",
    programs: {},
    expected: { kind: "not-asked", reason: { because: "backstore has no checker for vfat" } },
  },
  { name: "fsck.f2fs: nothing", type: "f2fs", programs: { "fsck.f2fs": {} }, expected: nothing },
  {
    name: "fsck.f2fs: damage",
    type: "f2fs",
    programs: {
      "fsck.f2fs": {
        status: 255,
        stdout:
          "[ASSERT] (check:1)  --> Wrong\n[FSCK] Unreachable nat entries [Fail] [0x1]\nDo you want it? [Y/N] ",
      },
    },
    expected: {
      kind: "damaged",
      tool: "fsck.f2fs",
      says: "[ASSERT] (check:1)  --> Wrong",
      more: 1,
    },
  },
  {
    name: "fsck.f2fs: no file system that it can open",
    type: "f2fs",
    programs: { "fsck.f2fs": { status: 255, stdout: "\tError: Failed to open the device!\n" } },
    expected: {
      kind: "failed",
      says: '"fsck.f2fs" says "Error: Failed to open the device!" (status 255)',
    },
  },
];

describe("runChecker()", () => {
  for (const { name, type, programs, unclean, hasPendingLog, expected } of checks) {
    test(`runChecker() understands ${name}`, () => {
      const { system } = checkerMachine(programs);
      const word = runChecker(system, {
        path: "/s",
        superblock: { ...superblock, type, unclean: unclean === undefined ? [] : [unclean] },
        hasPendingLog,
      });
      expect(word).toEqual(expected);
      expect(system.list("/tmp")).toEqual([]);
    });
  }

  test("runChecker() asks nobody where no file system is recognised", () => {
    const { system, asked } = checkerMachine({ e2fsck: {} });
    const checked = { path: "/s", superblock: undefined, hasPendingLog: undefined };
    expect(runChecker(system, checked)).toEqual({ kind: "not-asked", reason: "no-file-system" });
    expect(asked).toEqual([]);
  });

  test("runChecker() makes no copy for which there is no room", () => {
    const { system, asked } = checkerMachine({ e2image: {}, e2fsck: {} });
    const large = { ...superblock, type: "ext4", bytes: 2 ** 52, unclean: ["journal"] as const };
    const checked = { path: "/s", superblock: large, hasPendingLog: undefined };
    expect(runChecker(system, checked)).toEqual({ kind: "not-asked", reason: "pending-log" });
    expect(asked).toEqual([]);
  });
});
