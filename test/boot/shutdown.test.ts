// The last program of a session on machines in memory: what it prints, what is left mounted, and
// how the machine ends.
import { describe, expect, test } from "vitest";
import { type ShutdownCall, shutDown } from "../../src/boot/shutdown/shutdown.ts";
import { newStoreSettings } from "../../src/core/stores/overlay-settings.ts";
import { formatNewRecord } from "../../src/core/stores/store-record.ts";
import type { System } from "../../src/system/port/system.ts";
import { file, link, node, type Tree } from "../support/memory/entry.ts";
import { image } from "../support/memory/image.ts";
import type { Fault } from "../support/memory/recorded.ts";
import { createMemory, type Machine, type Memory, ShutDown } from "../support/memory.ts";
import { Patience, patient } from "./patience.ts";

const parts = "/oldroot/run/initramfs/backstore";

/**
 * Makes a machine as systemd leaves it: the system at /oldroot, its store below, this program in
 * /shutdown.
 */
function machine({ proc, faults, files, disks }: Machine = {}): Memory {
  const memory = createMemory({
    files: {
      oldroot: {},
      "backstore/store": {},
      "shutdown-look": {},
      shutdown: "",
      ...files,
    },
    proc: {
      "1/exe": link("/shutdown"),
      "self/exe": link("/shutdown"),
      "2/comm": "kthreadd\n",
      ...proc,
    },
    disks: disks ?? [{ name: "sdb", content: image({ type: "ext4", tree: { upperdir: {} } }) }],
    ...(faults === undefined ? {} : { faults }),
  });
  const { system } = memory;
  system.mount({ source: "backstore", target: "/oldroot", type: "tmpfs" });
  system.makeDirectory("/oldroot/run");
  system.mount({ source: "run", target: "/oldroot/run", type: "tmpfs" });
  for (const path of ["", "/backstore", "/backstore/store"])
    system.makeDirectory(`/oldroot/run/initramfs${path}`);
  system.mount({ source: "/dev/sdb", target: `${parts}/store`, type: "ext4" });
  return memory;
}

interface Ended {
  /** How the machine ended, or "waits". */
  readonly how: string;
  readonly argument: string | undefined;
  readonly told: string;
  /** What is mounted besides the initial mounts. */
  readonly left: readonly string[];
}

function meminfo(dirtyMebibytes: number): string {
  return `MemFree:    1 kB\nDirty:  ${dirtyMebibytes * 1000} kB\nWriteback:   ${dirtyMebibytes * 24} kB\n`;
}

/** A stand-in for a call that does not return. */
class Stuck extends Error {}

function isDone(work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (error instanceof Stuck) return false;
    throw error;
  }
}

/** Ends the machine, with a System that may differ from the memory's own. */
function end(memory: Memory, { words = ["poweroff"], system = memory.system } = {}): Ended {
  const call: ShutdownCall = { words, describeBug: (error) => `bug: ${error}\n` };
  let ending: { how: string; argument: string | undefined };
  try {
    ending = shutDown(patient(system, 5000), call);
  } catch (error) {
    if (error instanceof ShutDown) ending = { how: error.how, argument: error.argument };
    else if (error instanceof Patience) ending = { how: "waits", argument: undefined };
    else throw error;
  }
  return {
    ...ending,
    told: memory.said.map(({ text }) => text).join(""),
    left: memory.system
      .mounts()
      .map(({ target }) => target)
      .filter((target) => !["/", "/proc", "/sys", "/dev"].includes(target)),
  };
}

const bootId = "7f3f4b5e-0a55-4f0c-9f55-6a1f0c2d3e4f";
const recordPath = "persistent_R/x86_64/backstore.json";

