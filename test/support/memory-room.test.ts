// What the System in memory does beyond the contract, because no kernel of a test machine can show
// it: file systems of different capabilities, files that are formatted, and disks that are in use.
import { describe, expect, test } from "vitest";
import { errnoOf, type System } from "../../src/system/port/system.ts";
import { assembledContent, sparseContent } from "./memory/content.ts";
import { image } from "./memory/image.ts";
import { createMemory, type Memory } from "./memory.ts";

const whole = 1 << 20;

function createWith(type: string, bytes = 16 * whole): { memory: Memory; file: string } {
  const memory = createMemory({
    files: { host: {} },
    disks: [{ name: "sda", content: image({ type, bytes }) }],
    types: [type],
  });
  memory.system.mount({ source: "/dev/sda", target: "/host", type });
  memory.system.createFile("/host/file");
  return { memory, file: "/host/file" };
}

function errnoIn(action: () => unknown): string | undefined {
  try {
    action();
  } catch (error) {
    return errnoOf(error);
  }
  return undefined;
}

function sizesOf(system: System, file: string): (number | undefined)[] {
  const status = system.status(file);
  return [status?.bytes, status?.allocatedBytes];
}

describe("allocate() in memory", () => {
  const cases = [
    { type: "ext4", errno: undefined },
    { type: "xfs", errno: undefined },
    { type: "btrfs", errno: undefined },
    { type: "f2fs", errno: undefined },
    { type: "vfat", errno: undefined },
    { type: "ext2", errno: "EOPNOTSUPP" },
    { type: "ext3", errno: "EOPNOTSUPP" },
    { type: "exfat", errno: "EOPNOTSUPP" },
  ];
  for (const { type, errno } of cases)
    test(`${errno === undefined ? "works" : `gives ${errno}`} on ${type}`, () => {
      const { memory, file } = createWith(type);
      expect(errnoIn(() => memory.system.allocate(file, 0, whole))).toBe(errno);
      expect(memory.system.status(file)?.allocatedBytes).toBe(errno === undefined ? whole : 0);
    });
});

test("no file on vfat has 4 GiB", () => {
  const { memory, file } = createWith("vfat", 8 * 2 ** 30);
  const { system } = memory;
  expect(errnoIn(() => system.allocate(file, 0, 2 ** 32))).toBe("EFBIG");
  expect(errnoIn(() => system.truncate(file, 2 ** 32))).toBe("EFBIG");
  expect(errnoIn(() => system.writeBytes(file, 2 ** 32 - 1, new Uint8Array(1)))).toBe("EFBIG");
  system.allocate(file, 0, 2 ** 32 - 1);
  expect(system.status(file)?.bytes).toBe(2 ** 32 - 1);
});

for (const type of ["vfat", "exfat"])
  test(`truncate() in memory leaves no hole on ${type}`, () => {
    const { memory, file } = createWith(type);
    const { system } = memory;
    system.truncate(file, whole);
    expect(sizesOf(system, file)).toEqual([whole, whole]);
    expect(errnoIn(() => system.truncate(file, 64 * whole))).toBe("ENOSPC");
    expect(sizesOf(system, file)).toEqual([whole, whole]);
    system.truncate(file, 5000);
    expect(sizesOf(system, file)).toEqual([5000, 8192]);
  });

test("format() puts a file system into a file, and writing over its beginning ends it", () => {
  const { memory, file } = createWith("ext4");
  const { system } = memory;
  system.allocate(file, 0, 4 * whole);
  memory.format(file, { type: "ext4", tree: { greeting: "hello" } });
  expect(sizesOf(system, file)).toEqual([4 * whole, 4 * whole]);
  expect(system.readBytes(file, 1080, 2)).toEqual(Uint8Array.of(0x53, 0xef));
  const mount = () =>
    system.withLoop({ file, readonly: false }, (source) =>
      system.mount({ source, target: "/tmp", type: "ext4" }),
    );
  mount();
  expect(system.readText("/tmp/greeting")).toBe("hello");
  expect(system.room("/tmp").totalBytes).toBe(4 * whole);
  system.unmount("/tmp");
  system.writeBytes(file, 0, new Uint8Array(whole));
  expect(errnoIn(mount)).toBe("EINVAL");
});

test("a file system is not mounted from a file that is too short for it", () => {
  const { memory, file } = createWith("ext4");
  const { system } = memory;
  system.truncate(file, 4 * whole);
  memory.format(file, { type: "ext4" });
  system.truncate(file, 3 * whole);
  const mount = () =>
    system.withLoop({ file, readonly: false }, (source) =>
      system.mount({ source, target: "/tmp", type: "ext4" }),
    );
  expect(errnoIn(mount)).toBe("EINVAL");
  system.truncate(file, 4 * whole);
  mount();
});

describe("isBusy() in memory", () => {
  const content = assembledContent(64 * whole, [
    { offset: whole, content: image({ type: "ext4", bytes: 8 * whole }) },
  ]);
  const partitions = [1, 2].map((number) => ({
    number,
    offset: (number * 16 - 15) * whole,
    bytes: 8 * whole,
  }));
  const { system } = createMemory({
    disks: [
      { name: "sda", content, partitions },
      { name: "sdb", content: sparseContent(whole), isClaimed: true },
      { name: "sdc", content: sparseContent(whole) },
    ],
  });
  const busy = () =>
    ["sda", "sda1", "sda2", "sdb", "sdc"].filter((name) => system.isBusy(`/dev/${name}`));

  test("means what is claimed", () => {
    expect(busy()).toEqual(["sdb"]);
  });

  test("means a disk with a partition that is mounted, and not the partition beside it", () => {
    system.mount({ source: "/dev/sda1", target: "/tmp", type: "ext4" });
    expect(busy()).toEqual(["sda", "sda1", "sdb"]);
    system.unmount("/tmp");
    expect(busy()).toEqual(["sdb"]);
  });
});

test("writeBytes() to a partition writes to its disk", () => {
  const { system } = createMemory({
    disks: [
      {
        name: "sda",
        content: sparseContent(64 * whole),
        partitions: [{ number: 1, offset: whole, bytes: whole }],
      },
    ],
  });
  system.writeBytes("/dev/sda1", 3, Uint8Array.of(1, 2));
  expect(system.readBytes("/dev/sda", whole + 3, 3)).toEqual(Uint8Array.of(1, 2, 0));
  expect(errnoIn(() => system.writeBytes("/dev/sda1", whole - 1, Uint8Array.of(3, 4)))).toBe(
    "ENOSPC",
  );
  expect(system.readBytes("/dev/sda", 2 * whole - 1, 2)).toEqual(Uint8Array.of(3, 0));
});

test("a program of a table leaves a child behind that keeps the lock", () => {
  const memory = createMemory({
    files: { store: "" },
    programs: { mkfs: () => ({ leavesChild: true }) },
  });
  const { system } = memory;
  system.withLock("/store", () => system.run(["mkfs"]));
  expect(errnoIn(() => system.withLock("/store", () => 0))).toBe("EAGAIN");
  memory.endLeftBehind();
  expect(system.withLock("/store", () => 1)).toBe(1);
});
