// "backstore list" end to end on a machine in memory: the whole output is in test/golden/cli.
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { formatInstallRecord } from "../../src/core/install/install-record.ts";
import { formatResizeRecord } from "../../src/core/stores/resize-record.ts";
import { call, ext4, imageFiles, partitioned, rescue } from "../support/call.ts";
import * as formats from "../support/formats.ts";
import { type Content, sparseContent } from "../support/memory/content.ts";
import { type Entry, file, link, type Tree } from "../support/memory/entry.ts";
import { image } from "../support/memory/image.ts";
import { createMemory, type Machine, type Memory } from "../support/memory.ts";

/** Returns the record of a store with its last session; older versions did not record one. */
function recordOf(session?: object): string {
  return `${JSON.stringify({
    format: 1,
    id: "7d0c8f3e-0000-4000-8000-000000000001",
    created: "2026-01-02T03:04:05Z",
    tool: "backstore 0.1.0",
    base: {
      label: "RESCUE1100",
      image: "sysresccd/x86_64/airootfs.sfs",
      ...(session === undefined ? {} : { release: "11.00", fingerprint: "squashfs-1" }),
    },
    session,
    overlay: "index=off,metacopy=off,xino=off,redirect_dir=nofollow",
  })}\n`;
}

const open = {
  state: "open",
  boot: "7d0c8f3e-0000-4000-8000-000000000002",
  machine: "ACME Box 3 [0a1b2c3d]",
  count: 7,
  started: "2026-01-03T04:05:06.789Z",
};
const changes: Tree = { "upperdir/etc/motd": "changed\n", workdir: {} };
const used: Tree = { ...changes, "backstore.json": recordOf() };
const ended: Tree = {
  ...changes,
  "backstore.json": recordOf({ ...open, state: "clean", ended: "2026-01-03T05:06:07.890Z" }),
};
const cutOff: Tree = { ...changes, "backstore.json": recordOf(open) };
const aufs: Tree = { ".wh..wh.aufs": "", ".wh..wh.plnk": {}, etc: {} };

const base = [{ offset: 0, bytes: formats.squashfs() }];
const luks = [{ offset: 0, bytes: formats.luks(1) }];

/** Makes a stick with a file store at its top. */
function stick(label: string, tree: Tree): Content {
  return image({
    type: "vfat",
    tree,
    pieces: [{ offset: 0, bytes: formats.vfat(32, label) }],
  });
}

/** Makes a store's file, fully allocated unless it is left sparse. */
function storeFile(tree: Tree, isSparse = false): Entry {
  const content = ext4("", tree);
  const { length } = content;
  if (isSparse) return file(content);
  return file({ ...content, extents: [{ from: 0, to: length }], allocated: length });
}

const directories = ext4("store", {
  "persistent_RESCUE1100/x86_64": used,
  "persistent_RESCUE904/x86_64/upperdir/etc/motd": "older\n",
  "persistent_RESCUE904/readme": "no directory\n",
  "persistent_ARCH/x86_64/photos": {},
  "persistent_NEW/x86_64": {},
  "sysrcd.bs": storeFile(used),
});

function installRecord(version: string): string {
  return formatInstallRecord({ format: 1, version, family: "live-boot", files: [] });
}

