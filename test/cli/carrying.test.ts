// "backstore import", "copy" and "export" on machines in memory: what becomes of a target on a
// session's own medium, and what is left where any single call of the system fails. test/tools has
// real overlays.
import { describe, expect, test } from "vitest";
import type { System } from "../../src/system/port/system.ts";
import { call, ext4 } from "../support/call.ts";
import { file, type Tree } from "../support/memory/entry.ts";
import { fail } from "../support/memory/errors.ts";
import { image } from "../support/memory/image.ts";
import type { Memory } from "../support/memory.ts";
import { createMemory } from "../support/memory.ts";

const MiB = 2 ** 20;
const record = {
  format: 1,
  id: "11111111-1111-1111-1111-111111111111",
  overlay: "index=off,metacopy=off,xino=off,redirect_dir=nofollow",
  kept: "unknown",
};

const upper: Tree = { etc: { motd: "changed\n", "motd.d": { one: "1\n" } } };

function emptyFile() {
  const inner = ext4("inner", {});
  return file({ ...inner, allocated: inner.length });
}

const medium = "/run/initramfs/backstore/medium";

/** A machine with a store in /home, another system's changes, and a session's medium. */
function machine(data = ""): Memory {
  const home: Tree = {
    store: { upperdir: upper, "backstore.json": JSON.stringify(record) },
    old: { upper, work: {} },
    full: { "sysrcd.bs": emptyFile() },
  };
  const memory = createMemory({
    files: { home: {}, run: { initramfs: { backstore: { medium: {} } } }, tmp: {} },
    disks: [
      {
        name: "sda",
        isRemovable: true,
        content: ext4("MEDIUM", { "sysrcd.bs": emptyFile() }),
      },
      { name: "sdb", content: image({ type: "ext4", bytes: 256 * MiB, tree: home }) },
    ],
  });
  memory.system.mount({ source: "/dev/sdb", target: "/home", type: "ext4" });
  memory.system.mount({ source: "/dev/sda", target: medium, type: "ext4", flags: ["ro"], data });
  return memory;
}

const carrying = [
  ["import", "/home/old"],
  ["copy", "/home/store"],
] as const;

const root = { isRoot: true };

function namesInStore({ system }: Memory, path: string): readonly string[] {
  return system.withLoop({ file: path, readonly: true }, (source) => {
    system.mount({ source, target: "/tmp", type: "ext4", flags: ["ro"] });
    try {
      return system.list("/tmp");
    } finally {
      system.unmount("/tmp");
    }
  });
}

for (const words of carrying)
  describe(`backstore ${words[0]} to a store on the session's own medium`, () => {
    test("makes that writable for the moment, and read-only again", async () => {
      const memory = machine();
      const ended = await call(memory, [...words, medium], root);
      expect([ended.status, ended.stderr]).toEqual([0, ""]);
      expect(memory.system.room(medium).readonly).toBe(true);
      expect(namesInStore(memory, `${medium}/sysrcd.bs`)).toContain("upperdir");
    });

    test("leaves that read-only where it is only shown what would be done", async () => {
      const memory = machine();
      const before = memory.journal.length;
      const ended = await call(memory, [...words, medium, "--dry-run"], root);
      expect([ended.status, ended.stderr]).toEqual([0, ""]);
      const flags = memory.journal.slice(before).flatMap((one) => JSON.stringify(one.arguments));
      expect(flags.filter((one) => one.includes("remount"))).toEqual([]);
    });

    test("makes it read-only again when something fails", async () => {
      const memory = machine();
      const system = { ...memory.system, syncFileSystem: () => fail("EIO", "x") };
      const ended = await call({ ...memory, system }, [...words, medium], root);
      expect(ended.status).toBe(3);
      expect(memory.system.room(medium).readonly).toBe(true);
      expect(namesInStore(memory, `${medium}/sysrcd.bs`)).not.toContain("upperdir");
    });

    test("refuses one whose journal was left out, also before anything is done", async () => {
      for (const more of [[], ["--dry-run"]]) {
        const ended = await call(machine("noload"), [...words, medium, ...more], root);
        expect([ended.status, ended.stdout]).toEqual([8, ""]);
        expect(ended.stderr).toContain("was mounted without replaying its journal");
      }
    });
  });

