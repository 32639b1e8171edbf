// "backstore check" end to end on a machine in memory: the whole output is in test/golden/cli, and
// what is done to which file is in the journal. The tools are stand-ins (test/tools/check.test.ts
// has the real ones).
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { formatResizeRecord } from "../../src/core/stores/resize-record.ts";
import { exitStatus } from "../../src/core/text/failure.ts";
import { call, ext4, terminal } from "../support/call.ts";
import * as formats from "../support/formats.ts";
import { type Entry, file, type Tree } from "../support/memory/entry.ts";
import { image } from "../support/memory/image.ts";
import { createMemory, type Machine, type Memory, type Program } from "../support/memory.ts";

const changes: Tree = { "upperdir/etc/motd": "changed\n", workdir: {} };

function storeFile(tree: Tree = changes): Entry {
  const content = ext4("", tree);
  const { length } = content;
  return file({ ...content, extents: [{ from: 0, to: length }], allocated: length });
}

const openRecord = JSON.stringify({
  format: 1,
  id: "1",
  overlay: "index=off,metacopy=off,xino=off,redirect_dir=nofollow",
  base: { label: "RESCUE904", image: "x.sfs", release: "9.04", fingerprint: "f904" },
  session: { state: "open", boot: "b1", machine: "QEMU", started: "2026-11-20T10:12:13.456Z" },
});
const medium = { device: "/dev/sda", label: "RESCUE1100", image: "x.sfs", fingerprint: "f1100" };

const intent = { operation: "grow", from: 1 << 26, to: 1 << 27, scratch: "/tmp/x" } as const;

const files: Tree = {
  good: { "sysrcd.bs": storeFile() },
  bad: { "sysrcd.bs": storeFile() },
  left: { "sysrcd.bs.backstore-new": "" },
  cut: {
    "sysrcd.bs": storeFile(),
    "sysrcd.bs.backstore-intent": formatResizeRecord({ ...intent, stage: "preparing" }),
  },
  sparse: { "sysrcd.bs": file(ext4("", changes)) },
  elsewhere: { "sysrcd.bs": storeFile({ ...changes, "backstore.json": openRecord }) },
  run: { "backstore/boot.json": JSON.stringify({ session: "volatile", problems: [], medium }) },
  none: { readme: "nothing\n" },
  plain: { "sysrcd.bs": "no file system\n" },
  mnt: {},
  "store.img": file(ext4("kept", { "persistent_X/x86_64": changes })),
  "two.img": file(
    image({
      type: "ext4",
      tree: { "sysrcd.bs": storeFile(), "persistent_X/x86_64": changes },
      bytes: 1 << 28,
      pieces: [{ offset: 0, bytes: formats.ext("ext4", "two") }],
    }),
  ),
};

/**
 * Makes an e2fsck that complains about paths with "bad" in them until it may answer yes to
 * everything.
 */
function makeTools(): Readonly<Record<string, Program>> {
  let isBad = true;
  const copies = new Map<string, string>();
  return {
    e2image: ({ argv }) => {
      copies.set(argv.at(-1) ?? "", argv.at(-2) ?? "");
      return {};
    },
    e2fsck: ({ argv }) => {
      const path = argv.at(-1) ?? "";
      const checked = copies.get(path) ?? path;
      if (!isBad || !checked.includes("/bad/")) return {};
      if (argv.includes("-y")) isBad = false;
      if (argv.includes("-y")) return { status: 1 };
      return { status: 4, stdout: "Inode 12 is a zero-length directory.  Fix? no\n" };
    },
  };
}

function machine(more: Machine = {}): Memory {
  return createMemory({
    files,
    disks: [{ name: "sda", content: ext4("disk", { "persistent_Y/x86_64": changes }) }],
    programs: makeTools(),
    sys: { "class/dmi/id": { sys_vendor: "ACME\n", product_name: "Box\n" } },
    ...more,
  });
}

