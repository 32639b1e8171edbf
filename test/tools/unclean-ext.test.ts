// What only a power failure has left of ext4 file systems with features that e2fsck has more to say
// about: multiple mount protection, for which it would wait for other machines, and the list of
// deleted files in a file of its own, which it clears. Nothing is wrong with any of them.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { patch } from "./images.ts";
import { isRoot, run, temporaryDirectory, tryRun } from "./programs.ts";
import { program } from "./stores.ts";

const directory = temporaryDirectory();
const store = join(directory, "cut.bs");
const made = join(directory, "made");
const said = join(directory, "said");
const timeout = 60_000;

/** Whatever e2fsck says is kept, also where the program keeps it for itself. */
function keepWords(): string {
  const bin = join(directory, "bin");
  const [path = ""] = run(["sh", "-c", "command -v e2fsck"]).trim().split("\n");
  const script = `#!/bin/sh\n{ ${path} "$@"; echo $? >${said}.status; } 2>&1 | tee -a ${said}\nexit $(cat ${said}.status)\n`;
  run(["mkdir", "-p", bin]);
  writeFileSync(join(bin, "e2fsck"), script, { mode: 0o755 });
  return bin;
}

/** What is made, and what happens to it before it is cut off. */
interface Cut {
  readonly options: readonly string[];
  /** What is done with it before it is used. */
  readonly tools?: readonly (readonly string[])[];
  /** Whether two files are deleted while they are open. */
  readonly hasDeleted: boolean;
}

/** Makes a store as it is when the power fails. */
function makeCut({ options, tools = [], hasDeleted }: Cut): void {
  rmSync(made, { force: true });
  run(["truncate", "--size=32M", made]);
  run(["mkfs.ext4", "-q", ...options, made]);
  for (const tool of tools) run([...tool, made]);
  const script = `mount -o loop "$1" /mnt; cd /mnt; mkdir -p upperdir/etc workdir
    echo kept >upperdir/etc/kept; exec 3>upperdir/open 4>upperdir/other; echo a >&3; echo b >&4
    if $3; then rm upperdir/open upperdir/other; fi
    sync; cp --sparse=never "$1" "$2"; exec 3>&- 4>&-; cd /; umount /mnt`;
  const words = [made, store, String(hasDeleted)];
  run(["unshare", "--mount", "sh", "-euc", script, "sh", ...words]);
}

function command(...words: readonly string[]) {
  return tryRun(["env", `PATH=${keepWords()}:${process.env.PATH}`, program, ...words]);
}

interface Told {
  readonly status: number | null;
  readonly errors: readonly { readonly message: string; readonly hint?: string }[];
}

function check(): Told {
  const { status, stdout } = command("check", "--json", store);
  const { findings } = JSON.parse(stdout);
  return { status, errors: findings.filter(({ level }: { level: string }) => level === "error") };
}

/** What a boot makes of it, with the tools of this machine. */
function checkBeforeUse(): unknown {
  const words = ["build/checkers", "before-use", "ext4", store, "/nothing"];
  const script = 'mount -t tmpfs none /run && "$@"';
  return JSON.parse(run(["unshare", "--mount", "--fork", "sh", "-c", script, "sh", ...words]));
}

const clean = { result: "clean", tool: "e2fsck" };

const protections: readonly (readonly [string, Omit<Cut, "hasDeleted">])[] = [
  ["as mke2fs makes it", { options: ["-O", "mmp"] }],
  [
    "without checksums and in blocks of 4 KiB",
    { options: ["-b", "4096", "-O", "mmp,^metadata_csum,^64bit"] },
  ],
  [
    "whose UUID was changed",
    {
      options: ["-O", "metadata_csum_seed"],
      tools: [
        ["tune2fs", "-U", "random"],
        ["tune2fs", "-O", "mmp"],
      ],
    },
  ],
];

