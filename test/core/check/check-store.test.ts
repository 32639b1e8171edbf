// The findings of a check, as a table: one row for each thing that can be wrong, and one for each
// that must not be reported.

import { describe, expect, test } from "vitest";
import type { CheckFacts } from "../../../src/core/check/check-facts.ts";
import {
  type CheckFinding,
  sortCheckFindings,
  statusOf,
} from "../../../src/core/check/check-finding.ts";
import { checkStore } from "../../../src/core/check/check-store.ts";
import { unknownDevice } from "../../../src/core/devices/device.ts";
import type { StoreFile } from "../../../src/core/stores/file-store.ts";
import type { ExaminedStore } from "../../../src/core/stores/seen-store.ts";
import type { Superblock } from "../../../src/core/superblocks/superblock.ts";

const MiB = 2 ** 20;

const ext4: Superblock = {
  type: "ext4",
  label: undefined,
  uuid: "1",
  bytes: 64 * MiB,
  unclean: [],
};
const host = {
  ...unknownDevice("/dev/sdb1", 128 * MiB),
  disk: "/dev/sdb",
  superblock: { ...ext4, type: "vfat" },
};
const overlayMount = { kind: "born", time: "2026-01-31T10:20:30.000000005Z" } as const;
const directory = {
  directory: "",
  exists: true,
  obstacle: undefined,
  names: ["backstore.json", "lost+found", "upperdir", "workdir"],
  record: JSON.stringify({
    format: 1,
    id: "1",
    overlay: "index=off,metacopy=off,xino=off,redirect_dir=nofollow",
    overlayMount,
  }),
  traces: undefined,
  overlayMount,
};
function fileWith(superblock: Superblock | undefined, allocatedBytes = 64 * MiB): StoreFile {
  return { path: "/sysrcd.bs", bytes: 64 * MiB, allocatedBytes, superblock, intent: undefined };
}

const seen: ExaminedStore = {
  kind: "file",
  device: host,
  path: "/sysrcd.bs",
  file: fileWith(ext4),
  bytes: 64 * MiB,
  usedBytes: MiB,
  directory,
  use: undefined,
  hasPendingLog: undefined,
  unfinished: undefined,
  obstacle: undefined,
};
const facts: CheckFacts = {
  store: '"/m/sysrcd.bs"',
  name: "/m/sysrcd.bs",
  path: "/m/sysrcd.bs",
  seen,
  checker: { kind: "clean", afterReplay: false },
  changes: {
    entries: 3,
    isIncomplete: false,
    metacopy: undefined,
    redirect: undefined,
    covered: { count: 0, bytes: 0, places: [] },
  },
  room: { totalBytes: 60 * MiB, usedBytes: MiB },
  isLocked: false,
  intent: undefined,
  remains: [],
  sleeper: undefined,
  now: {
    boot: "b2",
    machine: "ACME Box 3",
    base: { label: "RESCUE1100", image: "x.sfs", release: "11.00", fingerprint: "f11" },
  },
};
const changes = facts.changes!;

/**
 * Describes a finding in one line: its severity, what --repair does about it, its status, and its
 * sentence.
 */
function tell({ severity, repair, code, sentence }: CheckFinding): string {
  return [severity, repair ?? "-", code ?? "-", sentence].join(" | ");
}

const pending = { ...ext4, unclean: ["journal", "orphans"] as const };
const intent = { operation: "grow", from: 1, to: 2 * MiB, scratch: "/tmp/x" } as const;
const damaged = {
  kind: "damaged",
  tool: "e2fsck",
  says: "Inode 12 is odd. Fix? no",
  more: 3,
} as const;
const half = "a resize (grow) was interrupted and left it half resized";

/** Makes a store that is as `directory`, with this past in its record. */
function recorded(past: object): Partial<ExaminedStore> {
  const record = { ...JSON.parse(directory.record), ...past };
  return { directory: { ...directory, record: JSON.stringify(record) } };
}

