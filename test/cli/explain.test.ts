// "backstore explain" end to end on a machine in memory: the whole output is in test/golden/cli.
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { call, ext4, imageFiles, partitioned, rescue } from "../support/call.ts";
import { sparseContent } from "../support/memory/content.ts";
import { directory, link, makeEntry, type Tree } from "../support/memory/entry.ts";
import { createMemory, type Machine } from "../support/memory.ts";

const kept = { "persistent_RESCUE1100/x86_64/upperdir/etc/motd": "changed\n" };
const hostileLabel = 'a"b\n\u001b[2J';
const images = imageFiles({
  "stick.img": rescue("RESCUE1100", { "200-store.yaml": "global:\n    cow_label: store\n" }),
  "store.img": ext4("store", kept),
  "twin.img": ext4("store"),
  "hostile.img": ext4(hostileLabel),
  "fat.img": rescue("STORE"),
  "disk.img": partitioned([rescue("RESCUE1100"), ext4("store", kept)]),
  "empty.img": sparseContent(0),
});

const badYaml: Tree = {
  "100-type.yaml": "global:\n    cow_label: [a, b]\n",
  "200-typo.yaml": "global:\n    cow_lable: store\n",
  "300-syntax.yaml": 'global:\n    cow_label: "store\n',
  "400-binary.yaml": "\u0000\u0001global: \u0007\n",
  "500-good.yaml": "global:\n    cow_directory: kept\n",
  "600-directory.yaml": {},
  "700-link.yaml": link("/nowhere"),
  "readme.txt": "not read",
};

// JSON strings are YAML.
const hostileYaml = { "a.yaml": `global:\n    cow_label: ${JSON.stringify(hostileLabel)}\n` };

