// "backstore adopt" on machines in memory that have been booted: which sessions are kept, and what the
// next boot does. test/tools has real overlays.
import { describe, expect, test } from "vitest";
import { stick } from "../boot/start.ts";
import { bootMemory } from "../support/booted.ts";
import { call, ext4 } from "../support/call.ts";
import { file, type Tree } from "../support/memory/entry.ts";
import { createMemory, type Memory } from "../support/memory.ts";

const used: Tree = { upperdir: { etc: { motd: "changed\n" } }, workdir: {} };

function inFile(): Tree {
  const inner = ext4("inner", used);
  return { "sysrcd.bs": file({ ...inner, allocated: inner.length }) };
}

/** Boots with an option, changes something, and mounts a second disk at /mnt. */
function boot(cmdline: string, files: Tree = {}): Memory {
  const memory = bootMemory(cmdline, {
    disks: [
      stick(files),
      { name: "sdb", isRemovable: true, content: ext4("store", { empty: {} }) },
    ],
  });
  const { system } = memory;
  system.makeDirectory("/etc/made");
  system.writeFile("/etc/made/new", "new\n", 0o600);
  system.mount({ source: "/dev/sdb", target: "/mnt", type: "ext4" });
  return memory;
}

/** The command line is another one than that of this session. */
function answer({ system }: Memory, path: string): string {
  return path === "/proc/cmdline" ? "cow_label=store cow_directory=kept" : system.readText(path);
}

async function adopt(memory: Memory, ...words: string[]) {
  return call(memory, ["adopt", ...words], { isRoot: true });
}

describe("adopt", () => {
  test("keeps a volatile session, and says which option uses it", async () => {
    const memory = boot("backstore=off");
    const { status, stdout, stderr } = await adopt(memory, "/mnt/kept");
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^Kept this session in "\/mnt\/kept" \(\d+ paths, .*\)\n/);
    expect(stdout).toContain("Start it with: cow_label=store cow_directory=kept\n");
    expect(memory.system.readText("/mnt/kept/upperdir/etc/made/new")).toBe("new\n");
    expect(memory.system.list("/mnt/kept")).toEqual(["upperdir"]);
  });

  test("says that the next boot uses a store where it looks for one", async () => {
    const memory = boot("cow_label=absent backstore=wait=0");
    const asked = { ...memory.system, readText: (path: string) => answer(memory, path) };
    const { stdout } = await adopt({ ...memory, system: asked }, "/mnt/kept");
    expect(stdout).toContain("\nThe next boot uses it.\n");
  });

  test("keeps what the store of a read-only session has as well", async () => {
    const memory = boot("backstore=readonly", inFile());
    expect((await adopt(memory, "/mnt/empty")).status).toBe(0);
    const { system } = memory;
    expect(system.readText("/mnt/empty/upperdir/etc/motd")).toBe("changed\n");
    expect(system.readText("/mnt/empty/upperdir/etc/made/new")).toBe("new\n");
  });

  test("keeps only what is wanted", async () => {
    const memory = boot("backstore=off");
    memory.system.writeFile("/etc/made/other", "other\n");
    expect((await adopt(memory, "/mnt/empty", "--only", "//etc/made/./new/")).status).toBe(0);
    expect(memory.system.list("/mnt/empty/upperdir")).toEqual(["etc"]);
    expect(memory.system.list("/mnt/empty/upperdir/etc/made")).toEqual(["new"]);
  });

  test("tells programs what it would do", async () => {
    const { status, stdout } = await adopt(
      boot("backstore=off"),
      "/mnt/kept",
      "--dry-run",
      "--json",
    );
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ planned: true, store: "/mnt/kept" });
  });

  test("shows what it would do, and does nothing", async () => {
    const memory = boot("backstore=off");
    const { stdout } = await adopt(memory, "/mnt/kept", "--dry-run");
    expect(stdout).toContain('Create the directory store "/mnt/kept"\n');
    expect(stdout).toMatch(/^Keep this session in "\/mnt\/kept" \(\d+ paths, .*\)\n/m);
    expect(memory.system.list("/mnt")).not.toContain("kept");
  });
});

describe("adopt fails", () => {
  const cases: readonly (readonly [
    is: string,
    memory: () => Memory,
    words: readonly string[],
    status: number,
    says: string,
  ])[] = [
    [
      "in a persistent session",
      () => boot("", inFile()),
      ["/mnt/kept"],
      8,
      'Cannot keep this session: its changes are kept already, in the store "/run/backstore/host/sysrcd.bs"\nHint: to have them in another store as well: backstore copy STORE TARGET\n',
    ],
    [
      "where nothing is booted",
      () => createMemory({ files: {} }),
      ["/mnt/kept"],
      4,
      "Cannot keep this session: its root is not an overlay with changes\nHint: to carry the changes in a store to another one: backstore copy STORE TARGET\n",
    ],
    [
      "where nothing has changed at a path",
      () => boot("backstore=off"),
      ["/mnt/kept", "--only", "/etc/made", "--only", "/srv"],
      4,
      'Cannot keep this session: it has changed nothing at "/srv"',
    ],
    [
      "without the name of a store",
      () => boot("backstore=off"),
      [""],
      2,
      'Cannot keep this session in "": a path cannot be empty',
    ],
    [
      "with a path that is none from the top",
      () => boot("backstore=off"),
      ["/mnt/kept", "--only", "etc"],
      2,
      '"--only" requires a path from "/", not "etc"',
    ],
    [
      "with a path that leads upwards",
      () => boot("backstore=off"),
      ["/mnt/kept", "--only", "/etc/../srv"],
      2,
      '"--only" requires a path from "/", not "/etc/../srv"',
    ],
    [
      "with consent to erase a directory",
      () => boot("backstore=off"),
      ["/mnt/kept", "--yes"],
      2,
      '"--erase" and "--yes" can be used only with "--device"',
    ],
    [
      "on a device without a label",
      () => boot("backstore=off"),
      ["--device", "/dev/sdb"],
      2,
      '"--label" is required',
    ],
    [
      "with a size that is too small",
      () => boot("backstore=off"),
      ["/mnt/kept.bs", "4KiB"],
      7,
      "a store of 4.0 KiB has no room",
    ],
  ];
  for (const [is, memory, words, status, says] of cases)
    test(is, async () => {
      const ended = await adopt(memory(), ...words);
      expect(ended.stderr).toContain(says);
      expect({ status: ended.status, stdout: ended.stdout }).toEqual({ status, stdout: "" });
    });

  test("without root", async () => {
    const { status, stderr } = await call(boot("backstore=off"), ["adopt", "/mnt/kept"]);
    expect(status).toBe(3);
    expect(stderr).toContain("only root can read what overlayfs has marked");
  });
});
