// What is made of how a checker or a repairing tool ends: tables of statuses and of what the real tools say.
import { describe, expect, test } from "vitest";
import { Failure } from "../../../src/core/text/failure.ts";
import { runChecker } from "../../../src/system/checkers/run-checker.ts";
import { repairFileSystem } from "../../../src/system/steps/repair-steps.ts";
import { createMemory, type Program } from "../../support/memory.ts";

type Ending = ReturnType<Program>;

/** Makes a machine on which each program ends as said; e2fsck differs for what it is asked to do. */
function machine(programs: Readonly<Record<string, Ending>>) {
  const asked: string[] = [];
  const tools = ["e2fsck", "e2image", "xfs_repair", "btrfs", "fsck.f2fs"].flatMap(
    (tool): [string, Program][] => {
      const own = Object.keys(programs).filter((name) => name.split(" ")[0] === tool);
      if (own.length === 0) return [];
      return [
        [
          tool,
          ({ argv }) => {
            asked.push(
              argv.map((word) => word.replace(/\/tmp\/backstore-check-\w+/, "/tmp/x")).join(" "),
            );
            return programs[own.find((name) => argv.join(" ").startsWith(name)) ?? tool] ?? {};
          },
        ],
      ];
    },
  );
  return { ...createMemory({ files: { s: "store" }, programs: Object.fromEntries(tools) }), asked };
}

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
    expected: { kind: "failed", says: '"e2fsck" says "" (signal 9)' },
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
    name: "a journal that waits: damage in the copy",
    type: "ext4",
    unclean: "orphans",
    programs: {
      e2image: {},
      "e2fsck -f -p": {
        status: 4,
        stdout: "/tmp/backstore-check-1/copy: UNEXPECTED INCONSISTENCY\n",
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
    expected: { kind: "not-asked", reason: { because: "backstore knows no checker for vfat" } },
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
      says: '"fsck.f2fs" says "\\tError: Failed to open the device!" (status 255)',
    },
  },
];

describe("runChecker()", () => {
  for (const { name, type, programs, unclean, hasPendingLog, expected } of checks) {
    test(`runChecker() understands ${name}`, () => {
      const { system } = machine(programs);
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
    const { system, asked } = machine({ e2fsck: {} });
    const checked = { path: "/s", superblock: undefined, hasPendingLog: undefined };
    expect(runChecker(system, checked)).toEqual({ kind: "not-asked", reason: "no-file-system" });
    expect(asked).toEqual([]);
  });

  test("runChecker() makes no copy for which there is no room", () => {
    const { system, asked } = machine({ e2image: {}, e2fsck: {} });
    const large = { ...superblock, type: "ext4", bytes: 2 ** 52, unclean: ["journal"] as const };
    const checked = { path: "/s", superblock: large, hasPendingLog: undefined };
    expect(runChecker(system, checked)).toEqual({ kind: "not-asked", reason: "pending-log" });
    expect(asked).toEqual([]);
  });
});

const safely = { path: "/s", type: "ext4", thoroughly: false } as const;
const repairs: readonly {
  readonly name: string;
  readonly step: Parameters<typeof repairFileSystem>[1];
  readonly programs: Readonly<Record<string, Ending>>;
  /** What was called, and how it failed. */
  readonly calls: readonly string[];
  readonly failure?: readonly [code: string, part: string];
}[] = [
  {
    name: "does what the rehearsal has shown to be enough",
    step: safely,
    programs: { e2image: {}, e2fsck: { status: 1 } },
    calls: ["e2image -r /s /tmp/x/copy", "e2fsck -f -p /tmp/x/copy", "e2fsck -f -p /s"],
  },
  {
    name: "leaves alone what the rehearsal has not set right",
    step: safely,
    programs: { e2image: {}, e2fsck: { status: 4 } },
    calls: ["e2image -r /s /tmp/x/copy", "e2fsck -f -p /tmp/x/copy"],
    failure: ["damaged", "without deciding what is lost"],
  },
  {
    name: "leaves alone what cannot be rehearsed",
    step: safely,
    programs: { e2image: { status: 1 }, e2fsck: {} },
    calls: ["e2image -r /s /tmp/x/copy"],
    failure: ["damaged", "without deciding what is lost"],
  },
  {
    name: "needs e2image",
    step: safely,
    programs: { e2fsck: {} },
    calls: [],
    failure: ["tool", '"e2image" is not installed'],
  },
  {
    name: "says yes to everything when it is to be thorough",
    step: { ...safely, thoroughly: true },
    programs: { e2fsck: { status: 1 } },
    calls: ["e2fsck -f -y /s"],
  },
  {
    name: "tells that not even that was enough",
    step: { ...safely, thoroughly: true },
    programs: { e2fsck: { status: 5 } },
    calls: ["e2fsck -f -y /s"],
    failure: ["damaged", "e2fsck could not repair all of it"],
  },
  {
    name: "tells of a tool that failed",
    step: { ...safely, thoroughly: true },
    programs: { e2fsck: { status: 8, stderr: "e2fsck: out of memory\n" } },
    calls: ["e2fsck -f -y /s"],
    failure: ["tool", '"e2fsck" says "e2fsck: out of memory" (status 8)'],
  },
  {
    name: "does not throw the log of an xfs away",
    step: { path: "/s", type: "xfs", thoroughly: true },
    programs: { xfs_repair: { status: 2, stderr: alert } },
    calls: ["xfs_repair /s"],
    failure: ["damaged", "its log cannot be replayed, and is not thrown away"],
  },
  {
    name: "repairs an xfs",
    step: { path: "/s", type: "xfs", thoroughly: true },
    programs: { xfs_repair: {} },
    calls: ["xfs_repair /s"],
  },
  {
    name: "does not repair a btrfs",
    step: { path: "/s", type: "btrfs", thoroughly: true },
    programs: { btrfs: {} },
    calls: [],
    failure: ["unsafe", "no tool does that safely"],
  },
];

describe("repairFileSystem()", () => {
  for (const { name, step, programs, calls, failure } of repairs) {
    test(`repairFileSystem() ${name}`, () => {
      const { system, asked } = machine(programs);
      let found: readonly string[] | undefined;
      try {
        repairFileSystem(system, step);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        found = [error.code, error.message];
      }
      expect(asked).toEqual(calls);
      expect(found).toEqual(failure && [failure[0], expect.stringContaining(failure[1])]);
    });
  }
});