const machine: Machine = { files: { ...images, yaml: badYaml, hostile: hostileYaml } };
const running: Machine = {
  proc: { cmdline: "BOOT_IMAGE=vmlinuz archisolabel=RESCUE1100 cow_label=store\n" },
  sys: { "module/overlay/parameters": { index: "N\n", metacopy: "N\n", redirect_dir: "N\n" } },
  disks: [
    {
      name: "sda",
      content: partitioned([rescue("RESCUE1100"), ext4("store", kept)]),
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

interface Case {
  readonly golden: string;
  readonly words: readonly string[];
  readonly isRoot?: boolean;
  readonly machine?: Machine;
}

const both = ["--image", "/stick.img", "--image", "/store.img"];
const cases: readonly Case[] = [
  { golden: "root", words: both, isRoot: true },
  { golden: "no-root", words: [...both, "--cmdline", "archisolabel=RESCUE1100 cow_label=store"] },
  { golden: "root-json", words: [...both, "--json"], isRoot: true },
  { golden: "nothing-asked", words: ["--image", "/store.img"] },
  {
    golden: "partition",
    words: ["--image", "/disk.img", "--cmdline", "cow_device=PARTUUID=0A2B3C4D-02"],
    isRoot: true,
  },
  {
    golden: "twice",
    words: [...both, "--image", "/twin.img", "--cmdline", "cow_label=store"],
    isRoot: true,
  },
  {
    golden: "vfat",
    words: ["--image=/stick.img", "--image=/fat.img", "--cmdline=cow_label=STORE"],
    isRoot: true,
  },
  { golden: "hostile-label", words: ["--image", "/hostile.img", "--yaml", "/hostile"] },
  {
    golden: "bad-yaml",
    words: [...both, "--yaml", "/yaml", "--cmdline", "cow_label=store backstore=ask"],
    isRoot: true,
  },
  {
    golden: "refused-directory",
    words: [...both, "--cmdline", "cow_directory=../../x"],
    isRoot: true,
  },
  {
    golden: "every-option",
    words: [
      "--image",
      "/empty.img",
      "--cmdline",
      'backstore=alldev,/my.bs,readonly,required,ask,wait=5,base=stop,LABEL="a b" cow_device=LABEL=x cow_directory=/a/b cow_flags=noatime cow_spacesize=256M copytoram docache archisodevice=/dev/sda1 archisolabel=y archisobasedir=/arch',
    ],
  },
  { golden: "running", words: [], machine: running, isRoot: true },
  { golden: "running-no-root", words: [], machine: running },
];

describe("backstore explain", () => {
  for (const { golden, words, isRoot = false, machine: own = machine } of cases) {
    test(`backstore explain says what stands in ${golden}.txt`, async () => {
      const memory = createMemory(own);
      const { status, stdout, stderr } = await call(memory, ["explain", ...words], { isRoot });
      expect([status, stderr]).toEqual([0, ""]);
      const path = join(import.meta.dirname, `../golden/cli/explain-${golden}.txt`);
      await expect(stdout).toMatchFileSnapshot(path);
    });
  }

  test("backstore explain leaves no mount and no directory behind", async () => {
    const memory = createMemory(machine);
    const before = [memory.system.mounts(), memory.system.list("/tmp")];
    await call(memory, ["explain", ...both], { isRoot: true });
    expect([memory.system.mounts(), memory.system.list("/tmp")]).toEqual(before);
    expect(memory.journal.filter(({ name }) => name === "setReadonly")).toEqual([]);
    const loops = memory.journal.filter(({ name }) => name === "withLoop");
    expect(loops.length).toBeGreaterThan(1);
    expect(loops.filter(({ arguments: [request] }) => !isReadonly(request))).toEqual([]);
  });

  test("backstore explain changes nothing at all without root", async () => {
    const memory = createMemory(machine);
    await call(memory, ["explain", ...both, "--cmdline", "cow_label=store"]);
    expect(memory.journal).toEqual([]);
  });

  test("backstore explain does without looking where root may not mount", async () => {
    const memory = createMemory({
      ...machine,
      faults: [{ call: "isolateMounts", errno: "EPERM" }],
    });
    const { status, stdout } = await call(memory, ["explain", ...both], { isRoot: true });
    expect(status).toBe(0);
    expect(stdout).toContain("Medium: unknown: it cannot be inspected without root");
  });

  test("backstore explain takes an image that is named twice for one", async () => {
    const twice = [
      "--image",
      "/store.img",
      "--image",
      "/store.img",
      "--cmdline",
      "cow_label=store",
    ];
    const { stdout } = await call(createMemory(machine), ["explain", ...twice]);
    expect(stdout).toMatch(/^Session: persistent\n/);
  });
});

function isReadonly(request: unknown): boolean {
  return typeof request === "object" && request !== null && "readonly" in request
    ? request.readonly === true
    : false;
}

describe("backstore explain refuses", () => {
  const odd: Machine = {
    files: {
      "a.img": "x",
      fifo: makeEntry("fifo"),
      zero: makeEntry("character", { deviceNumber: 0x105 }),
      "no\nline": directory({}),
    },
  };
  const refused: readonly (readonly [
    words: readonly string[],
    status: number,
    sentence: string,
    more?: Machine,
  ])[] = [
    [["--image", "/missing"], 4, 'Cannot inspect "/missing": no such file'],
    [
      ["--image", "/no\nline"],
      2,
      'Cannot inspect "/no\\nline": it is neither a file nor a block device',
    ],
    [["--image", "/fifo"], 2, 'Cannot inspect "/fifo": it is neither a file nor a block device'],
    [["--image", "/zero"], 2, 'Cannot inspect "/zero": it is neither a file nor a block device'],
    [
      ["--image", "/a.img"],
      3,
      'Cannot inspect "/a.img": permission denied\nHint: run it as root or as its owner',
      { ...odd, faults: [{ call: "readBytes", errno: "EACCES" }] },
    ],
    [["--yaml", "/missing"], 4, 'Cannot read "/missing": no such directory'],
    [["--yaml", "/a.img"], 2, 'Cannot read "/a.img": it is not a directory'],
    [
      ["--yaml", "/no\nline"],
      3,
      'Cannot read "/no\\nline": permission denied\nHint: run it as root or as its owner',
      { ...odd, faults: [{ call: "list", errno: "EACCES" }] },
    ],
  ];
  for (const [words, status, sentence, more] of refused) {
    test(`backstore explain ${words.join(" ")}: ${sentence}`, async () => {
      const ended = await call(createMemory(more ?? odd), ["explain", ...words]);
      expect(ended).toEqual({ status, stdout: "", stderr: `backstore: ${sentence}\n` });
    });
  }
});
