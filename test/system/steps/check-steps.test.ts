// How a boot interprets the checkers: tables of their output and exit statuses, on a machine in
// memory.
import { describe, expect, test } from "vitest";
import { checkBeforeUse } from "../../../src/system/steps/check-steps.ts";
import { ext4 } from "../../support/call.ts";
import * as formats from "../../support/formats.ts";
import { file } from "../../support/memory/entry.ts";
import { image } from "../../support/memory/image.ts";
import { createMemory, type Program } from "../../support/memory.ts";

type Ending = ReturnType<Program>;

const scratch = "/run/check";

interface Case {
  readonly is: string;
  readonly type: "ext4" | "xfs" | "btrfs" | "f2fs";
  readonly hasErrors?: true;
  /** By tool; "e2fsck" alone is on the store itself, "e2fsck copy" on the copy. */
  readonly programs: Readonly<Record<string, Ending>>;
  readonly expected: object;
  /** Whether the store itself was repaired. */
  readonly isRepaired?: true;
}

const last = "213/16384 files (0.5% non-contiguous), 9719/65536 blocks\n";
const says = (text: string) =>
  text
    .split("\n")
    .map((line) => `my__la\u00a0bel: ${line}`)
    .join("\n");
const replayed = says(
  `recovering journal\nClearing orphaned inode 213 (uid=0, gid=0, mode=0100644, size=2)\nSetting free blocks count to 4 (was 5)\n${last}`,
);
const early = says(
  `Superblock last mount time is in the future.\n\t(by less than a day, probably due to the hardware clock being incorrectly set)\n${last}`,
);
const mended = says(`recovering journal\nInode 12 ref count is 3, should be 1.  FIXED.\n${last}`);
const undecided = says(
  "Inode 12, i_blocks is 2, should be 0.  FIXED.\nInode 12 has invalid mode (0150644).\n\nUNEXPECTED INCONSISTENCY; RUN fsck MANUALLY.\n\t(i.e., without -a or -p options)\n",
);
const tools = { e2image: {}, "e2fsck copy": {}, e2fsck: { status: 1 } };

/** The output of the tools of Debian 12. */
const tooNew = {
  ext4: [
    "e2image",
    "e2image: Filesystem has unsupported feature(s) while trying to open /dev/sdb\n",
  ],
  xfs: ["xfs_repair", "Found unsupported filesystem features.  Exiting now.\n"],
  btrfs: ["btrfs", "ERROR: cannot open because of unsupported option features (0x1000)\n"],
} as const;