const resize = { from: 1 << 26, to: 1 << 27, stage: "growing", scratch: "/tmp/x" };
const images = imageFiles({
  "rescue.img": rescue("RESCUE1100"),
  "directories.img": directories,
  "top.img": ext4("top", ended),
  "aufs.img": stick("AUFS", { "sysrcd.bs": storeFile(aufs) }),
  "sparse.img": stick("SPARSE", { "sysrcd.bs": storeFile(cutOff, true) }),
  "broken.img": stick("BROKEN", { "sysrcd.bs": "no file system\n" }),
  "directory.img": stick("DIRECTORY", { "sysrcd.bs": {} }),
  "cut.img": stick("CUT", { "sysrcd.bs.backstore-new": "" }),
  "grown.img": stick("GROWN", {
    "sysrcd.bs": storeFile(used),
    "sysrcd.bs.backstore-intent": formatResizeRecord({
      operation: "grow",
      ...resize,
      stage: "growing",
    }),
  }),
  "newer.img": stick("NEWER", {
    "sysrcd.bs": storeFile(used),
    "sysrcd.bs.backstore-intent": "{}",
  }),
  "medium.img": stick("RESCUE1100", {
    "sysresccd/x86_64/airootfs.sfs": file(
      image({ type: "squashfs", bytes: 1 << 20, pieces: base }),
    ),
    "sysrcd.bs": storeFile(used),
  }),
  "linked.img": stick("LINKED", { stores: link("/"), "sysrcd.bs": link("/medium.img") }),
  "spaces.img": ext4("spaces", {
    "persistent_a b/x86_64": used,
    "sysrcd.bs": storeFile(used),
    "my store.bs": storeFile({}),
  }),
  "installed.img": stick("INSTALLED", {
    "backstore/install1.json": installRecord("0.0.0"),
    "sysrcd.bs": storeFile(used),
  }),
  "older.img": stick("OLDER", {
    "backstore/install1.json": "{",
    "backstore/install2.json": installRecord("0.0.0"),
  }),
  "forged.img": stick("FORGED", { backstore: { "install1.json": link("/record") } }),
  "own.img": stick("OWN", { "stores/my.bs": storeFile({}) }),
  "hostile.img": ext4('a"b\n\u001b[2J', { "persistent_\u001b[2J\n/x86_64": used }),
  "odd.img": stick("ODD", {
    "sysrcd.bs": file(image({ type: "none", bytes: 4096, pieces: luks })),
  }),
  "locked.img": sparseContent(4096, luks),
  "raid.img": sparseContent(1 << 20, [{ offset: 0, bytes: formats.md("1.2") }]),
  "lvm.img": sparseContent(1 << 20, [{ offset: 0, bytes: formats.lvm() }]),
  "bcache.img": sparseContent(1 << 20, [{ offset: 0, bytes: formats.bcache() }]),
  "claimed.img": image({
    type: "ext4",
    tree: { "sysrcd.bs": storeFile(used) },
    pieces: [
      { offset: 0, bytes: formats.xfs().slice(0, 1024) },
      { offset: 1024, bytes: formats.ext("ext4").slice(1024) },
    ],
  }),
  "empty.img": sparseContent(0),
});
const machine: Machine = { files: images };
const all = Object.keys(images).flatMap((name) => ["--image", `/${name}`]);

const running: Machine = {
  files: { mnt: {}, store: {}, lower: {}, merged: {} },
  proc: { cmdline: "BOOT_IMAGE=vmlinuz archisolabel=RESCUE1100 cow_label=store\n" },
  sys: { "module/overlay/parameters": { index: "N\n", metacopy: "N\n", redirect_dir: "N\n" } },
  disks: [
    {
      name: "sda",
      content: partitioned([rescue("RESCUE1100"), directories]),
      place: "pci0000:00/usb1/1-1",
      partitions: [1, 2].map((number) => ({
        number,
        offset: (1 << 20) + (number - 1) * (64 << 20),
        bytes: 64 << 20,
      })),
    },
    { name: "sdb", content: ext4("home") },
    { name: "sr0", content: sparseContent(0) },
  ],
};

/** Uses the stores of the running machine as a session does, except for the overlay's place. */
function useStores({ system }: Memory): void {
  system.mount({ source: "/dev/sda2", target: "/mnt", type: "ext4" });
  system.withLoop({ file: "/mnt/sysrcd.bs", readonly: false }, (loop) =>
    system.mount({ source: loop, target: "/store", type: "ext4" }),
  );
  const layers = ["upperdir", "workdir"].map((name) => `${name}=/store/${name}`);
  const data = ["lowerdir=/lower", ...layers].join(",");
  system.mount({ source: "overlay", target: "/merged", type: "overlay", data });
}

interface Case {
  readonly golden: string;
  readonly words: readonly string[];
  readonly isRoot?: boolean;
  /** The version of the command. */
  readonly version?: string;
  readonly machine?: Machine;
  readonly before?: (memory: Memory) => void;
}

