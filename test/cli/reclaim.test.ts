// "backstore reclaim" end to end on a machine in memory: what is told, asked and done. test/tools has
// the kernel's own overlay.
import { describe, expect, test } from "vitest";
import { call, ext4, terminal } from "../support/call.ts";
import { file, type Tree, whiteout } from "../support/memory/entry.ts";
import { createMemory, type Memory } from "../support/memory.ts";

const upperdir: Tree = {
  "etc/motd": "as it was\n",
  "etc/own": "mine\n",
  nothing: whiteout(),
  "var/cache/apt/archives": { "a.deb": "package\n", partial: {} },
  "var/log": { "sys.log": "new\n", old: "as it was\n" },
};
const base: Tree = { "etc/motd": "as it was\n", "var/log": { old: "as it was\n", gone: "" } };

function machine(stdin = ""): Memory {
  const memory = createMemory({
    files: {
      base,
      store: { upperdir, workdir: {}, "upperdir.reverted": { "1/x": "left" } },
      clean: { upperdir: { "etc/own": "mine\n" } },
      new: { "sysrcd.bs": file(ext4("", { "lost+found": {} })) },
    },
    types: ["ext4"],
    stdin,
  });
  for (const path of ["/etc/motd", "/var/log/old"]) {
    const modified = memory.system.times(`/base${path}`)?.modified;
    if (modified !== undefined) memory.system.setModified(`/store/upperdir${path}`, modified);
  }
  return memory;
}

function reclaim(memory: Memory, words: readonly string[], given = {}) {
  return call(memory, ["reclaim", ...words], { isRoot: true, ...given });
}

const named = ["/store", "--base", "/base"];

describe("reclaim", () => {
  test("tells with --dry-run how much each would win, and changes nothing", async () => {
    const memory = machine();
    const { status, stdout, stderr } = await reclaim(memory, [...named, "--dry-run"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout.split("\n").map((line) => line.replace(/ +/g, " "))).toEqual([
      " copies that are like the base's 2 paths 20 B",
      " deletions of what the base does not have 1 path 0 B",
      expect.stringMatching(/^ left by commands that were killed 3 paths /),
      " downloaded packages 1 path 8 B stay without --caches",
      " logs 1 path 4 B stay without --logs",
      expect.stringMatching(/^The store would have .* less\.$/),
      "",
    ]);
    expect(memory.system.list("/store/upperdir")).toEqual(["etc", "nothing", "var"]);
    expect(memory.system.list("/store")).toContain("upperdir.reverted");
  });

  test("removes what changes nothing", async () => {
    const memory = machine();
    const { status, stderr } = await reclaim(memory, [...named, "--yes"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(memory.system.list("/store/upperdir")).toEqual(["etc", "var"]);
    expect(memory.system.list("/store/upperdir/etc")).toEqual(["own"]);
    expect(memory.system.list("/store/upperdir/var/log")).toEqual(["sys.log"]);
    expect(memory.system.list("/store/upperdir/var/cache/apt/archives")).toContain("a.deb");
    expect(memory.system.list("/store")).toEqual(["upperdir", "workdir"]);
    const again = await reclaim(memory, named);
    expect(again.stdout).toContain("Nothing to reclaim.\n");
  });

  test("removes packages and logs only if they are named", async () => {
    const memory = machine();
    const { stdout } = await reclaim(memory, [...named, "--caches", "--logs", "--yes", "--json"]);
    const sum = (kind: string, paths: number) =>
      expect.objectContaining({ kind, paths, isTaken: true });
    expect(JSON.parse(stdout)).toMatchObject({
      planned: false,
      reclaims: [
        ...[
          sum("copies", 2),
          sum("marks", 1),
          sum("leftovers", 3),
          sum("caches", 1),
          sum("logs", 1),
        ],
      ],
      problems: 0,
    });
    expect(memory.system.list("/store/upperdir/var/cache/apt/archives")).toEqual(["partial"]);
    expect(memory.system.list("/store/upperdir/var/log")).toEqual([]);
  });

  test("asks at a terminal, and does nothing but for a yes", async () => {
    for (const [answer, status] of [
      ["y", 0],
      ["", 8],
    ] as const) {
      const memory = machine(`${answer}\n`);
      const ended = await reclaim(memory, named, { terminal });
      expect(ended.status).toBe(status);
      expect(ended.stderr).toMatch(/Take 4.0 KiB out of "\/store"\? \[y\/N\] /);
    }
  });

  test("has nothing to do in a store that is new or clean", async () => {
    for (const store of ["/new", "/clean"]) {
      const { status, stdout } = await reclaim(machine(), [store, "--base", "/base"]);
      expect({ status, stdout }).toEqual({ status: 0, stdout: "Nothing to reclaim.\n" });
    }
  });
});

describe("reclaim fails", () => {
  test("reclaim fails without root", async () => {
    const { status, stderr } = await call(machine(), ["reclaim", ...named], { isRoot: false });
    expect([status, stderr]).toEqual([3, expect.stringContaining("Hint: run this as root\n")]);
  });

  const cases: readonly (readonly [words: readonly string[], status: number, says: string])[] = [
    [["/store"], 2, 'Cannot reclaim room in "/store": its base is not named'],
    [["--base", "/base"], 2, "STORE is missing"],
    [named, 8, 'Cannot reclaim room in "/store": not confirmed'],
    [["/base", "--base", "/base"], 4, 'Cannot reclaim room in "/base": it contains no store'],
  ];
  for (const [words, status, says] of cases)
    test(`reclaim fails with ${words.join(" ")}`, async () => {
      const memory = machine();
      const ended = await reclaim(memory, words);
      expect(ended.stderr).toContain(says);
      expect({ status: ended.status, stdout: ended.stdout }).toEqual({ status, stdout: "" });
      expect(memory.system.list("/store/upperdir")).toEqual(["etc", "nothing", "var"]);
    });
});