const orphans: readonly (readonly [string, Cut])[] = [
  ["and files that were deleted while open", { options: ["-O", "orphan_file"], hasDeleted: true }],
  ["and no such files", { options: ["-O", "orphan_file"], hasDeleted: false }],
  [
    "and such files, without checksums",
    { options: ["-b", "4096", "-O", "orphan_file,^metadata_csum"], hasDeleted: true },
  ],
];

describe.skipIf(!isRoot)(`ext4 after a power failure${isRoot ? "" : ": needs root"}`, () => {
  beforeEach(() => rmSync(said, { force: true }));

  for (const [name, cut] of protections)
    test(`nobody waits for other machines at a copy of an ext4 with mmp, ${name}`, {
      timeout,
    }, () => {
      makeCut({ ...cut, hasDeleted: true });
      const before = readFileSync(store);
      expect(check()).toEqual({ status: 0, errors: [] });
      const words = readFileSync(said, "utf8");
      expect(words).toMatch(/recovering journal.*Clearing orphaned inode.*non-contiguous/s);
      expect(words).not.toContain("Please wait");
      expect(checkBeforeUse()).toEqual(clean);
      expect(readFileSync(store).equals(before)).toBe(true);
    });

  for (const [name, cut] of orphans)
    test(`nothing is repaired of an ext4 with orphan_file, ${name}`, { timeout }, () => {
      makeCut(cut);
      expect(check()).toEqual({ status: 0, errors: [] });
      expect(readFileSync(said, "utf8")).toMatch(/orphan file is clean|is not clean/i);
      expect(checkBeforeUse()).toEqual(clean);
    });

  for (const options of [["-O", "orphan_file"], []])
    test(`what is wrong beside a journal is told, with ${options.join(" ")}`, { timeout }, () => {
      const fault = ["debugfs", "-w", "-R", "set_inode_field <11> links_count 9"];
      makeCut({ options, tools: [fault], hasDeleted: false });
      const { status, errors } = check();
      expect([status, errors.map(({ message }) => message)]).toEqual([
        6,
        [expect.stringMatching(/is damaged: e2fsck says "Inode \d+ ref count is 9, should be 2/)],
      ]);
    });

  for (const words of [
    ["grow", "64"],
    ["shrink", "24"],
  ] as const)
    test(`${words[0]} says that it cannot work in a copy with mmp, and changes nothing`, {
      timeout,
    }, () => {
      makeCut({ options: ["-O", "mmp"], hasDeleted: false });
      const before = readFileSync(store);
      const { status, stderr } = command(words[0], store, words[1]);
      expect([status, stderr]).toEqual([
        8,
        expect.stringMatching(/multiple mount protection.*\n.*tune2fs -O \^mmp/),
      ]);
      expect(readFileSync(store).equals(before)).toBe(true);
    });

  test("an e2fsck that was interrupted on an ext4 with mmp is told, and is no damage", {
    timeout,
  }, () => {
    makeCut({ options: ["-O", "mmp,^metadata_csum"], hasDeleted: false });
    const [, block] = /^MMP block number: +(\d+)$/m.exec(run(["dumpe2fs", "-h", store])) ?? [];
    // As e2fsck has it as long as it runs (EXT4_MMP_SEQ_FSCK).
    patch(store, Number(block) * 1024 + 4, Uint8Array.of(0x50, 0x4d, 0x4d, 0xe2));
    const { status, errors } = check();
    expect([status, errors]).toEqual([
      5,
      [
        expect.objectContaining({
          message: expect.stringMatching(/being checked by e2fsck.*interrupted/),
          hint: expect.stringContaining("tune2fs -f -E clear_mmp"),
        }),
      ],
    ]);
    expect(checkBeforeUse()).toEqual(clean);
    const repair = command("check", "--repair", store);
    expect([repair.status, repair.stderr]).toEqual([
      5,
      expect.stringMatching(/another machine may be using it.*\n.*tune2fs -f -E clear_mmp/),
    ]);
  });
});