const cases: readonly Case[] = [
  { golden: "everything", words: all, isRoot: true },
  { golden: "no-root", words: all },
  { golden: "json", words: ["--image", "/directories.img", "--json"], isRoot: true },
  {
    golden: "installed",
    words: ["--image", "/installed.img", "--image", "/older.img", "--image", "/forged.img"],
    isRoot: true,
    version: "0.1.0",
  },
  {
    golden: "installed-json",
    words: ["--image", "/installed.img", "--json"],
    isRoot: true,
    version: "0.1.0",
  },
  { golden: "nothing", words: ["--image", "/rescue.img"], isRoot: true },
  {
    golden: "own-path",
    words: ["--image", "/own.img", "--cmdline", "backstore=alldev,/stores/my.bs"],
    isRoot: true,
  },
  {
    golden: "on-the-medium",
    words: ["--image", "/medium.img", "--image", "/sparse.img"],
    isRoot: true,
  },
  {
    golden: "two",
    words: ["--image", "/grown.img", "--image", "/sparse.img", "--cmdline", "backstore=alldev"],
    isRoot: true,
  },
  { golden: "off", words: ["--image", "/spaces.img", "--cmdline", "backstore=off"], isRoot: true },
  {
    golden: "other-path",
    words: ["--image", "/spaces.img", "--cmdline", '"backstore=alldev,/my store.bs"'],
    isRoot: true,
  },
  {
    golden: "linked",
    words: ["--image", "/linked.img", "--cmdline", "backstore=alldev,/stores/medium.img"],
    isRoot: true,
  },
  {
    golden: "directory",
    words: ["--image", "/directories.img", "--cmdline", "cow_label=store archisolabel=RESCUE904"],
    isRoot: true,
  },
  {
    golden: "misspelt",
    words: ["--image", "/directories.img", "--cmdline", "cow_labl=store backstore=wiat=3"],
    isRoot: true,
  },
  {
    golden: "problems-json",
    words: ["--image", "/top.img", "--json", "--cmdline", "cow_label=top cow_spacesize=x"],
    isRoot: true,
  },
  { golden: "running", words: [], machine: running, isRoot: true },
  { golden: "in-use", words: [], machine: running, isRoot: true, before: useStores },
  { golden: "running-no-root", words: [], machine: running },
];

