// "backstore create" in process on a machine in memory: what it leaves and prints, and that a
// failure at any point leaves nothing.
import { describe, expect, test } from "vitest";
import { call, terminal } from "../support/call.ts";
import { file, link } from "../support/memory/entry.ts";
import { image } from "../support/memory/image.ts";
import type { Fault } from "../support/memory/recorded.ts";
import type { Memory, Program } from "../support/memory.ts";
import { labelledDisk, programs, storesMachine } from "../support/stores-machine.ts";

const MiB = 2 ** 20;
const GiB = 2 ** 30;

function namesIn({ system }: Memory, directory: string): string[] {
  return system.list(directory);
}

describe("backstore create PATH SIZE", () => {
  const cases = [
    {
      words: ["/mnt/ext4", "256"],
      store: "/mnt/ext4/sysrcd.bs",
      says: [
        /^Created the store "\/mnt\/ext4\/sysrcd.bs" of 256.0 MiB \(ext4, UUID .*\)$/,
        /^Found at boot without any option$/,
      ],
      bytes: 256 * MiB,
    },
    {
      words: ["/mnt/vfat/", "2G"],
      store: "/mnt/vfat/sysrcd.bs",
      says: [/of 2.0 GiB \(ext4/, /without any option/],
      bytes: 2 * GiB,
    },
    {
      words: ["/mnt/exfat/a.bs", "16", "--type", "ext3", "--label", "old"],
      store: "/mnt/exfat/a.bs",
      says: [/\(ext3, labelled "old", UUID/, /^Found at boot with the option: backstore=\/a.bs$/],
      bytes: 16 * MiB,
    },
    {
      words: ["/mnt/btrfs", "109MiB", "--type", "btrfs"],
      store: "/mnt/btrfs/sysrcd.bs",
      says: [/of 109.0 MiB \(btrfs/, /without any option/],
      bytes: 109 * MiB,
    },
    {
      words: ["/home", "300", "--type=xfs"],
      store: "/home/sysrcd.bs",
      says: [/of 300.0 MiB \(xfs/, /^Found at boot with the option: backstore=alldev$/],
      bytes: 300 * MiB,
    },
    {
      words: ["/mnt/vfat", "max"],
      store: "/mnt/vfat/sysrcd.bs",
      says: [/of 3.9 GiB/, /without any option/],
      bytes: 4095 * MiB,
    },
  ];
  for (const { words, store, says, bytes } of cases) {
    test(`backstore create ${words.join(" ")}`, async () => {
      const memory = storesMachine();
      const { status, stdout, stderr } = await call(memory, ["create", ...words]);
      expect([status, stderr]).toEqual([0, ""]);
      const lines = stdout.trimEnd().split("\n");
      expect(lines).toHaveLength(says.length);
      for (const [index, pattern] of says.entries()) expect(lines[index]).toMatch(pattern);
      const made = memory.system.status(store);
      expect(made?.bytes).toBe(bytes);
      expect(made?.allocatedBytes).toBeGreaterThanOrEqual(bytes);
      expect(made?.mode).toBe(0o600);
      const directory = store.slice(0, store.lastIndexOf("/"));
      expect(namesIn(memory, directory)).toEqual([store.slice(directory.length + 1)]);
    });
  }

  test("--json says the same to programs", async () => {
    const { stdout } = await call(storesMachine(), ["create", "/home", "64", "--json"]);
    expect(JSON.parse(stdout)).toEqual({
      format: 1,
      tool: "backstore 0.0.0",
      planned: false,
      kind: "file",
      store: "/home/sysrcd.bs",
      bytes: 64 * MiB,
      type: "ext4",
      label: null,
      uuid: expect.any(String),
      host: { target: "/home", source: "/dev/nvme0n1", type: "ext4", model: null },
      options: "backstore=alldev",
      removable: false,
      notes: [],
    });
  });

  test("--dry-run says each step and changes nothing", async () => {
    const memory = storesMachine();
    const before = memory.journal.length;
    const { status, stdout } = await call(memory, ["create", "/mnt/ext4", "64", "--dry-run"]);
    expect(status).toBe(0);
    expect(stdout.split("\n").map((line) => line.replace(/ \(mkfs.*/, ""))).toMatchInlineSnapshot(`
      [
        "Create the store "/mnt/ext4/sysrcd.bs" of 64.0 MiB (ext4)",
        "  create the file "/mnt/ext4/sysrcd.bs.backstore-new"",
        "  allocate 64.0 MiB for "/mnt/ext4/sysrcd.bs.backstore-new"",
        "  create an ext4 file system in "/mnt/ext4/sysrcd.bs.backstore-new"",
        "  make sure that all 64.0 MiB of "/mnt/ext4/sysrcd.bs.backstore-new" is allocated",
        "  sync "/mnt/ext4/sysrcd.bs.backstore-new" to disk",
        "  rename "/mnt/ext4/sysrcd.bs.backstore-new" to "/mnt/ext4/sysrcd.bs"",
        "  sync "/mnt/ext4" to disk",
        "",
      ]
    `);
    const changes = memory.journal.slice(before).filter(({ name }) => name !== "run");
    expect(changes).toEqual([]);
  });

  test("a store in memory is made with --force, with a note that it does not last", async () => {
    const memory = storesMachine();
    memory.system.mount({ source: "none", target: "/tmp", type: "tmpfs" });
    const { status, stdout, stderr } = await call(memory, ["create", "/tmp", "16", "--force"]);
    expect([status, stderr]).toEqual([0, "Note: it is in memory and is lost at power-off\n"]);
    expect(stdout).toMatch(/^Created the store [^\n]*\n$/);
  });
});

describe("backstore create refuses before the first byte", () => {
  const cases: readonly {
    readonly name: string;
    readonly words: readonly string[];
    readonly status: number;
    readonly says: RegExp;
    readonly prepare?: (memory: Memory) => void;
    readonly machine?: Parameters<typeof storesMachine>[0];
  }[] = [
    { name: "no size", words: ["/mnt/ext4"], status: 2, says: /SIZE is missing/ },
    { name: "no path", words: [], status: 2, says: /PATH and SIZE are missing/ },
    { name: "three operands", words: ["/a", "1", "2"], status: 2, says: /unexpected argument "2"/ },
    {
      name: "no size at all",
      words: ["/mnt/ext4", "lots"],
      status: 2,
      says: /invalid size "lots"/,
    },
    { name: "nothing", words: ["/mnt/ext4", "0"], status: 2, says: /invalid size "0"/ },
    { name: "a type", words: ["/a", "9", "--type", "vfat"], status: 2, says: /one of ext4, ext3/ },
    {
      name: "a long label",
      words: ["/mnt/ext4", "300", "--type", "xfs", "--label", "thirteen char"],
      status: 2,
      says: /has 13 bytes, but xfs allows at most 12/,
    },
    {
      name: "an option of another kind of store",
      words: ["/mnt/ext4", "9", "--yes"],
      status: 2,
      says: /"--yes" cannot be used with a file store/,
    },
    { name: "too small", words: ["/mnt/ext4", "7"], status: 2, says: /at least 8.0 MiB/ },
    {
      name: "no such directory",
      words: ["/mnt/none/", "64"],
      status: 4,
      says: /no such directory\nHint: mount/,
    },
    {
      name: "no room",
      words: ["/mnt/ext4", "1G"],
      status: 7,
      says: /choose a size of at most 1013/,
    },
    { name: "4 GiB on FAT", words: ["/mnt/vfat", "4G"], status: 7, says: /at most 4095 MiB/ },
    {
      name: "a file that is there",
      words: ["/mnt/ext4", "64"],
      prepare: ({ put }) => put("/mnt/ext4/sysrcd.bs", file(image({ type: "ext4" }))),
      status: 8,
      says: /there already|not a store/,
    },
    {
      name: "a directory of that name",
      words: ["/mnt/ext4", "64", "--force"],
      prepare: ({ system }) => system.makeDirectory("/mnt/ext4/sysrcd.bs"),
      status: 2,
      says: /it exists and is not a file/,
    },
    { name: "a device", words: ["/dev/sda", "64"], status: 2, says: /backstore create --device/ },
    {
      name: "a link that leads nowhere",
      words: ["/mnt/ext4/x.bs", "64"],
      prepare: ({ put }) => put("/mnt/ext4/x.bs", link("/nowhere")),
      status: 4,
      says: /a dangling link/,
    },
    {
      name: "a read-only host",
      words: ["/mnt/ext4", "64"],
      prepare: ({ system }) =>
        system.mount({ source: "none", target: "/mnt/ext4", flags: ["remount", "ro"] }),
      status: 8,
      says: /"\/mnt\/ext4" is mounted read-only\nHint: .*remount,rw/,
    },
    {
      name: "a tool that is missing",
      words: ["/mnt/ext4", "300", "--type", "xfs"],
      machine: { programs: { ...programs, "mkfs.xfs": () => ({ status: 127 }) } },
      status: 3,
      says: /"mkfs.xfs" is not installed\nHint: install the package "xfsprogs"/,
    },
  ];
  for (const { name, words, status, says, prepare, machine } of cases) {
    test(`${name}: backstore create ${words.join(" ")}`, async () => {
      const memory = storesMachine(machine);
      prepare?.(memory);
      const before = memory.journal.length;
      const ended = await call(memory, ["create", ...words]);
      expect(ended.stderr).toMatch(says);
      expect([ended.status, ended.stdout]).toEqual([status, ""]);
      const changes = memory.journal.slice(before).map((one) => one.name);
      expect(changes.filter((one) => one !== "run" && one !== "withLock")).toEqual([]);
    });
  }
});

describe("backstore create where nothing was meant", () => {
  const inMemory = /in memory and is lost at power-off .*\nHint: .*--force/;
  const noDevice = /there is no such device\nHint: see which there are: lsblk -f\n$/;
  const noName = /there is no such directory, and its name is not that of a store\nHint: .*"\.bs"/;
  const cases = [
    { words: "/dev/sdz1", status: 4, says: noDevice },
    { words: "/dev/disk/by-label/stick", status: 4, says: noDevice },
    { words: "/dev/mapper/nothing", status: 4, says: noDevice },
    { words: "/dev/sdz.bs", status: 8, says: inMemory },
    { words: "/dev", status: 8, says: inMemory },
    { words: "/tmp/union", status: 8, says: /on an overlay, where no boot finds it/ },
    { words: "/tmp/memory/deep.bs", status: 8, says: inMemory },
    { words: "/proc", status: 8, says: /nothing can be kept there \(proc on "\/proc"\)/ },
    { words: "/sys/x.bs", status: 8, says: /nothing can be kept there \(sysfs/ },
    { words: "/home/stores", status: undefined, says: /^/ },
    { words: "/home/deep/mistyped", status: 8, says: noName },
    { words: "/nonexistent", status: 8, says: /./ },
    { words: "/home/deep/meant.bs", status: undefined, says: /^/ },
    { words: "/home/deep/mistyped --force", status: undefined, says: /^/ },
    { words: "/tmp/memory --force", status: undefined, says: /^/ },
  ];
  const prepare = () => {
    const memory = storesMachine();
    memory.system.makeDirectory("/home/deep");
    memory.system.mount({ source: "/dev/nvme0n1", target: "/tmp", type: "ext4" });
    for (const name of ["union", "memory", "l", "u", "w"])
      memory.system.makeDirectory(`/tmp/${name}`);
    memory.system.mount({
      source: "union",
      target: "/tmp/union",
      type: "overlay",
      data: "lowerdir=/tmp/l,upperdir=/tmp/u,workdir=/tmp/w",
    });
    memory.system.mount({ source: "none", target: "/tmp/memory", type: "tmpfs" });
    return memory;
  };
  for (const { words, status, says } of cases)
    for (const dry of [[], ["--dry-run"]])
      test(`backstore create ${[words, ...dry].join(" ")} ends with ${status ?? 0}`, async () => {
        const memory = prepare();
        const before = memory.journal.length;
        const [path = "", ...more] = words.split(" ");
        const ended = await call(memory, ["create", path, "16", ...more, ...dry]);
        expect(ended.stderr).toMatch(says);
        expect(ended.status).toBe(status ?? 0);
        const changes = memory.journal.slice(before).map((one) => one.name);
        if (status !== undefined)
          expect(changes.filter((one) => one !== "run" && one !== "withLock")).toEqual([]);
      });

  const missing = [
    "label /dev/sdz1 x",
    "grow /dev/sdz1 64",
    "shrink /dev/sdz1 8",
    "check /dev/sdz1",
  ];
  const images = ["list --image /dev/sdz1", "explain --image /dev/sdz1", "check --image /dev/sdz1"];
  for (const words of [...missing, ...images, "create --device /dev/sdz1 --label x"])
    test(`backstore ${words} knows no such device`, async () => {
      const ended = await call(storesMachine(), words.split(" "));
      expect([ended.status, ended.stdout]).toEqual([4, ""]);
      expect(ended.stderr).toMatch(noDevice);
    });

  for (const { json, source } of [
    { json: [], source: "/dev/nvme0n1" },
    { json: ["--json"], source: "/dev/nvme0n1" },
    { json: [], source: "/dev/sda" },
  ])
    test(`a root on ${source} is ${json.length > 0 ? "told" : "warned of first"}`, async () => {
      const memory = storesMachine();
      const mounts = memory.system.mounts();
      const root = mounts.find((mount) => mount.source === source);
      if (root === undefined) throw new Error("no such mount");
      const system = {
        ...memory.system,
        mounts: () => [{ ...root, target: "/" }, ...mounts.filter(({ target }) => target !== "/")],
      };
      const at = source === "/dev/sda" ? "/mnt/ext4" : "/home";
      const ended = await call({ ...memory, system }, ["create", at, "16", ...json]);
      const note =
        'it is on "/home" (/dev/nvme0n1), the disk of the running system; if another was meant, mount it first';
      expect(ended.status).toBe(0);
      // A live system on a stick is where its stores are.
      const isTold = source === "/dev/nvme0n1" && json.length === 0;
      expect(ended.stderr).toBe(isTold ? `Note: ${note}\n` : "");
      if (json.length > 0) expect(JSON.parse(ended.stdout).notes).toEqual([note]);
    });
});

describe("backstore create says what a store is on", () => {
  test("with its device, type, kind and model", async () => {
    const memory = storesMachine({ disks: [labelledDisk("sdx", "changes")] });
    memory.system.mount({ source: "/dev/sdx", target: "/tmp", type: "ext4" });
    const ended = await call(memory, ["create", "/tmp/a.bs", "16"]);
    expect(ended.stdout).toContain(") on /dev/sdx (ext4, not removable, Cruzer Blade)\n");
    const stick = await call(memory, ["create", "/mnt/vfat", "16"]);
    expect(stick.stdout).toContain(") on /dev/sdb (vfat, removable)\n");
  });

  const closed = [
    { tree: { dm: { uuid: "CRYPT-LUKS2-0123-x\n" } }, says: "is encrypted, and no boot opens it" },
    { tree: { dm: { uuid: "LVM-abc\n" } }, says: "is a logical volume (LVM), which no boot" },
    { tree: { md: { level: "raid1\n" } }, says: "is a RAID (md), which no boot assembles" },
  ];
  for (const { tree, says } of closed)
    test(`and that a boot does not find it: ${says}`, async () => {
      const flat = Object.entries(tree).flatMap(([name, files]) =>
        Object.entries(files).map(([file, text]) => [`${name}/${file}`, text]),
      );
      const disk = { ...labelledDisk("sdx", "changes"), sys: Object.fromEntries(flat) };
      const memory = storesMachine({ disks: [disk] });
      memory.system.mount({ source: "/dev/sdx", target: "/tmp", type: "ext4" });
      for (const words of [
        ["/tmp/a.bs", "16"],
        ["--directory", "/tmp/d"],
      ]) {
        const ended = await call(memory, ["create", ...words]);
        expect(ended.stderr).toContain(`Note: /dev/sdx ${says}`);
        expect(ended.stdout).not.toContain("Found at boot");
      }
    });
});

describe("backstore create --force", () => {
  test("replaces the store that is there", async () => {
    const memory = storesMachine();
    await call(memory, ["create", "/mnt/ext4", "64"]);
    const { status } = await call(memory, ["create", "/mnt/ext4", "128", "--force"]);
    expect(status).toBe(0);
    expect(memory.system.status("/mnt/ext4/sysrcd.bs")?.bytes).toBe(128 * MiB);
  });

  test("never replaces one that a loop device shows", async () => {
    const memory = storesMachine();
    await call(memory, ["create", "/mnt/ext4", "64"]);
    memory.format("/mnt/ext4/sysrcd.bs", { type: "ext4" });
    const request = { file: "/mnt/ext4/sysrcd.bs", readonly: true };
    memory.system.withLoop(request, (source) =>
      memory.system.mount({ source, target: "/tmp", type: "ext4", flags: ["ro"] }),
    );
    const ended = await call(memory, ["create", "/mnt/ext4", "128", "--force"]);
    expect(ended.status).toBe(5);
    expect(ended.stderr).toMatch(
      /Cannot replace .*: it is mounted on "\/tmp" through \/dev\/loop\d/,
    );
    expect(memory.system.status("/mnt/ext4/sysrcd.bs")?.bytes).toBe(64 * MiB);
  });

  test("waits for nobody: a directory or a store that somebody works on is in use", async () => {
    const worker = () => ({ leavesChild: true as const });
    for (const [path, named] of [
      ["/mnt/ext4", '"/mnt/ext4"'],
      ["/mnt/ext4/sysrcd.bs", "it"],
    ] as const) {
      const memory = storesMachine({ programs: { ...programs, worker } });
      await call(memory, ["create", "/mnt/ext4", "64"]);
      memory.system.withLock(path, () => memory.system.run(["worker"]));
      const again = () => call(memory, ["create", "/mnt/ext4", "64", "--force"]);
      const ended = await again();
      expect(ended.status).toBe(5);
      expect(ended.stderr).toContain(`another program is working on ${named}\n`);
      memory.endLeftBehind();
      expect((await again()).status).toBe(0);
    }
  });
});

describe("backstore create after a run that was killed", () => {
  test("removes what that left, and no more", async () => {
    const memory = storesMachine();
    memory.put("/mnt/ext4/sysrcd.bs.backstore-new", file("half"));
    memory.put("/mnt/ext4/other.bs.backstore-new", file("another's"));
    const { status } = await call(memory, ["create", "/mnt/ext4", "64"]);
    expect(status).toBe(0);
    expect(namesIn(memory, "/mnt/ext4")).toEqual(["other.bs.backstore-new", "sysrcd.bs"]);
  });

  test("does not remove what is no file", async () => {
    const memory = storesMachine();
    memory.put("/mnt/ext4/sysrcd.bs.backstore-new", link("/etc/x"));
    const { status, stderr } = await call(memory, ["create", "/mnt/ext4", "64"]);
    expect([status, memory.system.status("/etc/x")?.kind]).toEqual([8, "file"]);
    expect(stderr).toContain("it exists and is not a file");
  });
});

describe("backstore create that fails leaves nothing", () => {
  const faults: readonly (readonly [Fault, status: number])[] = [
    [{ call: "createOpen", errno: "EACCES" }, 3],
    [{ call: "disableCopyOnWrite", errno: "EIO" }, 3],
    [{ call: "allocate", errno: "ENOSPC" }, 7],
    [{ call: "allocate", errno: "EFBIG" }, 7],
    [{ call: "allocate", errno: "EIO" }, 3],
    [{ call: "sync", errno: "EIO" }, 3],
    [{ call: "rename", errno: "EIO" }, 3],
    [{ call: "sync", naming: "/mnt/ext4", errno: "EIO" }, 3],
  ];
  for (const [fault, status] of faults) {
    test(`${fault.call} ${fault.naming ?? ""} fails with ${fault.errno}`, async () => {
      const memory = storesMachine({ faults: [fault] });
      const ended = await call(memory, ["create", "/mnt/ext4", "64"]);
      expect([ended.status, ended.stdout]).toEqual([status, ""]);
      expect(ended.stderr).toMatch(/^backstore: Cannot /);
      expect(namesIn(memory, "/mnt/ext4")).toEqual([]);
    });
  }

  test("mkfs fails", async () => {
    const failing = () => ({ status: 1, stderr: "mke2fs 1.47\nNo luck\n" });
    const memory = storesMachine({ programs: { ...programs, "mkfs.ext4": failing } });
    const ended = await call(memory, ["create", "/mnt/ext4", "64"]);
    expect(ended.status).toBe(3);
    expect(ended.stderr).toContain('"mkfs.ext4" says "No luck" (status 1)');
    expect(namesIn(memory, "/mnt/ext4")).toEqual([]);
  });

  const digging: Program = (given) => {
    const path = given.argv.at(-1) ?? "";
    if (path.startsWith("/")) {
      given.system.truncate(path, 0);
      given.system.truncate(path, 64 * MiB);
    }
    return programs["mkfs.ext4"]?.(given) ?? {};
  };
  const dug = { programs: { ...programs, "mkfs.ext4": digging } };

  test("mkfs leaves holes that cannot be filled", async () => {
    let isDug = false;
    const mkfs: Program = (given) => {
      isDug = true;
      return digging(given);
    };
    const memory = storesMachine({ programs: { ...programs, "mkfs.ext4": mkfs } });
    const allocate = (path: string, at: number, bytes: number) => {
      if (!isDug) memory.system.allocate(path, at, bytes);
    };
    const system = { ...memory.system, allocate };
    const ended = await call({ ...memory, system }, ["create", "/mnt/ext4", "64"]);
    expect(ended.status).toBe(3);
    expect(ended.stderr).toMatch(/its host allocated .* of 64.0 MiB\nHint: a host that compresses/);
    expect(namesIn(memory, "/mnt/ext4")).toEqual([]);
  });

  test("but holes that can be filled are", async () => {
    const memory = storesMachine(dug);
    expect((await call(memory, ["create", "/mnt/ext4", "64"])).status).toBe(0);
    const made = memory.system.status("/mnt/ext4/sysrcd.bs");
    expect(made?.allocatedBytes).toBeGreaterThanOrEqual(64 * MiB);
  });
});

describe("backstore create shows progress", () => {
  /** Creates a store on a machine on which each piece takes its time. */
  async function createSlowly(msForEach: number, at: Partial<typeof terminal> = {}) {
    const memory = storesMachine();
    let nowMs = 0;
    const slow = { ...memory.system, uptimeMs: () => (nowMs += msForEach) };
    const context = { terminal: { ...terminal, stdin: false, ...at } };
    return (await call({ ...memory, system: slow }, ["create", "/mnt/vfat", "64"], context)).stderr;
  }

  test("in place on a terminal, and nothing stays of it", async () => {
    const said = await createSlowly(400);
    const [before, ...lines] = said.split("\r\u001b[K");
    expect([before, lines.at(-1), lines.length > 3]).toEqual(["", "", true]);
    for (const line of lines.slice(0, -1).filter((one) => one !== "" && !/^(?:wri|run)/.test(one)))
      expect(line).toMatch(/^allocating: \d+\.0 of 64\.0 MiB, 20\.0 MiB\/s, \d s left$/);
  });

  test("not before a second has passed", async () => {
    expect(await createSlowly(40)).toBe("");
  });

  for (const [where, at] of [
    ["elsewhere", { stderr: false }],
    ["on a terminal that cannot go back", { isDumb: true }],
  ] as const) {
    test(`in lines ${where}, in growing distances`, async () => {
      const lines = (await createSlowly(2000, at)).split("\n");
      expect(lines.filter((line) => line.startsWith("allocating"))).toEqual([
        "allocating: 16.0 of 64.0 MiB, 4.0 MiB/s, 12 s left",
        "allocating: 32.0 of 64.0 MiB, 4.0 MiB/s, 8 s left",
      ]);
    });
  }

  test("within the columns of the terminal", async () => {
    for (const columns of [10, 30, 40, 79]) {
      const lines = (await createSlowly(400, { errorColumns: columns })).split("\r\u001b[K");
      expect(lines.filter((line) => line.length >= columns)).toEqual([]);
    }
  });
});

describe("a session's own medium", () => {
  const medium = "/run/initramfs/backstore/medium";
  function live(data = "") {
    const memory = storesMachine({ files: { home: {}, mnt: mountPoints } });
    memory.system.unmount("/mnt/ext4");
    for (const path of ["/run/initramfs", "/run/initramfs/backstore", medium])
      memory.system.makeDirectory(path);
    memory.system.mount({ source: "/dev/sda", target: medium, type: "ext4", flags: ["ro"], data });
    return memory;
  }
  const mountPoints = { ext4: {}, vfat: {}, exfat: {}, btrfs: {}, xfs: {} };

  test("is made writable for the moment, and read-only again", async () => {
    const memory = live();
    const ended = await call(memory, ["create", medium, "64"]);
    expect([ended.status, ended.stderr]).toEqual([0, ""]);
    expect(ended.stdout).toContain("Found at boot without any option");
    expect(memory.system.room(medium).readonly).toBe(true);
    expect(namesIn(memory, medium)).toEqual(["sysrcd.bs"]);
  });

  test("is read-only again when something fails", async () => {
    const memory = live();
    const failing = { ...memory.system, allocate: () => fail() };
    const fail = (): never => {
      throw Object.assign(new Error("no space"), { code: "ENOSPC", reason: "No space left" });
    };
    const ended = await call({ ...memory, system: failing }, ["create", medium, "64"]);
    expect(ended.status).toBe(7);
    expect(memory.system.room(medium).readonly).toBe(true);
    expect(namesIn(memory, medium)).toEqual([]);
  });

  test("is written through another mount of it that is writable", async () => {
    const memory = live();
    memory.system.unmount(medium);
    memory.system.mount({ source: "/dev/sda", target: "/mnt/ext4", type: "ext4" });
    memory.system.mount({ source: "/mnt/ext4", target: medium, flags: ["bind"] });
    memory.system.mount({ source: "none", target: medium, flags: ["remount", "bind", "ro"] });
    const before = memory.journal.length;
    const ended = await call(memory, ["create", medium, "64"]);
    expect([ended.status, ended.stderr]).toEqual([0, ""]);
    expect(namesIn(memory, medium)).toEqual(["sysrcd.bs"]);
    expect(memory.journal.slice(before).some(({ name }) => name === "mount")).toBe(false);
  });

  test("stays read-only where its journal was left out", async () => {
    const memory = live("noload");
    const ended = await call(memory, ["create", medium, "64"]);
    expect(ended.status).toBe(8);
    expect(ended.stderr).toContain("was mounted without replaying its journal");
  });
});

describe("backstore create --device", () => {
  const blank = { name: "sdx", content: image({ type: "none", bytes: 64 * MiB, pieces: [] }) };
  const data = labelledDisk("sdy", "data");
  const make = (more: Parameters<typeof storesMachine>[0] = {}) =>
    storesMachine({ disks: [blank, data], ...more });
  const create = (device: string, ...more: string[]) => [
    ...["create", "--device", device, "--label", "changes"],
    ...more,
  ];

  test("makes a file system on an empty device without a question", async () => {
    const memory = make();
    const ended = await call(memory, create("/dev/sdx"));
    expect([ended.status, ended.stderr]).toEqual([0, ""]);
    expect(ended.stdout).toMatch(
      /^Created a file system for stores on "\/dev\/sdx" \(not removable\) of 64.0 MiB/,
    );
    expect(ended.stdout).toContain("Found at boot with the option: cow_label=changes\n");
  });

  test("takes what is there only by its name", async () => {
    const memory = make();
    const refused = await call(memory, create("/dev/sdy", "--yes"));
    expect(refused.status).toBe(8);
    expect(refused.stderr).toContain('Hint: to erase it, name it: --erase "data"');
    for (const name of ["data", "4C530001"]) {
      const done = await call(make(), create("/dev/sdy", "--erase", name));
      expect([done.status, done.stderr]).toEqual([0, ""]);
    }
  });

  test("shows what is there, and asks on a terminal", async () => {
    const answered = async (stdin: string) =>
      call(make({ stdin }), create("/dev/sdy"), { terminal });
    const agreed = await answered("data\n");
    expect(agreed.status).toBe(0);
    expect(agreed.stderr).toContain('"/dev/sdy": 64.0 MiB, Cruzer Blade, serial 4C530001\n');
    expect(agreed.stderr).toContain('  ext4 on "/dev/sdy" (labelled "data"');
    expect(agreed.stderr).toContain('All of it will be lost. Type "data" to continue: ');
    for (const answer of ["", "\n", "yes\n", "Data\n"])
      expect((await answered(answer)).status).toBe(8);
  });

  test("asks on a terminal also where nothing is", async () => {
    const answered = async (stdin: string) =>
      (await call(make({ stdin }), create("/dev/sdx"), { terminal })).status;
    expect(await Promise.all(["y\n", "yes\n", "n\n", "\n", ""].map(answered))).toEqual([
      0, 0, 8, 8, 8,
    ]);
  });

  const inUse: readonly { name: string; prepare: (memory: Memory) => void; says: RegExp }[] = [
    {
      name: "mounted",
      prepare: ({ system }) => system.mount({ source: "/dev/sdy", target: "/tmp", type: "ext4" }),
      says: /"\/dev\/sdy" is mounted on "\/tmp"/,
    },
    {
      name: "what the session runs from",
      prepare: ({ system }) => {
        for (const path of [
          "/run/initramfs",
          "/run/initramfs/backstore",
          "/run/initramfs/backstore/medium",
        ])
          system.makeDirectory(path);
        const target = "/run/initramfs/backstore/medium";
        system.mount({ source: "/dev/sdy", target, type: "ext4", flags: ["ro"] });
      },
      says: /in use by this session/,
    },
    {
      name: "swap",
      prepare: ({ put }) => put("/proc/swaps", file("Filename Type\n/dev/sdy partition 1 0 -2\n")),
      says: /"\/dev\/sdy" is used as swap/,
    },
  ];
  for (const { name, prepare, says } of inUse) {
    test(`refuses one that is ${name}, whatever is said`, async () => {
      const memory = make();
      prepare(memory);
      const ended = await call(memory, create("/dev/sdy", "--erase", "data", "--yes"));
      expect(ended.stderr).toMatch(says);
      expect(ended.status).toBe(5);
    });
  }

  test("writes nothing where another stick is there meanwhile", async () => {
    const memory = make({ stdin: "data\n" });
    const swapped = {
      ...memory.system,
      readLine: () => {
        memory.system.writeBytes("/dev/sdy", 1024 + 0x68, Uint8Array.of(9, 9, 9));
        return "data";
      },
    };
    const ended = await call({ ...memory, system: swapped }, create("/dev/sdy"), { terminal });
    expect(ended.status).toBe(8);
    expect(ended.stderr).toContain("the device has changed since it was inspected");
  });

  test("wants a label, and a block device", async () => {
    const cases = [
      [["create", "--device", "/dev/sdx"], 2],
      [create("/etc/x"), 2],
      [create("/dev/nothing"), 4],
      [create("/dev/sdx", "--directory", "/x"), 2],
      [create("/dev/sdx", "--force"), 2],
    ] as const;
    for (const [words, status] of cases) expect((await call(make(), words)).status).toBe(status);
  });
});

describe("backstore create --directory", () => {
  const stick = { ...labelledDisk("sdx", "changes"), place: "pci0000:00/usb1/1-1" };
  function make(): Memory {
    const memory = storesMachine({ disks: [stick] });
    memory.system.mount({ source: "/dev/sdx", target: "/tmp", type: "ext4" });
    return memory;
  }

  test("makes an empty directory, and says what leads to it", async () => {
    const memory = make();
    memory.system.makeDirectory("/tmp/persistent_X");
    const ended = await call(memory, ["create", "--directory", "/tmp/persistent_X/x86_64"]);
    expect(ended.stdout).toBe(
      'Created the directory "/tmp/persistent_X/x86_64" for changes on /dev/sdx (ext4, removable, Cruzer Blade)\n' +
        "Found at boot with the options: cow_label=changes cow_directory=persistent_X/x86_64\n",
    );
    expect(memory.system.status("/tmp/persistent_X/x86_64")?.mode).toBe(0o700);
  });

  test("names the file system by its UUID where another one has the label", async () => {
    const twin = labelledDisk("sdy", "changes");
    const memory = storesMachine({ disks: [stick, twin] });
    memory.system.writeBytes("/dev/sdy", 1024 + 0x68, Uint8Array.of(9, 9, 9));
    memory.system.mount({ source: "/dev/sdx", target: "/tmp", type: "ext4" });
    const ended = await call(memory, ["create", "--directory", "/tmp/a"]);
    expect(ended.stdout).toMatch(/options: cow_device=UUID=[0-9a-f-]{36} cow_directory=a\n/);
  });

  test("a link on the way leads to where it leads, and no further", async () => {
    const memory = make();
    memory.system.makeLink("/etc/way", "/tmp");
    const ended = await call(memory, ["create", "--directory", "/etc/way/a"]);
    expect([ended.status, memory.system.status("/tmp/a")?.kind]).toEqual([0, "directory"]);
  });

  const refused = [
    {
      path: "/tmp/d2nothere/x/y",
      status: 4,
      says: /there is no directory "\/tmp\/d2nothere"\nHint: mount/,
    },
    { path: "/mnt/stcik/a", status: 4, says: /there is no directory "\/mnt\/stcik"/ },
    { path: "/dev/sdz1/a", status: 4, says: /there is no directory "\/dev\/sdz1"/ },
    { path: "/mnt/vfat/a", status: 8, says: /vfat does not support what an overlay needs/ },
    { path: "/tmp", status: 2, says: /contains no name/ },
    { path: "/tmp/../a", status: 2, says: /cannot contain "\.\."/ },
    { path: "/etc/x", status: 2, says: /"\/etc\/x" is not a directory/ },
  ];
  for (const { path, status, says } of refused) {
    test(`refuses ${path}`, async () => {
      const memory = make();
      const ended = await call(memory, ["create", "--directory", path]);
      expect(ended.stderr).toMatch(says);
      expect(ended.status).toBe(status);
    });
  }
});
