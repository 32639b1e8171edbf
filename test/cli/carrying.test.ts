// "backstore import", "copy" and "export" on machines in memory: what becomes of a target on a
// session's own medium, and what is left where any single call of the system fails. test/tools has
// real overlays.
import { describe, expect, test } from "vitest";
import { call, ext4 } from "../support/call.ts";
import { file, type Tree } from "../support/memory/entry.ts";
import { fail } from "../support/memory/errors.ts";
import type { Memory } from "../support/memory.ts";
import { createMemory } from "../support/memory.ts";

const record = { format: 1, id: "one", overlay: "index=off", kept: "unknown" };

const upper: Tree = { etc: { motd: "changed\n", "motd.d": { one: "1\n" } } };

function emptyFile() {
  const inner = ext4("inner", {});
  return file({ ...inner, allocated: inner.length });
}

const medium = "/run/initramfs/backstore/medium";

/** A machine with a store in /home, another system's changes, and a session's medium. */
function machine(data = ""): Memory {
  const memory = createMemory({
    files: {
      home: {
        store: { upperdir: upper, "backstore.json": JSON.stringify(record) },
        old: { upper, work: {} },
        full: { "sysrcd.bs": emptyFile() },
      },
      run: { initramfs: { backstore: { medium: {} } } },
      tmp: {},
    },
    disks: [
      { name: "sda", isRemovable: true, content: ext4("MEDIUM", { "sysrcd.bs": emptyFile() }) },
    ],
  });
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