const session = { state: "open", boot: "b1", machine: "ACME Box 3", count: 2 };
const started = "2026-11-20T10:12:13.456Z";
const elsewhere =
  'warning | - | - | its last session (on "QEMU") did not end cleanly or is still running on another machine; if both write to the store, it will be destroyed';
const base = { label: "RESCUE1100", image: "x.sfs", release: "11.00", fingerprint: "f11" };

interface Case {
  readonly name: string;
  readonly facts?: Partial<CheckFacts>;
  readonly seen?: Partial<ExaminedStore>;
  readonly expected: readonly string[];
}

const cases: readonly Case[] = [
  { name: "nothing of a store in order", expected: [] },
  { name: "nothing of a new one", seen: { directory: { ...directory, names: [] } }, expected: [] },
  {
    name: "nothing of a session that was ended, and of the base that runs",
    seen: recorded({ session: { ...session, state: "clean" }, base }),
    expected: [],
  },
  {
    name: "a session that was cut off",
    seen: recorded({ session: { ...session, started } }),
    expected: [
      'note | - | - | its last session (started 2026-11-20 10:12 UTC on "ACME Box 3") did not end cleanly: unwritten data is lost',
    ],
  },
  {
    name: "a session of which little is known",
    seen: recorded({ session: { state: "open" } }),
    expected: ["note | - | - | its last session did not end cleanly: unwritten data is lost"],
  },
  {
    name: "a session that may go on on another machine",
    seen: recorded({ session: { ...session, machine: "QEMU" } }),
    expected: [elsewhere],
  },
  {
    name: "nothing of the running session, and of the base that it runs on",
    seen: {
      ...recorded({ session: { ...session, boot: "b2" }, base: { ...base, fingerprint: "f9" } }),
      use: { by: "session", where: "/" },
    },
    expected: ["note | - | - | the running session uses it: only what the mount shows was checked"],
  },
  {
    name: "nothing of a session of this boot",
    seen: recorded({ session: { ...session, boot: "b2", machine: "renamed" } }),
    expected: [],
  },
  {
    name: "another base than the one that runs",
    seen: recorded({ base: { ...base, label: "RESCUE904", release: "9.04", fingerprint: "f9" } }),
    expected: [
      'note | - | - | its changes were last made on the base "RESCUE904" (release "9.04"), but "RESCUE1100" (release "11.00") is running',
    ],
  },
  {
    name: "another build of the base that runs",
    seen: recorded({ base: { ...base, fingerprint: "f9" } }),
    expected: [
      'note | - | - | its changes were last made on a different build of the base "RESCUE1100" (release "11.00") than the running one',
    ],
  },
  {
    name: "other modules than those of the base that runs",
    seen: recorded({ base: { ...base, modules: [{ name: "tools.srm" }] } }),
    expected: [
      'note | - | - | its changes were last made on the base "RESCUE1100" (release "11.00") with other modules than the running one (without "tools.srm")',
    ],
  },
  {
    name: "nothing of bases where no session of ours runs",
    facts: { now: { boot: "b2", machine: "ACME Box 3", base: undefined } },
    seen: recorded({ base: { ...base, fingerprint: "f9" } }),
    expected: [],
  },
  {
    name: "damage",
    facts: { checker: damaged },
    expected: [
      'error | file-system | damaged | its ext4 file system is damaged: e2fsck says "Inode 12 is odd. Fix? no", and 3 more',
    ],
  },
  {
    name: "a damaged btrfs, which is not repaired",
    facts: { checker: { ...damaged, tool: "btrfs", says: "ERROR: x", more: 0 } },
    seen: { file: fileWith({ ...ext4, type: "btrfs" }) },
    expected: ['error | - | damaged | its btrfs file system is damaged: btrfs says "ERROR: x"'],
  },
  {
    name: "a broken copy",
    facts: { checker: { kind: "copy-broken", tool: "btrfs", says: "checksum verify failed" } },
    seen: { file: fileWith({ ...ext4, type: "btrfs" }) },
    expected: [
      'warning | - | - | its btrfs file system has a corrupt block with a good second copy: btrfs says "checksum verify failed"',
    ],
  },
  {
    name: "a checker that failed",
    facts: { checker: { kind: "failed", says: '"e2fsck" says "what?" (status 16)' } },
    expected: [
      'error | - | tool | its ext4 file system could not be checked: "e2fsck" says "what?" (status 16)',
    ],
  },
  {
    name: "a checker that is not there",
    facts: {
      checker: { kind: "not-asked", reason: { missing: "e2fsck", hint: "install it" } },
    },
    expected: [
      'warning | - | tool | its ext4 file system was not checked: "e2fsck" is not installed',
    ],
  },
  {
    name: "a type without a checker",
    facts: { checker: { kind: "not-asked", reason: { because: "nobody knows how" } } },
    seen: { file: fileWith({ ...ext4, type: "f2fs" }) },
    expected: ["note | - | - | its f2fs file system was not checked: nobody knows how"],
  },
  {
    name: "what waits in a journal, as a note",
    facts: { checker: { kind: "clean", afterReplay: true } },
    seen: { file: fileWith(pending) },
    expected: [
      "note | replay | - | its ext4 file system was not cleanly unmounted: the next mount replays its journal",
    ],
  },
  {
    name: "no journal where there is damage as well",
    facts: { checker: damaged },
    seen: { file: fileWith(pending) },
    expected: [
      'error | file-system | damaged | its ext4 file system is damaged: e2fsck says "Inode 12 is odd. Fix? no", and 3 more',
    ],
  },
  {
    name: "a log that hides whether there is damage",
    facts: { checker: { kind: "not-asked", reason: "pending-log" } },
    seen: { file: fileWith({ ...ext4, type: "xfs" }) },
    expected: [
      "warning | replay | - | its xfs file system was not cleanly unmounted and could not be checked: its log must be replayed first",
    ],
  },
  {
    name: "a journal that hides whether there is damage, once",
    facts: { checker: { kind: "not-asked", reason: "pending-log" } },
    seen: { file: fileWith(pending) },
    expected: [
      "warning | replay | - | its ext4 file system was not cleanly unmounted and could not be checked: its journal must be replayed first",
    ],
  },
  {
    name: "errors that the kernel has noted, though the checker finds none",
    seen: { file: fileWith({ ...ext4, unclean: ["errors"] }) },
    expected: [
      "error | file-system | damaged | the kernel recorded errors in its ext4 file system; no boot writes to it until it is checked",
    ],
  },
  {
    name: "a size that is half changed",
    facts: { intent: { ...intent, stage: "applying" } },
    seen: { unfinished: "grow" },
    expected: [`error | finish-resize | unsafe | ${half}`],
  },
  {
    name: "a change of size that had not begun to change anything",
    facts: { intent: { ...intent, stage: "preparing" } },
    seen: { unfinished: "grow" },
    expected: ["warning | finish-resize | - | a resize (grow) was interrupted"],
  },
  {
    name: "a record that nobody understands",
    seen: { unfinished: "resize" },
    expected: [
      "error | - | unsafe | another version of backstore was interrupted while resizing it",
    ],
  },
  {
    name: "what a killed command has left",
    facts: { remains: ["/m/sysrcd.bs.backstore-new"] },
    seen: { unfinished: "create" },
    expected: [
      'warning | remove-remains | - | an interrupted command left "/m/sysrcd.bs.backstore-new" behind',
    ],
  },
  {
    name: "what was left of a store that was never finished, and not that there is none",
    facts: { remains: ["/m/sysrcd.bs.backstore-new"] },
    seen: {
      unfinished: "create",
      bytes: 0,
      file: undefined,
      directory: undefined,
      obstacle: { kind: "none", reason: "its creation was interrupted" },
    },
    expected: [
      'warning | remove-remains | - | an interrupted command left "/m/sysrcd.bs.backstore-new" behind',
    ],
  },
  {
    name: "who is working on it, and nothing that is being changed",
    facts: { isLocked: true, remains: ["/m/sysrcd.bs.backstore-new"] },
    seen: { unfinished: "grow" },
    expected: ["warning | - | in-use | another program is working on it"],
  },
  {
    name: "a sparse file",
    seen: { file: fileWith(ext4, MiB) },
    expected: [
      "warning | - | - | it is sparse (1.0 MiB of 64.0 MiB allocated): if its host fills up, changes are lost",
    ],
  },
  {
    name: "a file that shares blocks with a snapshot",
    seen: {
      file: { ...fileWith(ext4, MiB), sharedBytes: 63 * MiB, hostFreeBytes: 64 * MiB },
    },
    expected: [
      "warning | - | - | it shares 63.0 MiB with a snapshot or a copy on its host, so that writes to it need new room, and 64.0 MiB is free there: if its host fills up, changes are lost",
    ],
  },
  {
    name: "a file that shares more than its host has free",
    seen: { file: { ...fileWith(ext4, MiB), sharedBytes: 63 * MiB, hostFreeBytes: MiB } },
    expected: [
      "error | - | no-room | it shares 63.0 MiB with a snapshot or a copy on its host, so that writes to it need new room, and 1.0 MiB is free there: changes to it will be lost",
    ],
  },
  {
    name: "a file that its host copies on write",
    seen: { file: { ...fileWith(ext4), isCopiedOnWrite: true, hostFreeBytes: 64 * MiB } },
    expected: [
      "warning | - | - | it is copied on write by its host, so that every change needs new room, and 64.0 MiB is free there: if its host fills up, changes are lost",
    ],
  },
  {
    name: "little room",
    facts: { room: { totalBytes: 100 * MiB, usedBytes: 85 * MiB } },
    expected: ["warning | - | - | it is 85 % full: 15.0 MiB of 100.0 MiB left"],
  },
  {
    name: "no room to speak of",
    facts: { room: { totalBytes: 100 * MiB, usedBytes: 95 * MiB } },
    expected: ["error | - | no-room | it is 95 % full: 5.0 MiB of 100.0 MiB left"],
  },
  {
    name: "nothing of room at 84 percent",
    facts: { room: { totalBytes: 100 * MiB, usedBytes: 84 * MiB } },
    expected: [],
  },
  {
    name: "the session that uses it",
    facts: { checker: { kind: "not-asked", reason: "in-use" } },
    seen: { use: { by: "session", where: "/" } },
    expected: ["note | - | - | the running session uses it: only what the mount shows was checked"],
  },
  {
    name: "somebody else who uses it",
    facts: { checker: { kind: "not-asked", reason: "in-use" } },
    seen: { use: { by: "loop", where: "/dev/loop3" }, file: fileWith(pending) },
    expected: [
      'warning | - | in-use | it is in use (attached to "/dev/loop3") and was not checked',
    ],
  },
  {
    name: "the mount of a directory store's disk, as a note",
    facts: { checker: { kind: "not-asked", reason: "in-use" } },
    seen: { kind: "directory", path: "/p/x", use: { by: "mount", where: "/m" } },
    expected: [
      'note | - | - | its file system is mounted on "/m": only what the mount shows was checked',
    ],
  },
  {
    name: "a hibernated system, beside which nothing is repaired",
    facts: { sleeper: "/dev/sdb2", checker: damaged },
    expected: [
      'error | - | damaged | its ext4 file system is damaged: e2fsck says "Inode 12 is odd. Fix? no", and 3 more',
      "warning | - | - | the same disk holds a hibernated system (/dev/sdb2), which changes would damage",
    ],
  },
  {
    name: "damage on a host that is not mounted, where nothing is repaired",
    facts: { path: undefined, checker: damaged },
    expected: [
      'error | - | damaged | its ext4 file system is damaged: e2fsck says "Inode 12 is odd. Fix? no", and 3 more',
    ],
  },
  {
    name: "errors of the host",
    seen: { device: { ...host, superblock: { ...ext4, unclean: ["errors"] } } },
    expected: ["error | - | damaged | its host /dev/sdb1 (ext4) has errors"],
  },
  {
    name: "a file that was cut",
    facts: { checker: { kind: "not-asked", reason: "no-file-system" } },
    seen: {
      directory: undefined,
      obstacle: { kind: "none", reason: "it was cut: too short", fault: "truncated" },
    },
    expected: ["error | - | damaged | no boot uses it: it was cut: too short"],
  },
  {
    name: "a directory in the place of a file",
    facts: { checker: { kind: "not-asked", reason: "no-file-system" } },
    seen: {
      directory: undefined,
      file: undefined,
      obstacle: { kind: "none", reason: "it is a directory" },
    },
    expected: ["error | - | unsafe | no boot uses it: it is a directory"],
  },
  {
    name: "a store of the first generation",
    seen: { directory: { ...directory, names: [".wh..wh.aufs"] } },
    expected: [
      "warning | - | - | no boot uses it: the root of the file system contains a store of the first generation (aufs), which is left untouched",
    ],
  },
  {
    name: "a link in the place of upperdir",
    seen: { directory: { ...directory, obstacle: "upperdir" } },
    expected: [
      'error | - | unsafe | no boot uses it: "upperdir" is not a directory, and links are not followed',
    ],
  },
  {
    name: "a record of a newer format",
    seen: { directory: { ...directory, record: '{"format": 2}' } },
    expected: [
      "warning | - | - | its backstore.json has format 2, which this version cannot write: a boot uses the store read-only",
    ],
  },
  {
    name: "a record that is none",
    seen: { directory: { ...directory, record: "" } },
    expected: ["warning | - | - | its backstore.json cannot be read: it is not JSON"],
  },
  {
    name: "files that the recorded settings cannot read",
    facts: { changes: { ...changes, metacopy: "/etc/shadow", redirect: "/usr/new" } },
    expected: [
      'error | - | unsafe | files in it cannot be read with the recorded metacopy=off: "/etc/shadow" contains only metadata',
      'error | - | unsafe | renamed directories show nothing of the base with the recorded redirect_dir=nofollow: "/usr/new" is one',
    ],
  },
  {
    name: "a note of them after another system has mounted the store",
    facts: { changes: { ...changes, redirect: "/usr/new" } },
    seen: {
      directory: {
        ...directory,
        overlayMount: { ...overlayMount, time: "2026-02-01T08:00:00.000000000Z" },
      },
    },
    expected: [
      'note | - | - | another system has written changes to it that need other overlay options than the recorded ones ("/usr/new" is one); the next boot uses those that they need',
    ],
  },
  {
    name: "nothing of them where no settings are recorded, because a boot looks for itself",
    facts: { changes: { ...changes, metacopy: "/etc/shadow", redirect: "/usr/new" } },
    seen: { directory: { ...directory, record: undefined } },
    expected: [],
  },
  {
    name: "changes that nobody will see",
    facts: {
      changes: { ...changes, covered: { count: 2, bytes: 2 * MiB, places: ["proc", "run"] } },
    },
    seen: { directory: { ...directory, names: [...directory.names, "etc", "photos"] } },
    expected: [
      "note | - | - | 2 changes in it (2.0 MiB) are never visible, because every session mounts something over /proc, /run",
      'note | - | - | sessions show only upperdir, not "etc" and 1 more',
    ],
  },
  {
    name: "nothing of what else lies at the top of a disk",
    seen: {
      kind: "directory",
      path: "/",
      device: { ...host, superblock: ext4 },
      directory: { ...directory, names: [...directory.names, "photos"] },
    },
    expected: [],
  },
  {
    name: "that not all was looked at",
    facts: { changes: { ...changes, entries: 300_000, isIncomplete: true } },
    expected: [
      "note | - | - | it contains more than 300000 changes, not all of which were checked",
    ],
  },
];

