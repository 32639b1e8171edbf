import { describe, expect, test } from "vitest";
import { modprobe } from "../../../src/boot/modprobe.ts";
import { formatAliasGroups, groupAliases } from "../../../src/core/modules/module-aliases.ts";
import {
  loadByName,
  loadFileSystem,
  loadForHardware,
  loadModules,
  readModules,
} from "../../../src/system/modules/load-modules.ts";
import { directory, file } from "../../support/memory/entry.ts";
import { createMemory } from "../../support/memory.ts";

const release = "6.1.0-test";
const groups = groupAliases([
  { pattern: "pci:v00001AF4d00001001sv*sd*bc*sc*i*", module: "virtio_pci" },
  { pattern: "virtio:d00000002v*", module: "virtio_blk" },
  { pattern: "usb:v*p*d*dc*dsc*dp*ic08isc06ip50in*", module: "usb_storage" },
  { pattern: "fs_ext4", module: "ext4" },
  { pattern: "crypto_crc32c", module: "crc32c_intel" },
]);
const index = {
  release,
  builtin: ["usbhid"],
  modules: {
    virtio_pci: { needs: ["virtio"] },
    virtio: {},
    virtio_blk: { needs: ["virtio"] },
    usb_storage: {},
    ext4: { needs: ["jbd2"], before: ["crc32c_intel"] },
    jbd2: {},
    crc32c_intel: {},
    vfat: { needs: ["fat"] },
    fat: {},
    nls_cp437: {},
    nls_ascii: {},
    ntfs: {},
    isofs: {},
  },
};

interface Kernel {
  readonly commandLine?: string;
  /** The text of /proc/modules. */
  readonly loaded?: string;
  /** Paths below /sys/bus and their texts. */
  readonly devices?: Readonly<Record<string, string>>;
  /** The kernel's error for a module that it refuses. */
  readonly refusals?: Readonly<Record<string, string>>;
  readonly release?: string;
  readonly index?: string;
}

const frame = new Uint8Array([0x28, 0xb5, 0x2f, 0xfd, 0, 0, 0, 0, 0, 0]);

/** Makes a machine that was started with an initramfs of ours. */
function makeKernel(kernel: Kernel = {}) {
  const { commandLine = "quiet", loaded: before = "", devices = {}, refusals = {} } = kernel;
  const modules = Object.keys(index.modules).map((name) => [`modules/${name}.ko.zst`, frame]);
  const memory = createMemory({
    files: {
      "lib/backstore": {
        "modules.json": kernel.index ?? JSON.stringify(index),
        aliases: formatAliasGroups(groups),
        "names.json": JSON.stringify(groups.get("names")),
        ...Object.fromEntries(modules),
      },
    },
    proc: { cmdline: commandLine, modules: before, filesystems: "nodev\ttmpfs\n\text2\n" },
    sys: Object.fromEntries(Object.entries(devices).map(([path, text]) => [`bus/${path}`, text])),
    release: kernel.release ?? release,
    faults: Object.entries(refusals).map(([name, errno]) => ({
      call: "insertModule",
      naming: `/lib/backstore/modules/${name}.ko.zst`,
      errno,
    })),
  });
  return { ...memory, loaded: () => [...memory.modules] };
}

test("loadModules() loads in order what is not loaded, with the command line's parameters", () => {
  const { system, journal } = makeKernel({
    commandLine: "ext4.debug=1",
    loaded: "jbd2 1234 0 - Live 0x0\n",
  });
  const library = readModules(system);
  expect(loadModules(system, library, ["ext4"])).toEqual({
    inserted: ["crc32c_intel", "ext4"],
    problems: [],
  });
  expect(journal.map((call) => call.arguments)).toEqual([
    ["/lib/backstore/modules/crc32c_intel.ko.zst", ""],
    ["/lib/backstore/modules/ext4.ko.zst", "debug=1"],
  ]);
  expect(loadModules(system, library, ["ext4", "jbd2"]).inserted).toEqual([]);
});