const cases: readonly Case[] = [
  {
    is: "an ext4 of which nothing is left to do once its journal is replayed",
    type: "ext4",
    programs: { ...tools, "e2fsck copy": { status: 1, stdout: replayed } },
    expected: { result: "clean", tool: "e2fsck" },
  },
  {
    is: "an ext4 that was mounted when the clock was ahead",
    type: "ext4",
    programs: { ...tools, "e2fsck copy": { status: 1, stdout: early } },
    expected: { result: "clean", tool: "e2fsck" },
  },
  {
    is: "an ext4 in which all that is wrong is safe to repair",
    type: "ext4",
    programs: { ...tools, "e2fsck copy": { status: 1, stdout: mended } },
    expected: {
      result: "repaired",
      tool: "e2fsck",
      says: "Inode 12 ref count is 3, should be 1.  FIXED.",
    },
    isRepaired: true,
  },
  {
    is: "errors that the kernel noted, of which nothing else is left",
    type: "ext4",
    hasErrors: true,
    programs: { ...tools, "e2fsck copy": { status: 1, stdout: replayed } },
    expected: { result: "repaired", tool: "e2fsck" },
    isRepaired: true,
  },
  {
    is: "an ext4 with a file of deleted files, which is cleared",
    type: "ext4",
    programs: {
      ...tools,
      "e2fsck copy": {
        status: 1,
        stdout: says(
          `recovering journal\nOrphan file (inode 12) block 0 is not clean.\nCLEARED.\n${last}`,
        ).replace("my__la\u00a0bel: CLEARED.", "CLEARED."),
      },
    },
    expected: { result: "clean", tool: "e2fsck" },
  },
  {
    is: "an ext4 whose file of deleted files is clean already, in words on one line",
    type: "ext4",
    programs: {
      ...tools,
      "e2fsck copy": {
        status: 1,
        stdout: says(`Feature orphan_present is set but orphan file is clean.  CLEARED.\n${last}`),
      },
    },
    expected: { result: "clean", tool: "e2fsck" },
  },
  {
    is: "an ext4 with a file of deleted files that is damaged",
    type: "ext4",
    programs: {
      ...tools,
      "e2fsck copy": {
        status: 1,
        stdout: says(`Orphan file (inode 12) block 0 contains wrong magic.  CLEARED.\n${last}`),
      },
    },
    expected: {
      result: "repaired",
      tool: "e2fsck",
      says: "Orphan file (inode 12) block 0 contains wrong magic.  CLEARED.",
    },
    isRepaired: true,
  },
  {
    is: "an ext4 that another machine turns out to use when it is repaired",
    type: "ext4",
    programs: {
      ...tools,
      "e2fsck copy": { status: 1, stdout: mended },
      e2fsck: {
        status: 12,
        stdout: "MMP check failed: If you are sure the filesystem is not in use\n",
        stderr: "e2fsck: MMP: device currently active while checking MMP block\n",
      },
    },
    expected: {
      result: "unchecked",
      says: 'another machine may be using it, by its multiple mount protection ("e2fsck: MMP: device currently active while checking MMP block")',
    },
    isRepaired: true,
  },
  {
    is: "an ext4 that somebody has to decide over",
    type: "ext4",
    programs: { ...tools, "e2fsck copy": { status: 4, stdout: undecided } },
    expected: { result: "damaged", tool: "e2fsck", says: "Inode 12 has invalid mode (0150644)." },
  },
  {
    is: "an ext4 of which there is no copy to be had",
    type: "ext4",
    programs: {
      ...tools,
      e2image: { status: 1, stderr: "e2image 1.47.0 (5-Feb-2023)\ne2image: bad block\n" },
    },
    expected: { result: "damaged", tool: "e2image", says: "e2image: bad block" },
  },
  {
    is: "a copy that is too large for memory",
    type: "ext4",
    programs: { ...tools, e2image: { status: 1, stderr: "e2image: No space left on device\n" } },
    expected: {
      result: "unchecked",
      says: "there is not enough memory for a copy of its metadata",
    },
  },
  ...(["ext4", "xfs", "btrfs"] as const).map((type): Case => {
    const [tool, stderr] = tooNew[type];
    return {
      is: `an ${tool} that is older than the file system`,
      type,
      programs: { ...tools, [tool]: { status: 1, stderr } },
      expected: {
        result: "unchecked",
        says: expect.stringContaining(`its ${tool} is too old for it`),
      },
    };
  }),
  {
    is: "an e2image that has no end",
    type: "ext4",
    programs: { ...tools, e2image: { takesMs: 3_600_000 } },
    expected: {
      result: "unchecked",
      tool: "e2image",
      says: "e2image took longer than 60 seconds",
    },
  },
  {
    is: "an e2fsck that has no end after an e2image that took long",
    type: "ext4",
    programs: { ...tools, e2image: { takesMs: 50_000 }, "e2fsck copy": { takesMs: 20_000 } },
    expected: { result: "unchecked", tool: "e2fsck", says: "e2fsck took longer than 60 seconds" },
  },
  {
    is: "an e2fsck that fails",
    type: "ext4",
    programs: { ...tools, "e2fsck copy": { status: 8, stderr: "out of memory\n" } },
    expected: { result: "unchecked", says: 'e2fsck could not read it ("out of memory")' },
  },
  {
    is: "an e2fsck that is killed",
    type: "ext4",
    programs: { ...tools, "e2fsck copy": { signal: 11 } },
    expected: { result: "unchecked", says: "e2fsck ended with signal 11" },
  },
  {
    is: "a repair that does not end as it was rehearsed",
    type: "ext4",
    programs: { ...tools, "e2fsck copy": { status: 1, stdout: mended }, e2fsck: { status: 4 } },
    expected: { result: "damaged", tool: "e2fsck", says: "e2fsck ended with status 4" },
    isRepaired: true,
  },
  {
    is: "no e2image",
    type: "ext4",
    programs: { e2fsck: {} },
    expected: { result: "unchecked", says: "neither initramfs nor base has a checker for ext4" },
  },
  {
    is: "an xfs",
    type: "xfs",
    programs: { xfs_repair: {} },
    expected: { result: "clean", tool: "xfs_repair" },
  },
  {
    is: "a damaged xfs",
    type: "xfs",
    programs: { xfs_repair: { status: 1, stderr: "bad magic # 0x0 for agf 0\n" } },
    expected: { result: "damaged", tool: "xfs_repair", says: "bad magic # 0x0 for agf 0" },
  },
  {
    is: "no xfs_repair",
    type: "xfs",
    programs: {},
    expected: { result: "unchecked", says: "neither initramfs nor base has a checker for xfs" },
  },
  {
    is: "a btrfs with a broken copy",
    type: "btrfs",
    programs: { btrfs: { stderr: "checksum verify failed on 1 wanted 2 found 3\n" } },
    expected: {
      result: "clean",
      tool: "btrfs",
      says: "checksum verify failed on 1 wanted 2 found 3",
    },
  },
  {
    is: "a btrfs that takes too long",
    type: "btrfs",
    programs: { btrfs: { takesMs: 60_001 } },
    expected: { result: "unchecked", tool: "btrfs", says: "btrfs took longer than 60 seconds" },
  },
  {
    is: "a btrfs that does not start",
    type: "btrfs",
    programs: { btrfs: { status: 127, stderr: "btrfs: error while loading shared libraries\n" } },
    expected: {
      result: "unchecked",
      says: '"btrfs" says "btrfs: error while loading shared libraries" (status 127)',
    },
  },
  {
    is: "a damaged f2fs",
    type: "f2fs",
    programs: { "fsck.f2fs": { status: 255, stdout: "[ASSERT] (a:1)  --> Wrong\n" } },
    expected: { result: "damaged", tool: "fsck.f2fs", says: "[ASSERT] (a:1)  --> Wrong" },
  },
  {
    is: "an fsck.f2fs that fails",
    type: "f2fs",
    programs: { "fsck.f2fs": { status: 255, stderr: "Error: no memory\n" } },
    expected: { result: "unchecked", says: '"fsck.f2fs" says "Error: no memory" (status 255)' },
  },
];