describe("checkStore()", () => {
  for (const { name, facts: more, seen: other, expected } of cases) {
    test(`checkStore() tells ${name}`, () => {
      const found = checkStore({ ...facts, ...more, seen: { ...seen, ...other } });
      expect(found.map(tell)).toEqual(expected);
      for (const { store } of found) expect(store).toBe('"/m/sysrcd.bs"');
    });
  }

  const blocks: readonly (readonly [why: string, Partial<CheckFacts>, Partial<ExaminedStore>])[] = [
    ["somebody uses", {}, { use: { by: "mount", where: "/x" } }],
    ["another program is working on", { isLocked: true }, {}],
    ["a sleeping system knows", { sleeper: "/dev/sdb3" }, {}],
    ["cannot be written to", { path: undefined }, {}],
  ];
  for (const [why, block, blockSeen] of blocks) {
    test(`checkStore() offers to repair nothing that ${why}, whatever else is wrong`, () => {
      const offered = (more: Partial<CheckFacts>, other: Partial<ExaminedStore>) =>
        cases.flatMap((one) =>
          checkStore({
            ...facts,
            ...one.facts,
            ...more,
            seen: { ...seen, ...one.seen, ...other },
          }).filter(({ repair }) => repair !== undefined),
        );
      expect(offered({}, {}).length).toBeGreaterThan(5);
      expect(offered(block, blockSeen)).toEqual([]);
    });
  }

  const hints: readonly (readonly [
    Partial<CheckFacts>,
    Partial<ExaminedStore>,
    string | undefined,
  ])[] = [
    [{ checker: damaged }, {}, 'repair it: backstore check --repair "/m/sysrcd.bs"'],
    [
      { checker: damaged, path: undefined },
      {},
      "mount the file system it is on and repair it there: backstore check --repair DIRECTORY",
    ],
    [{ checker: damaged, sleeper: "/dev/sdb3" }, {}, undefined],
    [{}, { file: fileWith(pending) }, undefined],
    [{}, { file: fileWith(ext4, 1) }, 'allocate the rest: backstore grow "/m/sysrcd.bs" 64M'],
    [
      { intent: { ...intent, stage: "growing" } },
      { unfinished: "grow", use: { by: "session", where: "/" } },
      'complete it: backstore grow "/m/sysrcd.bs" 2097152B',
    ],
  ];
  for (const [more, other, hint] of hints) {
    test(`checkStore() hints: ${hint}`, () => {
      const [first] = checkStore({ ...facts, ...more, seen: { ...seen, ...other } });
      expect(first?.hint).toBe(hint);
    });
  }
});