describe("loadModules() tells what the kernel refuses", () => {
  const cases: [string, Record<string, string>, string[], string[]][] = [
    ["nothing where it is there already", { crc32c_intel: "EEXIST" }, ["jbd2", "ext4"], []],
    [
      "nothing where the machine has no use for it",
      { crc32c_intel: "ENODEV" },
      ["jbd2", "ext4"],
      [],
    ],
    ["an errno", { jbd2: "ENOEXEC" }, ["crc32c_intel", "ext4"], ["jbd2 ENOEXEC"]],
  ];
  for (const [what, refusals, inserted, problems] of cases) {
    test(`loadModules() tells ${what}`, () => {
      const { system } = makeKernel({ refusals });
      const result = loadModules(system, readModules(system), ["ext4"]);
      expect(result.inserted).toEqual(inserted);
      expect(result.problems.map(({ module, errno }) => `${module} ${errno}`)).toEqual(problems);
    });
  }
});

const disk = "pci/devices/0000:00:03.0/modalias";
const modalias = "pci:v00001AF4d00001001sv00001AF4sd00000002bc01sc00i00\n";

test("loadForHardware() loads for what is there, and looks at each device once", () => {
  const { system, put, loaded } = makeKernel({ devices: { [disk]: modalias } });
  const library = readModules(system);
  const seen = new Set<string>();
  expect(loadForHardware(system, library, { seen }).inserted).toEqual(["virtio", "virtio_pci"]);
  put("/sys/bus/virtio", directory({ "devices/virtio0/modalias": "virtio:d00000002v00001AF4\n" }));
  put(`/sys/bus/${disk}`, file("pci:changed"));
  expect(loadForHardware(system, library, { seen }).inserted).toEqual(["virtio_blk"]);
  expect(loadForHardware(system, library, { seen }).inserted).toEqual([]);
  expect(loaded()).toEqual(["virtio", "virtio_pci", "virtio_blk"]);
});

test("loadForHardware() looks again at what was pulled out and came back", () => {
  const { system, put } = makeKernel({ devices: { [disk]: "pci:nothing" } });
  const library = readModules(system);
  const seen = new Set<string>();
  loadForHardware(system, library, { seen });
  system.removeFile(`/sys/bus/${disk}`);
  system.removeDirectory("/sys/bus/pci/devices/0000:00:03.0");
  loadForHardware(system, library, { seen });
  put("/sys/bus/pci/devices/0000:00:03.0", directory({ modalias }));
  expect(loadForHardware(system, library, { seen }).inserted).toEqual(["virtio", "virtio_pci"]);
});

test("loadForHardware() passes over processors and what is blacklisted", () => {
  const { system, loaded } = makeKernel({
    commandLine: "modprobe.blacklist=usb-storage",
    devices: {
      "cpu/devices/cpu0/modalias": modalias,
      "usb/devices/1-1:1.0/modalias": "usb:v1p1d1dc0dsc0dp0ic08isc06ip50in00",
      "usb/devices/usb1/uevent": "",
    },
  });
  loadForHardware(system, readModules(system), { seen: new Set() });
  expect(loaded()).toEqual([]);
});

test("loadForHardware() keeps to the buses and modules that are asked for", () => {
  const virtio = { "virtio/devices/virtio0/modalias": "virtio:d00000002v00001AF4\n" };
  const { system, loaded } = makeKernel({ devices: { [disk]: modalias, ...virtio } });
  const library = readModules(system);
  loadForHardware(system, library, { seen: new Set(), isWanted: () => false });
  loadForHardware(system, library, { seen: new Set(), buses: ["usb"] });
  expect(loaded()).toEqual([]);
  loadForHardware(system, library, { seen: new Set(), buses: ["pci"] });
  expect(loaded()).toEqual(["virtio", "virtio_pci"]);
});

test("loadModules() waits for no driver that looks for its devices when it is hurried", () => {
  const { system, journal } = makeKernel({});
  const library = readModules(system);
  loadModules(system, library, ["jbd2"]);
  library.isHurried = true;
  loadModules(system, library, ["virtio"]);
  const parameters = journal
    .filter(({ name }) => name === "insertModule")
    .map((call) => call.arguments[1]);
  expect(parameters).toEqual(["", "async_probe"]);
});

