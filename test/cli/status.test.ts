// "backstore status" on machines in memory that have been booted: the whole output is in
// test/golden/cli.
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { formatInstallRecord } from "../../src/core/install/install-record.ts";
import type { System } from "../../src/system/port/system.ts";
import { stick } from "../boot/start.ts";
import { bootMemory } from "../support/booted.ts";
import { call, ext4 } from "../support/call.ts";
import * as formats from "../support/formats.ts";
import { directory, file, type Tree } from "../support/memory/entry.ts";
import { image } from "../support/memory/image.ts";
import { createMemory, type Memory } from "../support/memory.ts";

const used: Tree = { upperdir: { etc: { motd: "changed\n" } }, workdir: {} };

/** Makes a stick's file store, a new one for each machine. */
function inFile(): Tree {
  const inner = ext4("inner", used);
  return { "sysrcd.bs": file({ ...inner, allocated: inner.length }) };
}

const pieces = [{ offset: 0, bytes: formats.squashfs() }];
const srm = file(image({ type: "squashfs", bytes: 8192, pieces }));

/** Boots on a directory store, on a file store on the boot stick, or without one. */
const machines = {
  directory: () =>
    bootMemory("cow_label=store", {
      disks: [
        stick(),
        {
          name: "sdb",
          content: ext4("store", {
            "persistent_RESCUE1100/x86_64": used,
            "persistent_RESCUE904/photos": "x".repeat(1 << 20),
          }),
        },
      ],
    }),
  file: () => bootMemory("", { disks: [stick(inFile())] }),
  readonly: () => bootMemory("backstore=readonly", { disks: [stick(inFile())] }),
  off: () => bootMemory("backstore=off", { disks: [stick(inFile())] }),
  modules: () =>
    bootMemory("loadsrm", { disks: [stick({ "sysresccd/a.srm": srm, "sysresccd/b.srm": srm })] }),
  installed: () =>
    bootMemory("", {
      disks: [
        stick({
          ...inFile(),
          "backstore/install2.json": formatInstallRecord({
            ...{ format: 1, version: "0.0.9", family: "live-boot", files: [] },
          }),
        }),
      ],
    }),
  missing: () =>
    bootMemory("cow_label=store backstore=wait=1 cow_spacesize=1M", { disks: [stick()] }),
};

const store = "/run/initramfs/backstore/store";
const directoryPath = "persistent_RESCUE1100/x86_64";

/** Lets time pass; earlier announcements end no wait after that. */
function passTime(system: System, milliseconds: number): void {
  system.waitForDevices(0);
  system.waitForDevices(milliseconds);
}

/** Changes the text of boot.json. */
function rewrite({ system }: Memory, change: (text: string) => string): void {
  const path = "/run/backstore/boot.json";
  const text = change(system.readText(path));
  system.removeFile(path);
  system.writeFile(path, text);
}

interface Case {
  readonly golden: string;
  readonly machine: keyof typeof machines;
  readonly word: string;
  readonly words?: readonly string[];
  /** The version of the command. */
  readonly version?: string;
  /** What happens after the boot. */
  readonly after?: (memory: Memory) => void;
}