/** The tools that were run and the files that were removed. */
function deeds({ journal }: Memory): string[] {
  return journal
    .filter(({ name }) => ["removeFile", "run", "writeBytes", "truncate"].includes(name))
    .map((one) => JSON.stringify(one))
    .filter((one) => !one.includes("e2image") && !one.includes("backstore-work-"));
}

const cases: readonly {
  readonly golden: string;
  readonly words: readonly string[];
  readonly status: number;
  readonly isRoot?: false;
  readonly before?: (memory: Memory) => void;
}[] = [
  { golden: "good", words: ["/good"], status: 0 },
  { golden: "bad", words: ["/bad"], status: 6 },
  { golden: "bad-json", words: ["/bad", "--json"], status: 6 },
  { golden: "bad-dry-run", words: ["/bad", "--dry-run"], status: 6 },
  { golden: "bad-repaired", words: ["/bad/sysrcd.bs", "--repair", "--yes"], status: 0 },
  { golden: "left", words: ["/left"], status: 0 },
  { golden: "left-repaired", words: ["/left", "--repair"], status: 0 },
  { golden: "cut-dry-run", words: ["/cut", "--dry-run"], status: 0 },
  { golden: "cut-repaired", words: ["/cut", "--repair"], status: 0 },
  { golden: "sparse", words: ["/sparse"], status: 0 },
  { golden: "plain", words: ["/plain"], status: 6 },
  { golden: "elsewhere", words: ["/elsewhere"], status: 0 },
  { golden: "image", words: ["--image", "/store.img", "--image", "/two.img"], status: 0 },
  { golden: "all", words: [], status: 0 },
  { golden: "device", words: ["/dev/sda"], status: 0 },
  {
    golden: "mounted",
    words: ["/mnt/persistent_Y/x86_64"],
    status: 0,
    before: ({ system }) => system.mount({ source: "/dev/sda", target: "/mnt", type: "ext4" }),
  },
  {
    golden: "in-use",
    words: ["/good", "--repair"],
    status: 5,
    before: ({ system }) =>
      system.withLoop({ file: "/good/sysrcd.bs", readonly: false }, (loop) =>
        system.mount({ source: loop, target: "/mnt", type: "ext4" }),
      ),
  },
  { golden: "no-root", words: ["/good"], status: 0, isRoot: false },
];

