// "backstore revert" end to end on a machine in memory: what is asked, shown and done. test/core/revert
// has the rules, test/tools the kernel's own overlay.
import { describe, expect, test } from "vitest";
import { call, ext4, terminal } from "../support/call.ts";
import { file, type Tree, whiteout } from "../support/memory/entry.ts";
import { createMemory, type Memory } from "../support/memory.ts";

const upperdir: Tree = {
  "etc/motd": "changed\n",
  "etc/hosts": file("localhost\n", 0o600),
  gone: whiteout(),
  srv: { "a\nb": "1" },
};
const base: Tree = {
  "etc/motd": "as it was\n",
  "etc/hosts": "localhost\n",
  "etc/passwd": "root\n",
  gone: { "a/b": "" },
};

function elsewhere(boot: string): string {
  const session = {
    state: "open",
    boot,
    machine: "a stranger",
    count: 1,
    started: "2026-01-31T10:20:00Z",
  };
  return JSON.stringify({
    format: 1,
    id: "x",
    overlay: "index=off,metacopy=off,xino=off,redirect_dir=nofollow",
    session,
  });
}

function machine(stdin = ""): Memory {
  return createMemory({
    files: {
      base,
      store: { upperdir, workdir: {} },
      stick: { "sysrcd.bs": file(ext4("", { upperdir })) },
      other: { upperdir, "backstore.json": elsewhere("other") },
      left: { upperdir: {}, "upperdir.reverted": { "1/x": "" } },
      "base.img": file(ext4("", base)),
      none: { readme: "" },
      new: { "sysrcd.bs": file(ext4("", { "lost+found": {} })) },
    },
    sys: { "class/dmi/id": { product_name: "here\n", product_serial: "1\n" } },
    types: ["ext4"],
    stdin,
  });
}

const named = ["--store", "/store", "--base", "/base"];

async function revert(memory: Memory, words: readonly string[], given = {}) {
  return call(memory, ["revert", ...words], { isRoot: true, ...given });
}

describe("revert", () => {
  test("takes out what the store has at the paths", async () => {
    const memory = machine();
    const { status, stdout, stderr } = await revert(memory, ["/gone", "etc", ...named, "--yes"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout.split("\n")).toEqual([
      "below             18 B  /etc/ (2 changes)",
      "deleted            0 B  /gone",
      "Put back 2 paths; the store has 18 B less.",
      "",
    ]);
    expect(memory.system.list("/store/upperdir")).toEqual(["srv"]);
    expect(memory.system.list("/store")).toEqual(["upperdir", "workdir"]);
  });

  test("asks at a terminal, and does nothing but for a yes", async () => {
    for (const [answer, status] of [
      ["y", 0],
      ["", 8],
      ["no", 8],
    ] as const) {
      const memory = machine(`${answer}\n`);
      const ended = await revert(memory, ["/srv", ...named], { terminal });
      expect(ended.status).toBe(status);
      expect(ended.stderr).toContain("added              1 B  /srv/ (2 changes)\n");
      expect(ended.stderr).toContain(
        'Put back what the base has at 1 path in "/store"? What is there now is lost. [y/N] ',
      );
      expect(memory.system.list("/store/upperdir").includes("srv")).toBe(status !== 0);
    }
  });

  test("says with --dry-run what would be done, also as JSON", async () => {
    const memory = machine();
    const { stdout } = await revert(memory, ["/etc/motd", ...named, "--dry-run"]);
    expect(stdout).toContain("Would put back 1 path; the store would have 8 B less.\n");
    const json = await revert(machine(), [
      "/etc/motd",
      "/etc/passwd",
      ...named,
      "--dry-run",
      "--json",
    ]);
    expect(JSON.parse(json.stdout)).toMatchObject({
      planned: true,
      reverts: [{ path: "/etc/motd", do: "remove", kind: "modified", paths: 1, bytes: 8 }],
      unchanged: ["/etc/passwd"],
      problems: 0,
    });
    expect(memory.system.readText("/store/upperdir/etc/motd")).toBe("changed\n");
  });

  test("takes back the changes of a kind", async () => {
    const memory = machine();
    const { stdout } = await revert(memory, ["--kind", "metadata", ...named, "--yes"]);
    expect(stdout).toContain("metadata          10 B  /etc/hosts\n");
    expect(memory.system.list("/store/upperdir/etc")).toEqual(["motd"]);
  });

  test("writes to the store in a file, and unmounts it", async () => {
    const memory = machine();
    const { status } = await revert(memory, [
      ...["/etc/hosts", "/etc/motd", "--store", "/stick", "--base", "/base.img", "--yes"],
    ]);
    expect(status).toBe(0);
    expect(memory.system.mounts().some(({ type }) => type === "ext4")).toBe(false);
    const again = await revert(machine(), [
      "/etc",
      "--store",
      "/stick",
      "--base",
      "/base.img",
      "--dry-run",
    ]);
    expect(again.stdout).toContain("/etc/ (2 changes)");
  });

  test("warns of a session elsewhere before it asks", async () => {
    const { stderr } = await revert(
      machine("n\n"),
      ["/srv", "--store", "/other", "--base", "/base"],
      { terminal },
    );
    expect(stderr).toContain(
      "Warning: The last session on this store (started 2026-01-31 10:20 UTC",
    );
    expect(stderr).toContain("did not end cleanly or is still running on another machine");
  });

  test("removes what an interrupted run has left, without a question", async () => {
    const memory = machine();
    const { status, stderr } = await revert(memory, [
      "/srv",
      "--store",
      "/left",
      "--base",
      "/base",
    ]);
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: 'Warning: Cannot revert "/srv": neither the store nor the base has it\n',
    });
    expect(memory.system.list("/left")).toEqual(["upperdir"]);
  });

  test("has nothing to do in a store that is new, or where nothing was changed", async () => {
    for (const words of [
      ["/etc", "--store", "/new"],
      ["/etc/passwd", "--store", "/store"],
    ]) {
      const { status, stdout } = await revert(machine(), [...words, "--base", "/base"]);
      expect({ status, stdout }).toMatchObject({ status: 0 });
      expect(stdout).toContain("Nothing to put back.\n");
    }
  });
});

