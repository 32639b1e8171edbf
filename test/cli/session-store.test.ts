// What commands mean where no store is named, on machines in memory that have been booted.
import { describe, expect, test } from "vitest";
import { stick } from "../boot/start.ts";
import { bootMemory } from "../support/booted.ts";
import { call, ext4 } from "../support/call.ts";
import { file } from "../support/memory/entry.ts";
import { createMemory, type Memory } from "../support/memory.ts";

const used = { upperdir: {}, workdir: {} };

const machines = {
  file: () => {
    const inner = ext4("inner", used);
    return bootMemory("", {
      disks: [stick({ "sysrcd.bs": file({ ...inner, allocated: inner.length }) })],
    });
  },
  directory: () =>
    bootMemory("cow_label=store", {
      disks: [
        stick(),
        { name: "sdb", content: ext4("store", { "persistent_RESCUE1100/x86_64": used }) },
      ],
    }),
  volatile: () => bootMemory("backstore=off", { disks: [stick()] }),
};
const root = { isRoot: true };

/** Makes a machine whose system has a place for temporary files. */
function booted(kind: keyof typeof machines): Memory {
  const memory = machines[kind]();
  memory.system.makeDirectory("/tmp");
  return memory;
}

describe("check without a store", () => {
  const cases = [
    ["file", "/sysrcd.bs"],
    ["directory", "/persistent_RESCUE1100/x86_64"],
  ] as const;
  for (const [kind, path] of cases)
    test(`means that of the session, which is a ${kind}`, async () => {
      const { stdout, stderr } = await call(booted(kind), ["check", "-J"], root);
      expect(stderr).toBe("");
      const { stores } = JSON.parse(stdout);
      expect(stores).toMatchObject([{ kind, path, inUse: { by: "session" } }]);
    });

  test("means every store with --all, and where the session has none", async () => {
    const all = JSON.parse((await call(booted("file"), ["check", "--all", "-J"], root)).stdout);
    expect(all.stores).toMatchObject([{ path: "/sysrcd.bs", device: expect.any(String) }]);
    const none = await call(booted("volatile"), ["check"], root);
    expect([none.status, none.stdout]).toEqual([4, "No store was found.\n"]);
  });
});

describe("grow without a path", () => {
  test("means the store of the session", async () => {
    const { stderr } = await call(machines.file(), ["grow", "1", "-n"], root);
    expect(stderr).toContain('"/run/backstore/host/sysrcd.bs"');
  });

  const refusals = [
    ["directory", 2, "it is a directory, which is as large as its file system"],
    ["volatile", 4, "there is none"],
  ] as const;
  for (const [machine, status, why] of refusals)
    test(`is refused in a session where ${why}`, async () => {
      const ended = await call(machines[machine](), ["grow", "max"], root);
      expect(ended.status).toBe(status);
      expect(ended.stderr).toContain(`Cannot grow the store of this session: ${why}\nHint: `);
    });

  test("is refused where the system was not booted by backstore", async () => {
    const ended = await call(createMemory(), ["grow", "2G"], root);
    expect([ended.status, ended.stderr]).toEqual([
      4,
      "backstore: Cannot grow the store of this session: there is none\nHint: name a store: backstore grow PATH SIZE\n",
    ]);
  });
});

describe("the session's host has one name", () => {
  const real = "/run/initramfs/backstore/host";
  const commands = [
    ["status"],
    ["status", "-J"],
    ["list"],
    ["list", "-J"],
    ["check"],
    ["check", "-J"],
    ["check", `${real}/sysrcd.bs`],
    ["grow", "1", "-n"],
    ["grow", real, "max", "-n"],
    ["shrink", `${real}/sysrcd.bs`, "1"],
    ["label", `${real}/sysrcd.bs`, "other"],
    ["create", real, "1"],
    ["create", `${real}/other.bs`, "1", "-n"],
    ["create", `${real}/other.bs`, "1", "-n", "-J"],
  ];
  for (const words of commands)
    test(`in what "backstore ${words.join(" ")}" says`, async () => {
      const { stdout, stderr } = await call(booted("file"), words, root);
      expect(`${stdout}${stderr}`).not.toBe("");
      // What the user has typed is repeated as it is.
      const [, ...own] = words;
      const said = own.reduce((text, word) => text.replaceAll(`"${word}"`, ""), stdout + stderr);
      expect(said).not.toContain("/run/initramfs/");
    });
});

describe("what is done in the session's host goes through its name", () => {
  const real = "/run/initramfs/backstore/host";
  // As far as a machine in memory gets, which is behind the directory.
  const cases = [
    [["grow", "max"], "the superblock of its ext4 file system is inconsistent"],
    [["grow", real, "max"], "the superblock of its ext4 file system is inconsistent"],
    [["create", `${real}/other.bs`, "8"], "only 0 B is free"],
    [["label", `${real}/sysrcd.bs`, "other"], '"tune2fs" is not installed'],
  ] as const;
  for (const [words, reason] of cases)
    test(`by "backstore ${words.join(" ")}"`, async () => {
      const { stderr } = await call(booted("file"), words, root);
      expect(stderr).toMatch(`"/run/backstore/host/`);
      expect(stderr).toMatch(reason);
    });
});
