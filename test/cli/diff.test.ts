// "backstore diff" end to end on a machine in memory; test/tools has the kernel's own overlay.
import { describe, expect, test } from "vitest";
import { call, silent } from "../support/call.ts";
import { directory, file, link, type Tree, whiteout } from "../support/memory/entry.ts";
import { createMemory, type Memory } from "../support/memory.ts";

const opaque = new Map([["trusted.overlay.opaque", Uint8Array.of(0x79)]]);

const upperdir: Tree = {
  "etc/motd": "hello\nthere\u001b[2J\n",
  "etc/hosts": file("localhost\n", 0o600),
  "etc/new": "1\n",
  "etc/data": "b\0",
  "etc/link": link("b"),
  "etc/own": link("c"),
  gone: whiteout(),
  dropped: whiteout(),
  opt: directory({}, { xattrs: opaque }),
};
const base: Tree = {
  "etc/motd": "hello\n",
  "etc/hosts": "localhost\n",
  "etc/data": "a\0",
  "etc/link": link("a"),
  gone: "1\n2\n",
  "dropped/a": "1",
  "opt/old": "old\n",
};

function machine(): Memory {
  return createMemory({ files: { base, store: { upperdir, workdir: {} }, new: {} } });
}

const named = ["--store", "/store", "--base", "/base"];

async function diff(words: readonly string[], stdout = false): Promise<string> {
  const terminal = { ...silent, stdout };
  const told = await call(machine(), ["diff", ...words], { isRoot: true, terminal });
  expect({ status: told.status, stderr: told.stderr }).toEqual({ status: 0, stderr: "" });
  return told.stdout;
}

describe("diff", () => {
  test("shows the lines in which each file differs", async () => {
    expect((await diff(["/", ...named])).split("\n")).toEqual([
      "Only in the base: /dropped",
      ...["--- a/gone", "+++ /dev/null", "@@ -1,2 +0,0 @@", "-1", "-2"],
      "Binary files a/etc/data and b/etc/data differ",
      "Symbolic links a/etc/link and b/etc/link differ",
      ...["--- a/etc/motd", "+++ b/etc/motd", "@@ -1 +1,2 @@", " hello", "+there\u001b[2J"],
      ...["--- /dev/null", "+++ b/etc/new", "@@ -0,0 +1 @@", "+1"],
      "Only in the store: /etc/own",
      "Directory a/opt is hidden by b/opt",
      "",
    ]);
  });

  test("escapes what a terminal would act on", async () => {
    expect(await diff(["etc/motd", ...named], true)).toContain("+there\\u001b[2J\n");
  });

  test("writes an object a line, the sums last", async () => {
    const lines = (await diff(["/etc/new", "/etc/data", "--json", ...named])).trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      {
        ...{ path: "/etc/new", kind: "added", type: "file", unshown: null },
        lines: ["@@ -0,0 +1 @@", "+1"],
      },
      { path: "/etc/data", kind: "modified", type: "file", lines: null, unshown: "binary" },
      expect.objectContaining({ format: 1, differences: 2, problems: 0 }),
    ]);
  });

  for (const words of [
    ["/etc/hosts", ...named],
    ["/", "--store", "/new", "--base", "/base"],
  ])
    test(`shows nothing of ${words.slice(0, 3).join(" ")}`, async () => {
      expect(await diff(words)).toBe("");
    });
});

describe("diff fails", () => {
  const cases: readonly (readonly [words: readonly string[], status: number, says: string])[] = [
    [[], 2, "PATH is missing"],
    [["/etc/../etc", ...named], 2, 'must not contain ".."'],
    [["", ...named], 2, "a path cannot be empty"],
    [["/etc", "--store", "/store"], 2, "the base is not named"],
    [["/absent", ...named], 4, "neither the store nor the base has it"],
    [["/etc"], 4, "its root is not an overlay with changes"],
  ];
  for (const [words, status, says] of cases)
    test(`diff fails with ${words.join(" ") || "nothing"}`, async () => {
      const ended = await call(machine(), ["diff", ...words], { isRoot: true });
      expect(ended.stderr).toContain(says);
      expect({ status: ended.status, stdout: ended.stdout }).toEqual({ status, stdout: "" });
    });

  test("diff fails without root", async () => {
    expect((await call(machine(), ["diff", "/etc", ...named])).status).toBe(3);
  });
});