describe("revert fails", () => {
  const cases: readonly (readonly [words: readonly string[], status: number, says: string])[] = [
    [["/etc", "--base", "/base"], 2, '"--base" is used with "--store" only'],
    [["/etc"], 4, "Cannot revert changes of this session: its root is not an overlay with changes"],
    [["/etc", "--store", "/store"], 2, 'Cannot revert changes in "/store": its base is not named'],
    [named, 2, "PATH is missing"],
    [["/etc/../srv", ...named], 2, '"/etc/../srv" must not contain ".."'],
    [["", "--yes"], 2, 'a path cannot be empty; "/" is the whole system'],
    [["/etc", "", "--yes", ...named], 2, "a path cannot be empty"],
    [["/etc", "--kind", "new", ...named], 2, '"--kind" is added, modified'],
    [
      ["/etc", "--store", "/store", "--base", "/store"],
      8,
      'Cannot use "/store" as a base: it is a',
    ],
    [["/etc", "--store", "/store", "--base", "/stick/sysrcd.bs"], 8, "as a base: it is a store"],
    [["/etc", "--store", "/store", "--base", "/none/readme"], 4, "it is not a file system\nHint"],
    [["/etc", ...named], 8, 'Cannot revert changes in "/store": not confirmed'],
    [["/gone/a", ...named], 8, 'the store deletes "/gone" as a whole'],
    [["/nowhere", ...named], 4, 'Cannot revert "/nowhere": neither the store nor the base has it'],
    [["/etc", "--store", "/none", "--base", "/base"], 4, "it contains no store"],
  ];
  for (const [words, status, says] of cases)
    test(`revert fails with ${words.join(" ")}`, async () => {
      const memory = machine();
      const ended = await revert(memory, words);
      expect(ended.stderr).toContain(says);
      expect({ status: ended.status, stdout: ended.stdout }).toEqual({ status, stdout: "" });
      expect(memory.system.list("/store/upperdir")).toEqual(["etc", "gone", "srv"]);
    });

  test("revert fails without root", async () => {
    const { status, stderr } = await revert(machine(), ["/etc", ...named], { isRoot: false });
    expect(status).toBe(3);
    expect(stderr).toContain("only root can read and remove what overlayfs has marked");
  });
});