const contents = {
  ext4: () => ext4("store"),
  xfs: () => image({ type: "xfs", pieces: [{ offset: 0, bytes: formats.xfs("store") }] }),
  btrfs: () => image({ type: "btrfs" }),
  f2fs: () => image({ type: "f2fs" }),
};

/** Makes a machine on which each program ends as specified. */
function machine({ type, programs }: Pick<Case, "type" | "programs">) {
  const asked: string[] = [];
  const made = [...new Set(Object.keys(programs).map((name) => name.split(" ")[0] ?? ""))].map(
    (tool): [string, Program] => [
      tool,
      ({ argv }) => {
        asked.push(argv.join(" "));
        const isCopy = argv.at(-1) === "/dev/work/copy" && tool === "e2fsck";
        return programs[isCopy ? "e2fsck copy" : tool] ?? {};
      },
    ],
  );
  const memory = createMemory({
    programs: Object.fromEntries(made),
    types: ["tmpfs", type],
    disks: [{ name: "sdb", content: contents[type]() }],
  });
  return { ...memory, asked };
}

function check(given: Case) {
  const { system, asked } = machine(given);
  const checked = checkBeforeUse(system, {
    path: "/dev/sdb",
    type: given.type,
    because: "it was not cleanly unmounted",
    hasErrors: given.hasErrors === true,
    store: "the store",
    remedy: "",
    scratch,
    base: "/base",
  });
  return { checked, asked, mounts: system.mounts().map(({ target }) => target) };
}

/** Calls that do not write to the store. */
const harmless = /^e2image -r |^\S+ (?:.* )?(?:-n|--readonly|--dry-run) /;