/** Makes a machine whose store has the record of a session, and what the boot reported of it. */
function recordedMachine({
  session = "persistent",
  directory = "persistent_R/x86_64",
  boot = bootId,
  faults = [] as Fault[],
  beside = {} as Tree,
}): Memory {
  const record = formatNewRecord({
    id: "1",
    settings: newStoreSettings,
    created: "2026-01-31T10:20:30.000Z",
    version: "0",
    use: { base: undefined, session: { boot, machine: "m", started: "2026-01-31T10:20:30.000Z" } },
  });
  return machine({
    faults,
    proc: { "sys/kernel/random/boot_id": `${bootId}\n` },
    files: {
      "run/backstore/boot.json": JSON.stringify({
        session,
        store: { kind: "directory", device: "/dev/sdb", directory },
      }),
    },
    disks: [
      {
        name: "sdb",
        content: image({ type: "ext4", tree: { upperdir: {}, [recordPath]: record, ...beside } }),
      },
    ],
  });
}

/** Reads the state of the session from the disk afterwards. */
function stateOn({ system }: Memory): unknown {
  system.mount({ source: "/dev/sdb", target: "/shutdown-look", type: "ext4" });
  return JSON.parse(system.readText(`/shutdown-look/${recordPath}`)).session;
}

describe("shutDown() marks the session", () => {
  test("shutDown() marks the session as ended, and when", () => {
    const memory = recordedMachine({});
    expect(end(memory).told).toBe("backstore: the store is unmounted\n");
    expect(stateOn(memory)).toMatchObject({
      state: "clean",
      boot: bootId,
      ended: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    });
  });

  const others: readonly (readonly [is: string, given: Parameters<typeof recordedMachine>[0]])[] = [
    ["a session that only read the store", { session: "readonly" }],
    ["the session of another boot", { boot: "another" }],
    ["a store that is not where the boot has put it", { directory: "elsewhere" }],
    ["a directory that leads out of the store", { directory: "../store/persistent_R/x86_64" }],
    [
      "a session whose system could only be let go of lazily",
      { faults: [{ call: "unmount", naming: "/oldroot", errno: "EBUSY", times: 12 }] },
    ],
  ];
  for (const [is, given] of others)
    test(`shutDown() does not mark ${is}`, () => {
      const memory = recordedMachine(given);
      end(memory);
      expect(stateOn(memory)).toMatchObject({ state: "open" });
    });

  for (const trap of [link("/dev/sda"), link("/victim"), node("block", 8 * 256)])
    test(`shutDown() marks the session, and writes through no ${trap.kind}`, () => {
      const memory = recordedMachine({ beside: { [`${recordPath}.new`]: trap } });
      memory.put("/victim", file("text"));
      end(memory);
      expect(stateOn(memory)).toMatchObject({ state: "clean" });
      expect(memory.system.readText("/victim")).toBe("text");
    });

  test("shutDown() tells that the mark could not be written, and goes on", () => {
    const memory = recordedMachine({
      faults: [
        { call: "appendFile", naming: `/backstore/store/${recordPath}.new`, errno: "ENOSPC" },
      ],
    });
    const { how, told, left } = end(memory);
    expect([how, left]).toEqual(["poweroff", []]);
    expect(told).toMatch(
      /^backstore: Cannot write "\/backstore\/store\/persistent_R.*: no space left/,
    );
    expect(stateOn(memory)).toMatchObject({ state: "open" });
  });
});