describe("loadFileSystem() makes a type mountable", () => {
  const cases: [string, string | undefined, string[]][] = [
    ["ext4", "ext4", ["crc32c_intel", "jbd2", "ext4"]],
    ["ext3", "ext4", ["crc32c_intel", "jbd2", "ext4"]],
    ["ext2", "ext2", []],
    ["vfat", "vfat", ["nls_cp437", "nls_ascii", "fat", "vfat"]],
    ["ntfs", "ntfs", ["ntfs"]],
    ["iso9660", "iso9660", ["isofs"]],
    ["zfs", undefined, []],
    ["../../x", undefined, []],
  ];
  for (const [type, driver, modules] of cases) {
    test(`loadFileSystem() of ${type} is ${driver}`, () => {
      const { system, loaded } = makeKernel();
      expect(loadFileSystem(system, readModules(system), type).driver).toBe(driver);
      expect(loaded()).toEqual(modules);
    });
  }

  test("loadFileSystem() does not promise what the kernel did not take", () => {
    const { system } = makeKernel({ refusals: { isofs: "ENOEXEC" } });
    expect(loadFileSystem(system, readModules(system), "iso9660")).toEqual({
      inserted: [],
      problems: [{ module: "isofs", errno: "ENOEXEC" }],
      driver: undefined,
    });
  });
});

test("loadByName() knows names, aliases and what is built in", () => {
  const { system } = makeKernel();
  const library = readModules(system);
  expect(loadByName(system, library, "nls-cp437")?.inserted).toEqual(["nls_cp437"]);
  expect(loadByName(system, library, "crypto-crc32c")?.inserted).toEqual(["crc32c_intel"]);
  expect(loadByName(system, library, "usbhid")?.inserted).toEqual([]);
  expect(loadByName(system, library, "unknown")).toBeUndefined();
});

test("readModules() loads nothing of another kernel's, and says so", () => {
  const other = '{"release":"other","modules":{},"builtin":[]}';
  for (const kernel of [{ release: "6.2.0" }, { index: other }]) {
    const { system, loaded } = makeKernel({ ...kernel, devices: { [disk]: modalias } });
    const library = readModules(system);
    loadForHardware(system, library, { seen: new Set() });
    loadByName(system, library, "fs-ext4");
    expect(library.problem).toContain("the initramfs has modules of kernel");
    expect(loaded()).toEqual([]);
  }
});

describe("modprobe() answers the kernel", () => {
  const cases: [string, Kernel, number, string[]][] = [
    ["-q -- fs-ext4", {}, 0, []],
    ["fs-ext4", {}, 0, []],
    ["-q -- usbhid", {}, 0, []],
    ["-q -- unknown", {}, 1, []],
    ["unknown", {}, 1, ['Cannot load "unknown": the initramfs has no such module\n']],
    ["", {}, 1, ["Cannot load a module: none is named\n"]],
    ["-- -q", {}, 1, ['Cannot load "-q": the initramfs has no such module\n']],
    [
      "jbd2",
      { refusals: { jbd2: "ENOEXEC" } },
      1,
      ['Cannot load "jbd2": the kernel refused the module "jbd2" (ENOEXEC)\n'],
    ],
    [
      "ext4",
      { release: "6.2.0" },
      1,
      [
        'Cannot load "ext4": the initramfs has modules of kernel "6.1.0-test", but "6.2.0" is running\n',
      ],
    ],
  ];
  for (const [words, kernel, status, expected] of cases) {
    test(`modprobe() ends with ${status} for "${words}"${kernel.release ? " on another kernel" : ""}`, () => {
      const { system, said } = makeKernel(kernel);
      expect(modprobe(system, words.split(" ").filter(Boolean))).toBe(status);
      expect(said.map((one) => one.text)).toEqual(expected);
    });
  }
});
