// "backstore grow" and "backstore shrink" in process on a machine in memory: hosts that this
// machine's kernel cannot mount, and the messages of refusals.
import { describe, expect, test } from "vitest";
import { call } from "../support/call.ts";
import * as formats from "../support/formats.ts";
import type { Memory, Program } from "../support/memory.ts";
import { programs, storesMachine } from "../support/stores-machine.ts";

const MiB = 2 ** 20;

/** Writes the fields that are read before a resize, as mkfs would have. */
function setSize({ system }: Memory, store: string, bytes: number): void {
  const head = system.readBytes(store, 0, 4096);
  const sized = formats.change(
    head,
    ["u32le", 1024 + 0x04, bytes / 4096],
    ["u32le", 1024 + 0x18, 2],
    ["u32le", 1024 + 0x20, 32768],
    ["u32le", 1024 + 0x28, 8192],
    ["u32le", 1024 + 0x4c, 1],
    ["u16le", 1024 + 0x58, 256],
    ["u32le", 1024 + 0x5c, 0x14],
    ["u32le", 1024 + 0x60, 0x242],
    ["u32le", 1024 + 0x64, 0x3],
    ["u16le", 1024 + 0xce, 1024],
  );
  system.writeBytes(store, 0, sized);
}

/** Stand-ins for e2fsprogs: the copy is a copy, and nothing in it changes. */
const tools: Readonly<Record<string, Program>> = {
  ...programs,
  e2image: ({ argv, system }) => {
    const [, , store = "", copy = ""] = argv;
    system.writeFile(copy, system.readBytes(store, 0, 4096));
    return {};
  },
  e2fsck: () => ({}),
  env: () => ({}),
  resize2fs: () => ({ stdout: "Estimated minimum size of the filesystem: 4096\n" }),
};

async function withStore(directory: string, more: Readonly<Record<string, Program>> = {}) {
  const memory = storesMachine({ programs: { ...tools, ...more } });
  const store = `${directory}/sysrcd.bs`;
  await call(memory, ["create", directory, "64"]);
  setSize(memory, store, 64 * MiB);
  return { memory, store };
}

describe("backstore grow", () => {
  for (const host of ["vfat", "exfat", "ext4", "btrfs", "xfs"]) {
    test(`a store on ${host} grows, and nothing stays beside it`, async () => {
      const { memory, store } = await withStore(`/mnt/${host}`);
      const { status, stdout, stderr } = await call(memory, ["grow", `/mnt/${host}`, "128"]);
      expect([status, stderr]).toEqual([0, ""]);
      expect(stdout.trimEnd().split("\n").at(-1)).toBe(
        `The store "${store}" now has 128.0 MiB, was 64.0 MiB (ext4)`,
      );
      const grown = memory.system.status(store);
      expect(grown?.bytes).toBe(128 * MiB);
      expect(grown?.allocatedBytes).toBeGreaterThanOrEqual(128 * MiB);
      expect(memory.system.list(`/mnt/${host}`)).toEqual(["sysrcd.bs"]);
    });
  }

  test("max on vfat is the largest file that it can hold", async () => {
    const { memory, store } = await withStore("/mnt/vfat");
    expect(await call(memory, ["grow", "/mnt/vfat", "max"])).toMatchObject({ status: 0 });
    expect(memory.system.status(store)?.bytes).toBe(4095 * MiB);
  });

  const refused = [
    [
      "/mnt/vfat",
      "4G",
      7,
      'Cannot grow "/mnt/vfat/sysrcd.bs" to 4.0 GiB: a file on vfat must be smaller than 4.0 GiB\nHint: choose a size of at most 4095 MiB',
    ],
    ["/mnt/xfs", "2G", 7, 'is free on "/mnt/xfs"'],
    ["/mnt/xfs", "32", 2, 'shrink it: backstore shrink "/mnt/xfs/sysrcd.bs" 32'],
    ["/home/nothing.bs", "32", 4, 'Cannot grow "/home/nothing.bs": no such file'],
  ] as const;
  for (const [path, size, expected, sentence] of refused) {
    test(`grow ${path} ${size} is refused, and nothing is touched`, async () => {
      const directory = path.startsWith("/mnt") ? path : "/mnt/ext4";
      const { memory } = await withStore(directory);
      const before = memory.journal.length;
      const { status, stderr } = await call(memory, ["grow", path, size]);
      expect(status).toBe(expected);
      expect(stderr).toContain(sentence);
      expect(memory.journal.slice(before).filter(({ name }) => name !== "withLock")).toEqual([]);
    });
  }

  test("a tool that is missing is named with its package, and the file is as long as it was", async () => {
    const { memory, store } = await withStore("/mnt/ext4", { e2image: () => ({ status: 127 }) });
    const { status, stderr } = await call(memory, ["grow", store, "128"]);
    expect(status).toBe(3);
    expect(stderr).toContain('"e2image" is not installed\nHint: install the package "e2fsprogs"');
    expect(memory.system.status(store)?.bytes).toBe(64 * MiB);
    expect(memory.system.list("/mnt/ext4")).toEqual(["sysrcd.bs"]);
  });

  test("what e2fsck cannot set right is damage, and the file is as long as it was", async () => {
    const { memory, store } = await withStore("/mnt/ext4", { env: () => ({ status: 4 }) });
    const { status, stderr } = await call(memory, ["grow", store, "128"]);
    expect(status).toBe(6);
    expect(stderr).toContain(
      `its file system is damaged\nHint: see what is wrong: e2fsck -f -n ${store}`,
    );
    expect(memory.system.status(store)?.bytes).toBe(64 * MiB);
    expect(memory.system.list("/mnt/ext4")).toEqual(["sysrcd.bs"]);
  });
});

describe("backstore shrink", () => {
  test("less than its files need is refused", async () => {
    const { memory, store } = await withStore("/mnt/ext4");
    const { status, stderr } = await call(memory, ["shrink", store, "12"]);
    expect([status, stderr]).toEqual([
      7,
      `backstore: Cannot shrink "${store}" to 12.0 MiB: its contents need 16 MiB\nHint: choose a size of at least 16 MiB\n`,
    ]);
  });

  test("a store is cut when its file system is smaller", async () => {
    const { memory, store } = await withStore("/mnt/vfat");
    expect(await call(memory, ["shrink", "/mnt/vfat", "min"])).toMatchObject({ status: 0 });
    expect(memory.system.status(store)?.bytes).toBe(16 * MiB);
    expect(memory.system.list("/mnt/vfat")).toEqual(["sysrcd.bs"]);
  });
});

test("a store on a boot stick that its session has read-only is written through another mount", async () => {
  const { memory, store } = await withStore("/mnt/ext4");
  memory.system.makeDirectory("/home/shown");
  memory.system.mount({ source: "/mnt/ext4", target: "/home/shown", flags: ["bind"] });
  const flags = ["remount", "bind", "ro"] as const;
  memory.system.mount({ source: "none", target: "/home/shown", flags });
  const { status, stdout } = await call(memory, ["grow", "/home/shown", "128", "--dry-run"]);
  expect(status).toBe(0);
  expect(stdout).toContain(`allocate "${store}" from 64.0 MiB to 128.0 MiB`);
});