describe("backstore check", () => {
  for (const { golden, words, status: expected, isRoot = true, before } of cases) {
    test(`backstore check says what stands in check-${golden}.txt`, async () => {
      const memory = machine();
      before?.(memory);
      const { status, stdout, stderr } = await call(memory, ["check", ...words], { isRoot });
      expect([status, stderr]).toEqual([expected, ""]);
      await expect(stdout).toMatchFileSnapshot(
        join(import.meta.dirname, `../golden/cli/check-${golden}.txt`),
      );
    });
  }

  const failures: readonly (readonly [words: readonly string[], status: number, said: string])[] = [
    [["/none"], exitStatus["not-found"], 'Cannot check "/none": it contains no store'],
    [["/nowhere"], exitStatus["not-found"], 'Cannot check "/nowhere": no such file'],
    [[""], exitStatus.usage, 'Cannot check "": a path cannot be empty'],
    [["/good", "/bad"], exitStatus.usage, 'unexpected argument "/bad"'],
    [["/good", "--image", "/two.img"], exitStatus.usage, '"--image" cannot be used with STORE'],
    [["/bad", "--repair"], exitStatus.damaged, "even if data is lost: not confirmed"],
  ];
  for (const [words, status, said] of failures) {
    test(`backstore check ${words.join(" ")} fails with a sentence`, async () => {
      const memory = machine();
      const ended = await call(memory, ["check", ...words], { isRoot: true });
      expect([ended.status, ended.stdout]).toEqual([status, ""]);
      expect(ended.stderr).toContain(said);
    });
  }

  test("backstore check without --repair only looks", async () => {
    for (const words of [[], ["/bad"], ["/left"], ["/cut"], ["/cut", "--dry-run"]]) {
      const memory = machine();
      await call(memory, ["check", ...words], { isRoot: true });
      const names = new Set(
        memory.journal
          .filter((one) => !JSON.stringify(one).includes("/backstore-work-"))
          .map(({ name }) => name),
      );
      const looking = ["isolateMounts", "makeDirectory", "makeTemporaryDirectory", "mount"];
      const more = ["removeDirectory", "run", "unmount", "withLock", "withLoop"];
      expect([...names].filter((name) => ![...looking, ...more].includes(name))).toEqual([]);
      expect(memory.system.list("/tmp")).toEqual([]);
    }
  });

  test("backstore check --repair leaves a store as it was while what is safe would not do", async () => {
    const memory = machine();
    await call(memory, ["check", "/bad", "--repair"], { isRoot: true });
    const done = deeds(memory).filter((one) => one.includes("e2fsck") && !one.includes('"-n"'));
    expect(done).toEqual([]);
  });

  const answers: readonly (readonly [answer: string | undefined, status: number])[] = [
    ["y", 0],
    ["Yes", 0],
    ["n", exitStatus.damaged],
    ["", exitStatus.damaged],
    [undefined, exitStatus.damaged],
  ];
  for (const [answer, expected] of answers) {
    test(`backstore check --repair asks, and ${JSON.stringify(answer)} means status ${expected}`, async () => {
      const memory = machine(answer === undefined ? {} : { stdin: `${answer}\n` });
      const { status, stderr } = await call(memory, ["check", "/bad", "--repair"], {
        isRoot: true,
        terminal,
      });
      expect(status).toBe(expected);
      expect(stderr).toContain(
        'Repair the file system in "/bad/sysrcd.bs" completely, even if data is lost (ext4)? Damaged data may be lost',
      );
    });
  }

  test("backstore check --repair does not choose among several stores that nobody has named", async () => {
    const journal = formats.ext("ext4", "x");
    // needs_recovery: bit 2 of s_feature_incompat.
    journal[1024 + 0x60] = (journal[1024 + 0x60] ?? 0) | 4;
    const disk = (name: string) => ({
      name,
      content: image({
        type: "ext4",
        tree: { "persistent_Y/x86_64": changes },
        pieces: [{ offset: 0, bytes: journal }],
      }),
    });
    const memory = machine({ disks: [disk("sda"), disk("sdb")] });
    const { status, stderr } = await call(memory, ["check", "--repair"], { isRoot: true });
    expect(status).toBe(exitStatus.unsafe);
    expect(stderr).toContain("Cannot choose what to repair: there are several");
    expect(deeds(memory)).toEqual([]);
  });

  test("backstore check --repair does nothing while another program is working on the store", async () => {
    const faults = [{ call: "withLock", naming: "/bad/sysrcd.bs", errno: "EAGAIN" }] as const;
    const memory = machine({ faults });
    const { status, stdout } = await call(memory, ["check", "/bad", "--repair", "--yes"], {
      isRoot: true,
    });
    expect(status).toBe(exitStatus["in-use"]);
    expect(stdout).toContain('warning: "/bad/sysrcd.bs": another program is working on it\n');
    expect(deeds(memory)).toEqual([]);
  });
});

describe("backstore check of what is no store", () => {
  for (const path of ["/none/readme", "/none"])
    test(`${path} is told as that`, async () => {
      const ended = await call(createMemory({ files }), ["check", path], { isRoot: true });
      expect([ended.status, ended.stdout]).toEqual([exitStatus["not-found"], ""]);
      expect(ended.stderr).toMatch(/: it is not a store\n|: it contains no store\n/);
    });

  test("a file with the name of a store is a broken one", async () => {
    const ended = await call(createMemory({ files }), ["check", "/plain"], { isRoot: true });
    expect(ended.status).toBe(exitStatus.damaged);
  });
});