describe("shutDown()", () => {
  test("shutDown() unmounts the system and its store, says so, and powers the machine off", () => {
    const memory = machine();
    expect(end(memory)).toEqual({
      how: "poweroff",
      argument: undefined,
      told: "backstore: the store is unmounted\n",
      left: [],
    });
    const unmounted = memory.journal.flatMap(({ name, arguments: [target] }) =>
      name === "unmount" ? [target] : [],
    );
    expect(unmounted).toEqual(["/oldroot/run", "/oldroot", "/backstore/store"]);
  });

  for (const [words, how] of [
    [["poweroff"], "poweroff"],
    [["reboot", "--log-level", "6", "--log-target", "kmsg"], "reboot"],
    [["halt"], "halt"],
    [["kexec"], "kexec"],
    [["--timeout", "90s", "halt"], "halt"],
    [["exit"], "poweroff"],
    [[], "poweroff"],
  ] as const)
    test(`shutDown() comes to ${how} when called with "${words.join(" ")}"`, () => {
      expect(end(machine(), { words: [...words] }).how).toBe(how);
    });

  test("shutDown() gives the firmware what it is asked to with a restart, and with nothing else", () => {
    const files = { "run/systemd/reboot-param": "0 tryboot" };
    const given = ["reboot", "poweroff"].map(
      (word) => end(machine({ files }), { words: [word] }).argument,
    );
    expect(given).toEqual(["0 tryboot", undefined]);
  });

  test("shutDown() restarts where no kernel was loaded for kexec", () => {
    const faults: Fault[] = [{ call: "shutDown", naming: "kexec", errno: "EINVAL" }];
    expect(end(machine({ faults }), { words: ["kexec"] })).toMatchObject({
      how: "reboot",
      told: "backstore: the store is unmounted\nbackstore: Cannot start the kernel that was loaded for that: invalid argument\n",
    });
  });

  test("shutDown() never ends by itself: a machine that cannot be switched off waits for a person", () => {
    const { how, told } = end(machine({ faults: [{ call: "shutDown", errno: "EPERM" }] }));
    expect(how).toBe("waits");
    expect(told).toMatch(/backstore: the machine can be switched off now\n$/);
  });

  test("shutDown() tries again when what keeps a mount busy goes away by itself", () => {
    const faults: Fault[] = [{ call: "unmount", naming: "/oldroot", errno: "EBUSY", times: 4 }];
    expect(end(machine({ faults }))).toMatchObject({
      told: "backstore: the store is unmounted\n",
      left: [],
    });
  });

  test("shutDown() ends the processes that keep a mount busy, and names them", () => {
    const faults: Fault[] = [{ call: "unmount", naming: "/oldroot", errno: "EBUSY", times: 6 }];
    const proc = {
      "245/exe": link("/oldroot/usr/sbin/plymouthd"),
      "245/comm": "plymouthd\n",
      "246/exe": link("/shutdown"),
      "246/comm": "shutdown\n",
    };
    const memory = machine({ faults, proc });
    expect(end(memory)).toMatchObject({
      told: [
        'backstore: Cannot unmount "/oldroot": resource busy',
        'backstore: the program "plymouthd" (process 245) still uses the system: terminating it',
        "backstore: the store is unmounted\n",
      ].join("\n"),
      left: [],
    });
    const ended = memory.journal.filter(({ name }) => name === "endProcess");
    expect(ended).toEqual([{ name: "endProcess", arguments: [245] }]);
  });

  test("shutDown() writes out what stays busy, makes it read-only and lets go of it", () => {
    const faults: Fault[] = [{ call: "unmount", naming: "/oldroot", errno: "EBUSY", times: 12 }];
    const memory = machine({ faults });
    expect(end(memory)).toMatchObject({
      how: "poweroff",
      told: [
        'backstore: Cannot unmount "/oldroot": resource busy',
        'backstore: Cannot unmount "/oldroot": resource busy',
        'backstore: still in use: "/oldroot", "/backstore/store"\n',
      ].join("\n"),
      left: [],
    });
    const calls = memory.journal.slice(-5).map(({ name, arguments: [first] }) => [name, first]);
    expect(calls).toEqual([
      ["syncFileSystem", "/backstore/store"],
      ["mount", { source: "none", target: "/backstore/store", flags: ["remount", "ro"] }],
      ["unmount", "/oldroot"],
      ["unmount", "/backstore/store"],
      ["shutDown", "poweroff"],
    ]);
  });

  test("shutDown() does not touch the store while the system above it is there", () => {
    const faults: Fault[] = [{ call: "unmount", naming: "/oldroot", errno: "EBUSY" }];
    const memory = machine({ faults });
    end(memory);
    const last = memory.journal.findIndex(
      ({ name, arguments: [target, how] }) =>
        name === "unmount" && target === "/oldroot" && how === "lazy",
    );
    const store = memory.journal.findIndex(
      ({ name, arguments: [target] }) => name === "unmount" && target === "/backstore/store",
    );
    expect([last > 0, store > last]).toEqual([true, true]);
  });

  test("shutDown() goes on when a mount that is in nobody's way cannot be unmounted", () => {
    const faults: Fault[] = [{ call: "unmount", naming: "/run/stick", errno: "EIO" }];
    const memory = machine({ faults, files: { "run/stick": {} } });
    memory.system.mount({ source: "stick", target: "/run/stick", type: "tmpfs" });
    const { how, told, left } = end(memory);
    expect([how, left]).toEqual(["poweroff", ["/run/stick"]]);
    expect(told).toContain('backstore: Cannot unmount "/run/stick": I/O error\n');
    expect(told).toContain('backstore: still in use: "/run/stick"\n');
  });

  test("shutDown() leaves a file system that does not answer to itself, and puts the store away", () => {
    const memory = machine();
    memory.system.makeDirectory("/oldroot/nfs");
    memory.system.mount({ source: "server:/", target: "/oldroot/nfs", type: "tmpfs" });
    const system: System = {
      ...memory.system,
      unmount(target, how) {
        if (target === "/oldroot/nfs" && how !== "lazy") throw new Stuck();
        memory.system.unmount(target, how);
      },
      background(work) {
        const isOver = isDone(work);
        return { isOver: () => isOver, wait: () => {} };
      },
    };
    const { how, told, left } = end(memory, { system });
    expect([how, left]).toEqual(["poweroff", []]);
    expect(told.split("\n").filter((line) => line.includes("nfs"))).toEqual([
      'backstore: waiting: unmount "/oldroot/nfs"',
      'backstore: Cannot unmount "/oldroot/nfs": timed out',
      'backstore: waiting: unmount "/oldroot/nfs"',
      'backstore: Cannot unmount "/oldroot/nfs": timed out',
      'backstore: still in use: "/oldroot/nfs", "/oldroot", "/backstore/store"',
    ]);
    expect(memory.system.uptimeMs()).toBeLessThan(30_000);
  });

  test("shutDown() waits for as long as something is written, and says how much is left", () => {
    const memory = machine({ proc: { meminfo: meminfo(3000) } });
    let dirty = 3000;
    const system: System = {
      ...memory.system,
      background(work) {
        // The first step lasts until everything is written: half a minute at this rate.
        const isSlow = dirty === 3000;
        work();
        return { isOver: () => !isSlow || dirty === 0, wait: () => {} };
      },
      waitForDevices(timeoutMs) {
        dirty = Math.max(0, dirty - Math.ceil(timeoutMs / 10));
        memory.put("/proc/meminfo", file(meminfo(dirty)));
        return memory.system.waitForDevices(timeoutMs);
      },
    };
    const { how, told } = end(memory, { system });
    expect(how).toBe("poweroff");
    const lines = told.trimEnd().split("\n");
    expect(lines.pop()).toBe("backstore: the store is unmounted");
    const sizes = lines.map(
      (line) =>
        /^backstore: waiting: move the mount .* \((\S+ .iB) left to write\)$/.exec(line)?.[1],
    );
    expect(sizes).toEqual(["2.4 GiB", "1.9 GiB", "1.4 GiB", "995.0 MiB", "495.0 MiB"]);
  });

  test("shutDown() tells a bug and ends the machine all the same", () => {
    const memory = machine();
    const system: System = {
      ...memory.system,
      mounts() {
        throw new TypeError("x is not a function");
      },
    };
    expect(end(memory, { system, words: ["reboot"] })).toMatchObject({
      how: "reboot",
      told: "bug: TypeError: x is not a function\n",
    });
  });
});