describe("checkBeforeUse()", () => {
  for (const given of cases)
    test(`checkBeforeUse() understands ${given.is}`, () => {
      const { checked, asked, mounts } = check(given);
      expect(checked).toEqual(given.expected);
      expect(mounts.filter((target) => target.startsWith("/run"))).toEqual([]);
      const repairs = asked.filter((call) => call === "e2fsck -f -p /dev/sdb");
      expect(repairs).toHaveLength(given.isRepaired ? 1 : 0);
      const looks = asked.filter(
        (call) => call.includes("/dev/sdb") && !repairs.some((repair) => repair === call),
      );
      expect(looks.filter((call) => !harmless.test(call))).toEqual([]);
    });

  const words = { because: "", store: "", remedy: "", base: "/base" };
  const xfsStep = { ...words, path: "/dev/sdb", type: "xfs", hasErrors: false, scratch };

  test("checkBeforeUse() lets the kernel replay the log of an xfs before it is judged", () => {
    const { system, journal, asked } = machine({ type: "xfs", programs: { xfs_repair: {} } });
    checkBeforeUse(system, xfsStep);
    const calls = journal
      .map(({ name }) => name)
      .filter((call) => /^(?:un)?mount$|^run$/.test(call));
    const replay = calls.indexOf("unmount");
    expect(calls.slice(replay - 1, replay + 1)).toEqual(["mount", "unmount"]);
    expect(calls.indexOf("run")).toBeGreaterThan(replay);
    expect(asked).toEqual(["xfs_repair -n /dev/sdb"]);
  });

  test("checkBeforeUse() says that a checker could not be unpacked", () => {
    const tools = { xfs_repair: ["/bin/xfs_repair"] };
    const { system } = createMemory({
      files: { lib: { backstore: { "checkers.json": JSON.stringify({ tools }) } } },
      disks: [{ name: "sdb", content: contents.xfs() }],
    });
    expect(checkBeforeUse(system, xfsStep)).toEqual({
      result: "unchecked",
      says: "the checker for xfs could not be unpacked",
    });
  });

  test("checkBeforeUse() says that an xfs is damaged which the kernel cannot mount", () => {
    const { system } = createMemory({
      programs: { xfs_repair: () => ({}) },
      disks: [{ name: "sdb", content: contents.xfs() }],
      faults: [{ call: "mount", naming: scratch, errno: "EUCLEAN" }],
    });
    expect(checkBeforeUse(system, xfsStep)).toEqual({
      result: "damaged",
      tool: "the kernel",
      says: "it cannot be mounted",
    });
  });

  const errors = { ...words, path: "/dev/sdb", type: "ext4", hasErrors: true, scratch };

  test("checkBeforeUse() runs tools of the base where they can write to nothing but memory", () => {
    const seen: unknown[] = [];
    const tool: Program = ({ argv, root, system }) => {
      const { mode, gid, deviceNumber } = system.status(`${root}/dev/sdb`) ?? {};
      const readonly = ["", "/proc", "/dev"].map((at) => system.room(`${root}${at}`).readonly);
      seen.push([argv[0], root, mode?.toString(8), readonly]);
      expect([gid, deviceNumber]).toEqual([65_533, system.status("/dev/sdb")?.deviceNumber]);
      expect(system.list(`${root}/dev`)).toEqual(["null", "sdb", "work"]);
      expect(system.list(`${root}/run`)).toEqual([]);
      return { status: argv.at(-1) === "/dev/sdb" && argv[0] === "e2fsck" ? 1 : 0 };
    };
    const bin = { e2fsck: file("", 0o755), e2image: file("", 0o755) };
    const { system } = createMemory({
      programs: { e2fsck: tool, e2image: tool },
      files: { base: { usr: { sbin: bin }, proc: {}, dev: {}, run: {} } },
      disks: [{ name: "sdb", content: contents.ext4() }],
    });
    system.mount({ source: "none", target: "/run", type: "tmpfs" });
    const checked = checkBeforeUse(system, errors);
    expect(checked).toEqual({ result: "repaired", tool: "e2fsck" });
    const closed = [true, true, false];
    expect(seen).toEqual([
      ["e2image", scratch, "440", closed],
      ["e2fsck", scratch, "440", closed],
      ["e2fsck", scratch, "660", closed],
    ]);
    expect(system.mounts().filter(({ target }) => target.startsWith(scratch))).toEqual([]);
  });

  test("checkBeforeUse() shows the file of a store as a device", () => {
    const devices: (string | undefined)[] = [];
    const { system } = createMemory({
      programs: {
        btrfs({ argv, root, system }) {
          devices.push(system.status(`${root}${argv.at(-1)}`)?.kind);
          return {};
        },
      },
      files: { srv: { "sysrcd.bs": file(contents.btrfs()) } },
    });
    const step = { ...xfsStep, type: "btrfs", path: "/srv/sysrcd.bs" };
    expect(checkBeforeUse(system, step)).toEqual({ result: "clean", tool: "btrfs" });
    expect(devices).toEqual(["block"]);
  });

  test("checkBeforeUse() runs no tool where it cannot be confined, and leaves nothing mounted", () => {
    const { system, asked } = machine({ type: "btrfs", programs: { btrfs: {} } });
    const step = { ...xfsStep, type: "btrfs" };
    for (const call of ["mount", "makeNode", "setOwner", "makeDirectory", "setMode"] as const)
      for (let failing = 1; failing <= (call === "mount" ? 6 : 1); failing++) {
        let left = failing;
        const faulty = {
          ...system,
          // The compiler cannot follow a function by its name; it gets its own arguments.
          [call]: (...given: unknown[]) => {
            const isMeant = call === "mount" || String(given[0]).startsWith(`${scratch}/`);
            if (isMeant && --left === 0) throw Object.assign(new Error("no"), { code: "EPERM" });
            return (system[call] as (...words: unknown[]) => unknown)(...given);
          },
        };
        const checked = checkBeforeUse(faulty, step);
        expect([call, failing, checked]).toEqual([
          ...[call, failing],
          { result: "unchecked", says: "Cannot confine the checker: no" },
        ]);
        expect(system.mounts().filter(({ target }) => target.startsWith(scratch))).toEqual([]);
      }
    expect(asked).toEqual([]);
  });
});