const cases: readonly Case[] = [
  { golden: "directory", machine: "directory", word: "persistent" },
  { golden: "file", machine: "file", word: "persistent" },
  { golden: "json", machine: "file", word: "persistent", words: ["--json"] },
  { golden: "readonly", machine: "readonly", word: "read-only" },
  { golden: "off", machine: "off", word: "volatile" },
  { golden: "installed", machine: "installed", word: "persistent" },
  { golden: "older", machine: "installed", word: "persistent", version: "99.1.0" },
  { golden: "installed-json", machine: "installed", word: "persistent", words: ["--json"] },
  { golden: "modules", machine: "modules", word: "volatile" },
  { golden: "missing", machine: "missing", word: "volatile" },
  { golden: "missing-json", machine: "missing", word: "volatile", words: ["--json"] },
  {
    golden: "memory-full",
    machine: "missing",
    word: "volatile",
    after: ({ system }) => system.writeFile("/new", new Uint8Array(1000 << 10)),
  },
  {
    golden: "filling",
    machine: "file",
    word: "persistent",
    after({ system }) {
      system.writeFile("/new", new Uint8Array(56 << 20));
      passTime(system, 2 * 3_600_000);
    },
  },
  {
    golden: "emptied",
    machine: "directory",
    word: "persistent",
    after({ system }) {
      system.removeFile(`${store}/persistent_RESCUE904/photos`);
      passTime(system, 90_000);
    },
  },
  {
    golden: "gone-readonly",
    machine: "directory",
    word: "read-only",
    after(memory) {
      memory.system.mount({ source: "/dev/sdb", target: store, flags: ["remount", "ro"] });
      const errors = { errors_count: "2\n", last_error_time: "1767323045\n" };
      memory.put("/sys/fs", directory({ "ext4/sdb": errors }));
    },
  },
  {
    golden: "error-stops",
    machine: "directory",
    word: "read-only",
    after: (memory) => memory.put("/sys/fs", directory({ "ext4/sdb/errors_count": "1\n" })),
  },
  {
    golden: "error-goes-on",
    machine: "directory",
    word: "persistent",
    after(memory) {
      memory.put("/sys/fs", directory({ "ext4/sdb/errors_count": "1\n" }));
      memory.put("/proc/fs", directory({ "ext4/sdb/options": "rw\nerrors=continue\n" }));
    },
  },
  {
    golden: "pulled",
    machine: "file",
    word: "volatile",
    after: ({ system }) => system.removeFile("/dev/sda"),
  },
  {
    golden: "over-mounted",
    machine: "directory",
    word: "unknown",
    after: ({ system }) => system.mount({ source: "none", target: store, type: "tmpfs" }),
  },
  {
    golden: "another-root",
    machine: "directory",
    word: "unknown",
    after({ system }) {
      system.mount({ source: "none", target: "/mnt", type: "tmpfs" });
      for (const name of ["dev", "proc", "run", "sys"]) {
        system.makeDirectory(`/mnt/${name}`);
        system.mount({ source: `/${name}`, target: `/mnt/${name}`, flags: ["bind", "rec"] });
      }
      system.mount({ source: "/mnt", target: "/", flags: ["move"] });
    },
  },
  {
    golden: "another-disk",
    machine: "directory",
    word: "unknown",
    after: (memory) => rewrite(memory, (text) => text.replaceAll("/dev/sdb", "/dev/sdc")),
  },
  {
    golden: "hostile",
    machine: "missing",
    word: "volatile",
    after: (memory) =>
      rewrite(memory, (text) =>
        text
          .replace(/"(?:reason|message)": "(?=there is|Cannot)/g, "$&\\u001b[2J\\n")
          // As written by a boot that did not mark the problem that is the reason.
          .replace(/,\s*"isReason": true/, "")
          .replaceAll('"label": "RESCUE1100"', '"label": "\\u001b[2J\\n\\u202e"'),
      ),
  },
  {
    golden: "unreadable",
    machine: "directory",
    word: "unknown",
    after: (memory) => rewrite(memory, () => "{"),
  },
];

describe("backstore status", () => {
  for (const { golden, machine, word, words = [], after, ...more } of cases) {
    test(`backstore status says what stands in status-${golden}.txt`, async () => {
      const memory = machines[machine]();
      after?.(memory);
      const { status, stdout, stderr } = await call(memory, ["status", ...words], more);
      expect([status, stderr]).toEqual([word === "persistent" ? 0 : 9, ""]);
      await expect(stdout).toMatchFileSnapshot(
        join(import.meta.dirname, `../golden/cli/status-${golden}.txt`),
      );
    });

    test(`backstore status --short says ${word} in the case of status-${golden}.txt`, async () => {
      const memory = machines[machine]();
      after?.(memory);
      const { status, stdout } = await call(memory, ["status", "--short"]);
      expect([status, stdout]).toEqual([word === "persistent" ? 0 : 9, `${word}\n`]);
    });
  }

  test("backstore status says that a system was not booted by backstore", async () => {
    expect(await call(createMemory(), ["status"])).toEqual({
      status: 9,
      stdout: "none: this system was not booted by backstore (no /run/backstore/boot.json)\n",
      stderr: "",
    });
    expect((await call(createMemory(), ["status", "--short"])).stdout).toBe("none\n");
  });

  const unreadable = [
    ["EIO", "volatile", "The store cannot be read: I/O error"],
    ["EACCES", "persistent", undefined],
  ] as const;
  for (const [errno, word, finding] of unreadable) {
    test(`backstore status says ${word} when reading the changes gives ${errno}`, async () => {
      const memory = bootMemory("", {
        disks: [stick(inFile())],
        faults: [{ call: "list", naming: `${store}/upperdir`, errno }],
      });
      const { stdout } = await call(memory, ["status"]);
      expect(stdout.split(":")[0]).toBe(word);
      if (finding === undefined) expect(stdout).not.toContain("Problems");
      else expect(stdout).toContain(finding);
    });
  }

  /** Has the kernel count something for a store, whose log only root may read. */
  async function countOn(type: "ext4" | "btrfs", counted: Tree, isLogRead = false) {
    const content =
      type === "ext4"
        ? ext4("store", { [directoryPath]: used })
        : image({
            type,
            tree: { [directoryPath]: used },
            pieces: [{ offset: 0, bytes: formats.btrfs("store") }],
          });
    const memory = bootMemory("cow_label=store", {
      disks: [stick(), { name: "sdb", content }],
      ...(isLogRead ? {} : { faults: [{ call: "kernelLog", errno: "EPERM" }] }),
    });
    memory.put("/sys/fs", directory(counted));
    return (await call(memory, ["status"])).stdout;
  }

  const stats = (write: number, flush: number) => ({
    btrfs: {
      features: {},
      [formats.uuid]: {
        devices: { sdb: "" },
        devinfo: {
          1: {
            error_stats: `write_errs ${write}\nread_errs 9\nflush_errs ${flush}\ncorruption_errs 9\n`,
          },
        },
      },
    },
  });
  const lossy: readonly (readonly [string, "ext4" | "btrfs", Tree, string | undefined])[] = [
    ["warnings of ext4", "ext4", { "ext4/sdb/warning_count": "39\n" }, "39 warnings"],
    ["no warnings of ext4", "ext4", { "ext4/sdb/warning_count": "0\n" }, undefined],
    ["warnings of another ext4", "ext4", { "ext4/sdc/warning_count": "39\n" }, undefined],
    ["failed writes of btrfs", "btrfs", stats(1, 2), "3 failed writes"],
    ["other errors of btrfs", "btrfs", stats(0, 0), undefined],
    ["no statistics", "btrfs", {}, undefined],
  ];
  for (const [what, type, counted, words] of lossy)
    test(`backstore status without the kernel log takes ${what} for what they may be`, async () => {
      const told = await countOn(type, counted);
      expect(told.split(":")[0]).toBe(words === undefined ? "persistent" : "unknown");
      if (words !== undefined) expect(told).toContain(`the kernel counts ${words} for "/dev/sdb"`);
      expect((await countOn(type, counted, true)).split(":")[0]).toBe("persistent");
    });

  test("backstore status says so when a change cannot be reached", async () => {
    const memory = bootMemory("", {
      disks: [stick(inFile())],
      faults: [{ call: "linkStatus", naming: "/etc/motd", errno: "EPERM" }],
    });
    const { status, stdout } = await call(memory, ["status"]);
    expect(status).toBe(9);
    await expect(stdout).toMatchFileSnapshot(
      join(import.meta.dirname, "../golden/cli/status-unreachable.txt"),
    );
  });

  test("backstore status changes nothing", async () => {
    const memory = machines.file();
    const done = memory.journal.length;
    await call(memory, ["status"]);
    expect(memory.journal.slice(done)).toEqual([]);
  });

  const wrong = [
    [["/mnt"], 'unexpected argument "/mnt"'],
    [["--json", "--short"], '"--json" and "--short" cannot be used together'],
  ] as const;
  for (const [words, reason] of wrong) {
    test(`backstore status ${words.join(" ")} is refused`, async () => {
      const { status, stdout, stderr } = await call(createMemory(), ["status", ...words]);
      expect([status, stdout.includes("session")]).toEqual([2, false]);
      expect(stderr).toContain(`Cannot run "backstore status": ${reason}`);
    });
  }
});