describe("backstore list", () => {
  for (const { golden, words, isRoot = false, machine: own = machine, before, ...more } of cases) {
    test(`backstore list says what stands in list-${golden}.txt`, async () => {
      const memory = createMemory(own);
      before?.(memory);
      const { status, stdout, stderr } = await call(memory, ["list", ...words], {
        isRoot,
        ...(more.version !== undefined && { version: more.version }),
      });
      expect([status, stderr]).toEqual([0, ""]);
      const path = join(import.meta.dirname, `../golden/cli/list-${golden}.txt`);
      await expect(stdout).toMatchFileSnapshot(path);
    });
  }

  test("backstore list leaves no mount and no directory behind, and writes to nothing", async () => {
    const memory = createMemory(running);
    useStores(memory);
    const before = [memory.system.mounts(), memory.system.list("/tmp")];
    const done = memory.journal.length;
    await call(memory, ["list"], { isRoot: true });
    expect([memory.system.mounts(), memory.system.list("/tmp")]).toEqual(before);
    const names = new Set(memory.journal.slice(done).map(({ name }) => name));
    const looking = ["makeDirectory", "makeTemporaryDirectory", "removeDirectory"];
    expect([...names].filter((name) => !looking.includes(name)).sort()).toEqual([
      "isolateMounts",
      "mount",
      "unmount",
      // Of the directory that it makes to look, and of nothing else.
      "withLock",
      "withLoop",
    ]);
  });

  test("backstore list changes nothing at all without root", async () => {
    const memory = createMemory(machine);
    await call(memory, ["list", ...all]);
    expect(memory.journal).toEqual([]);
  });

  test("backstore list does without looking where root may not mount", async () => {
    const faults = [{ call: "isolateMounts", errno: "EPERM" }] as const;
    const memory = createMemory({ ...machine, faults });
    const { status, stdout } = await call(memory, ["list", ...all], { isRoot: true });
    expect(status).toBe(0);
    expect(stdout).toContain("it cannot be inspected without root");
  });

  const crowds = [
    ["side by side", (at: number) => `persistent_${at}/x86_64`],
    ["below one", (at: number) => `persistent_one/${at}`],
    [
      "of which the first are empty",
      (at: number) => (at < 120 ? `persistent_${at}` : `persistent_x/${at}`),
    ],
  ] as const;
  for (const [how, name] of crowds)
    test(`backstore list names 100 of hundreds of directories ${how}, and that there are more`, async () => {
      const tree = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [name(at), used]));
      const memory = createMemory({ files: imageFiles({ "many.img": ext4("many", tree) }) });
      const words = ["list", "--json", "--image", "/many.img"];
      const { stdout } = await call(memory, words, { isRoot: true });
      const { stores, unseen } = JSON.parse(stdout);
      expect(stores.length).toBeLessThanOrEqual(100);
      expect(unseen).toMatchObject([
        { reason: expect.stringMatching(/and the others were left out$/) },
      ]);
    });

  const looped: Machine = {
    files: {
      ...{ mnt: {}, one: {}, two: {}, three: {}, "run/backstore": {} },
      "kept.img": file(directories),
      "top.img": file(ext4("top", ended)),
      "base.img": file(image({ type: "squashfs", bytes: 1 << 20, pieces: base })),
    },
    disks: [{ name: "sda", content: stick("STICK", { "sysrcd.bs": storeFile(used) }) }],
  };

  /** Mounts loop devices: on two files, on a store that is listed itself, and on a base. */
  function mountLoops({ system }: Memory): void {
    system.mount({ source: "/dev/sda", target: "/mnt", type: "vfat" });
    for (const [path, target, type] of [
      ["/kept.img", "/one", "ext4"],
      ["/top.img", "/two", "ext4"],
      ["/mnt/sysrcd.bs", "/three", "ext4"],
      ["/base.img", "/run", "squashfs"],
    ] as const)
      system.withLoop({ file: path, readonly: true }, (source) =>
        system.mount({ source, target, type, flags: ["ro"] }),
      );
  }

  test("backstore list tells of the stores on mounted loop devices, each once", async () => {
    const memory = createMemory(looped);
    mountLoops(memory);
    const { stdout } = await call(memory, ["list", "--json"], { isRoot: true });
    const { stores, unseen } = JSON.parse(stdout) as {
      stores: { label: string; path: string; state: string; reason: string }[];
      unseen: unknown[];
    };
    const seen = new Set(stores.map(({ label, path }) => `${label}:${path}`));
    expect(seen.size).toBe(stores.length);
    expect([...seen]).toEqual(
      expect.arrayContaining([
        "STICK:/sysrcd.bs",
        "store:/sysrcd.bs",
        "store:/persistent_RESCUE1100/x86_64",
        "top:/",
      ]),
    );
    expect(stores.filter(({ label }) => label === "").length).toBe(0);
    const reasons = stores.flatMap(({ label, state, reason }) =>
      label !== "STICK" && state === "used" ? [reason] : [],
    );
    for (const reason of reasons) expect(reason).toContain("a boot does not see");
    expect(unseen).toEqual([]);
  });

  test("backstore list names mounted loop devices that it may not look into", async () => {
    const memory = createMemory(looped);
    mountLoops(memory);
    const { stdout } = await call(memory, ["list", "--json"]);
    expect(JSON.parse(stdout).unseen).toMatchObject([
      { device: "/dev/sda" },
      ...["store", "top", undefined].map((label) => ({
        device: expect.stringMatching(/^\/dev\/loop\d+$/),
        ...(label !== undefined && { label }),
        reason: "it cannot be inspected without root",
      })),
    ]);
  });

  const failures = [
    { errno: "ENODEV", reason: "this kernel has no driver for ext4" },
    { errno: "EIO", reason: "it cannot be inspected: I/O error" },
  ];
  for (const { errno, reason } of failures) {
    test(`backstore list tells of a device that it could not look into for ${errno}`, async () => {
      const memory = createMemory({ ...machine, faults: [{ call: "mount", errno }] });
      const { status, stdout } = await call(memory, ["list", "--image", "/directories.img"], {
        isRoot: true,
      });
      expect(status).toBe(0);
      expect(stdout).toContain(`/directories.img  ext4  "store"  ${reason}`);
    });
  }
});