/** Calls that do not look at a disk. */
const safe: ReadonlySet<string> = new Set(["say", "readLine", "kernel"]);

/** Calls that clean up after what was done, too. */
const cleaning: ReadonlySet<string> = new Set(["unmount", "removeDirectory"]);

interface Counted {
  readonly name: string;
  readonly number: number;
}

/** Returns a system of which one call fails, and the calls that are made. */
function failingAt(system: System, failing?: Counted & { readonly errno: string }) {
  const calls: Counted[] = [];
  const counts = new Map<string, number>();
  const entries = Object.entries(system).map(([name, action]) => {
    const counted = (...given: unknown[]) => {
      const number = (counts.get(name) ?? 0) + 1;
      counts.set(name, number);
      calls.push({ name, number });
      if (failing?.name === name && failing.number === number) fail(failing.errno, "x");
      return (action as (...all: unknown[]) => unknown)(...given);
    };
    return [name, counted];
  });
  // The compiler cannot follow a function per name through Object.entries.
  return { system: Object.fromEntries(entries) as System, calls };
}

/** Tells what is in a directory, each file with its text; the identity of a store is left out. */
function tellTree(system: System, path: string): string[] {
  return system.list(path).flatMap((name) => {
    const at = `${path}/${name}`;
    if (system.status(at)?.kind === "directory") return [at, ...tellTree(system, at)];
    const isText = !/\.(?:bs|tar)$/.test(name);
    return [`${at} ${isText ? system.readText(at).replace(/"id":"[^"]*"/, "") : ""}`];
  });
}

function tellAll(memory: Memory): string[] {
  // What a process has mounted for itself ends with it.
  for (const { target } of memory.system.mounts().toReversed())
    if (/^\/(?:tmp|proc\/driver)\/./.test(target)) memory.system.unmount(target);
  const store = namesInStore(memory, "/home/full/sysrcd.bs").filter(
    (name) => name !== "lost+found",
  );
  return [...tellTree(memory.system, "/home"), ...store];
}

const carried = [
  ["import", "/home/old", "/home/new"],
  ["import", "/home/old", "/home/full"],
  ["copy", "/home/store", "/home/new"],
  ["copy", "/home/store", "/home/full"],
  ["export", "/home/store", "/home/new.tar"],
] as const;

for (const words of carried)
  test(`backstore ${words.join(" ")} does all or nothing where any call fails`, async () => {
    const before = tellAll(machine());
    const first = machine();
    const { system, calls } = failingAt(first.system);
    const done = await call({ ...first, system }, words, root);
    expect([done.status, done.stderr]).toEqual([0, ""]);
    const after = tellAll(first);
    expect(after).not.toEqual(before);
    for (const { name, number } of calls.filter((one) => !safe.has(one.name))) {
      const errno = /write|append|create|make|copy|sync/i.test(name) ? "ENOSPC" : "EIO";
      const memory = machine();
      const failing = failingAt(memory.system, { name, number, errno });
      const ended = await call({ ...memory, system: failing.system }, words, root);
      const where = `${name}() number ${number} fails with ${errno}`;
      const isWhole = ended.status === 0 || cleaning.has(name);
      const left = tellAll(memory);
      const expected = isWhole && left.length === after.length ? after : before;
      expect([where, left]).toEqual([where, ended.status === 0 ? after : expected]);
      if (ended.status !== 0)
        expect([where, ended.stderr]).toEqual([
          where,
          expect.stringMatching(/^backstore: Cannot /),
        ]);
    }
  });