const finding = (
  severity: CheckFinding["severity"],
  code?: CheckFinding["code"],
): CheckFinding => ({
  severity,
  store: "x",
  sentence: `${severity} ${code}`,
  ...(code && { code }),
});

test("sortCheckFindings() puts errors first, and damage first of those", () => {
  const sorted = sortCheckFindings([
    finding("note"),
    finding("warning", "in-use"),
    finding("error", "no-room"),
    finding("warning"),
    finding("error", "damaged"),
  ]);
  expect(sorted.map(({ sentence }) => sentence)).toEqual([
    "error damaged",
    "error no-room",
    "warning in-use",
    "warning undefined",
    "note undefined",
  ]);
});

describe("statusOf()", () => {
  const statuses: readonly (readonly [readonly CheckFinding[], number])[] = [
    [[], 0],
    [[finding("note"), finding("warning")], 0],
    [[finding("warning", "tool")], 3],
    [[finding("warning", "tool"), finding("warning", "in-use")], 5],
    [[finding("warning", "in-use"), finding("error", "no-room")], 7],
    [[finding("error", "no-room"), finding("error", "unsafe")], 8],
    [[finding("error", "unsafe"), finding("error", "damaged")], 6],
  ];
  for (const [findings, status] of statuses) {
    test(`statusOf() gives ${status} for ${findings.map(({ sentence }) => sentence).join(" and ") || "nothing"}`, () => {
      expect(statusOf(findings)).toBe(status);
    });
  }
});
