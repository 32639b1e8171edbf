import { describe, expect, test } from "vitest";
import { handOver } from "../../src/boot/hand-over.ts";
import { file, link, type Tree } from "../support/memory/entry.ts";
import type { Fault } from "../support/memory/recorded.ts";
import { createMemory, HandedOver, type Memory } from "../support/memory.ts";
import { Patience, patient } from "./patience.ts";

const program = file("", 0o755);

/** Makes an early machine whose system is at /sysroot. */
function machine(system: Tree, faults: readonly Fault[] = []): Memory {
  const memory = createMemory({ files: { sysroot: system }, faults });
  memory.system.mount({ source: "none", target: "/run", type: "tmpfs" });
  return memory;
}

/** Hands over, and returns the result. */
function become(memory: Memory, commandLine = "", words: readonly string[] = []) {
  try {
    return handOver(patient(memory.system), { root: "/sysroot", words, commandLine });
  } catch (error) {
    if (error instanceof HandedOver) return { root: error.root, argv: error.argv };
    if (error instanceof Patience) return "waits";
    throw error;
  }
}

function told({ said }: Memory): string {
  return said.map(({ text }) => text).join("");
}

const cases: readonly (readonly [is: string, system: Tree, commandLine: string, init: string])[] = [
  ["/sbin/init", { "sbin/init": program, "bin/init": program }, "", "/sbin/init"],
  [
    "systemd where it is the only one",
    { "usr/lib/systemd/systemd": program },
    "",
    "/usr/lib/systemd/systemd",
  ],
  [
    "what init= names",
    { "sbin/init": program, "sbin/other": program },
    "init=/sbin/other",
    "/sbin/other",
  ],
  [
    "what the last init= names",
    { "sbin/a": program, "sbin/b": program },
    "init=/sbin/a quiet init=/sbin/b",
    "/sbin/b",
  ],
  ["the usual one where init= is empty", { "sbin/init": program }, "init=", "/sbin/init"],
  [
    "the usual one where init= belongs to init",
    { "sbin/init": program, x: program },
    "-- init=/x",
    "/sbin/init",
  ],
  [
    "a link that leads within the system's own root",
    {
      "sbin/init": link("/lib/systemd/systemd"),
      lib: link("usr/lib"),
      "usr/lib/systemd/systemd": program,
    },
    "",
    "/sbin/init",
  ],
  [
    "not a link that leads nowhere",
    { "sbin/init": link("/missing"), "bin/init": program },
    "",
    "/bin/init",
  ],
  ["not a link to itself", { "sbin/init": link("init"), "bin/init": program }, "", "/bin/init"],
  ["not a directory", { "sbin/init": {}, "bin/init": program }, "", "/bin/init"],
  ["not a file that is no program", { "sbin/init": "text", "bin/init": program }, "", "/bin/init"],
];

describe("handOver()", () => {
  for (const [is, system, commandLine, init] of cases) {
    test(`handOver() becomes ${is}`, () => {
      const memory = machine(system);
      const became = become(memory, commandLine, ["single", "x=y"]);
      expect(became).toEqual({ root: "/sysroot", argv: [init, "single", "x=y"] });
      expect(told(memory)).toBe("");
    });
  }

  test("handOver() leaves this program where systemd looks for what ends a session", () => {
    const memory = machine({ "sbin/init": program });
    memory.put("/init", file("the program", 0o755));
    expect(become(memory)).toMatchObject({ argv: ["/sbin/init"] });
    const path = "/sysroot/run/initramfs/shutdown";
    expect(memory.system.readText(path)).toBe("the program");
    expect(memory.system.status(path)?.mode).toBe(0o755);
    expect(told(memory)).toBe("");
  });

  test("handOver() says so where that program cannot be left, and hands over", () => {
    const faults = [{ call: "writeBytes", errno: "ENOSPC" }] as const;
    const memory = machine({ "sbin/init": program }, faults);
    memory.put("/init", file("the program", 0o755));
    expect(become(memory)).toMatchObject({ argv: ["/sbin/init"] });
    expect(memory.system.list("/sysroot/run/initramfs")).toEqual([]);
    expect(told(memory)).toBe(
      'backstore: Cannot copy "/init" (11 B) to "/run/initramfs/shutdown": no space left on device\n',
    );
  });

  test("handOver() does not look for programs outside the system's root", () => {
    const memory = createMemory({
      files: { "bin/sh": program, sysroot: { "sbin/init": link("../../bin/sh") } },
    });
    expect(become(memory)).toBe("waits");
  });

  test("handOver() says so where init= names nothing, and starts the usual one", () => {
    const memory = machine({ "sbin/init": program });
    expect(become(memory, 'init="/no\u001b[2J"')).toMatchObject({ argv: ["/sbin/init"] });
    expect(told(memory)).toBe(
      'backstore: Cannot start "/no\\u001b[2J": no such program; starting /sbin/init instead\n',
    );
  });

  test("handOver() takes the kernel's file systems along", () => {
    const memory = machine({ "sbin/init": program });
    become(memory);
    const targets = memory.system.mounts().map(({ target }) => target);
    expect(targets).toEqual(
      expect.arrayContaining(["/sysroot/dev", "/sysroot/proc", "/sysroot/sys", "/sysroot/run"]),
    );
    expect(targets).not.toContain("/run");
  });

  test("handOver() gives no shell where the system has no init, and says why it waits", () => {
    const memory = machine({ "bin/sh": program });
    expect(become(memory)).toBe("waits");
    expect(told(memory)).toMatch(/^backstore: Cannot start the system: it has no init \(/);
    expect(memory.journal.filter(({ name }) => name === "run")).toEqual([]);
  });
});
