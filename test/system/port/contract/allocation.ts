// The contract, part 9: files that are created, allocated, truncated and written in place, and the
// space that they take.
import type { Room, System } from "../../../../src/system/port/system.ts";
import type { Fixtures, ImageName, Predicate } from "../contract.ts";
import { bytes, equal, fails, ok } from "./expect.ts";

const blockBytes = 4096;
const half = 1 << 19;
const whole = 1 << 20;

/**
 * Predicates about free space, and about files that are allocated before anything is written to
 * them.
 */
export const allocation: Record<string, Predicate> = {
  "createFile() makes an empty file, of mode 644 unless told otherwise"(system, { directory }) {
    system.createFile(`${directory}/plain`);
    system.createFile(`${directory}/private`, 0o600);
    system.createFile(`${directory}/open`, 0o666);
    const found = ["plain", "private", "open"].map((name) => system.status(`${directory}/${name}`));
    equal(
      found.map((status) => [status?.kind, status?.mode, status?.bytes]),
      [
        ["file", 0o644, 0],
        ["file", 0o600, 0],
        ["file", 0o644, 0],
      ],
    );
  },

  "createFile() takes no name that anything has, and follows no link"(system, { directory }) {
    system.writeFile(`${directory}/file`, "text");
    system.makeDirectory(`${directory}/directory`);
    system.makeLink(`${directory}/link`, "file");
    system.makeLink(`${directory}/dangling`, "nowhere");
    for (const name of ["file", "directory", "link", "dangling"])
      fails("EEXIST", () => system.createFile(`${directory}/${name}`));
    equal(system.list(directory), ["dangling", "directory", "file", "link"]);
    equal(system.readText(`${directory}/file`), "text");
    fails("ENOENT", () => system.createFile(`${directory}/missing/file`));
    fails("ENOTDIR", () => system.createFile(`${directory}/file/below`));
    fails("EISDIR", () => system.createFile(`${directory}/new/`));
  },

  "writeBytes() changes a range of a file and nothing else"(system, { directory }) {
    const file = `${directory}/file`;
    system.writeFile(file, "0123456789", 0o600);
    const before = system.status(file);
    system.makeLink(`${directory}/link`, "file");
    system.writeBytes(`${directory}/link`, 3, bytes(0x61, 0x62));
    equal(system.readText(file), "012ab56789");
    system.writeBytes(file, 0, bytes());
    system.writeBytes(file, 100, bytes());
    equal(system.readText(file), "012ab56789");
    equal([system.status(file)?.mode, system.status(file)?.inode], [before?.mode, before?.inode]);
  },

  "writeBytes() takes what the bytes are then, and any part of an array"(system, { directory }) {
    system.createFile(`${directory}/file`);
    const all = bytes(1, 2, 3, 4);
    system.writeBytes(`${directory}/file`, 0, all.subarray(1, 3));
    all.fill(9);
    equal(system.readBytes(`${directory}/file`, 0, 10), bytes(2, 3));
  },

  "writeBytes() makes a file longer, with a hole before what it writes"(system, { directory }) {
    const file = `${directory}/file`;
    system.writeFile(file, "begin");
    system.writeBytes(file, whole, bytes(7));
    const status = system.status(file);
    equal([status?.bytes, status?.allocatedBytes], [whole + 1, 2 * blockBytes]);
    equal(system.readBytes(file, whole - 2, 10), bytes(0, 0, 7));
    equal(system.readBytes(file, 0, 6), bytes(0x62, 0x65, 0x67, 0x69, 0x6e, 0));
  },

  "writeBytes() writes what there is room for, and then fails"(system, { directory }) {
    const at = mountSmall(system, directory);
    const file = `${at}/file`;
    system.writeFile(`${at}/other`, "x".repeat(half));
    system.createFile(file);
    fails("ENOSPC", () => system.writeBytes(file, 0, new Uint8Array(whole).fill(7)));
    equal([...sizesOf(system, file), system.room(at).freeBytes], [half, half, 0]);
    system.writeBytes(file, 0, bytes(8));
    fails("ENOSPC", () => system.appendFile(file, "x"));
    fails("ENOSPC", () => system.writeFile(`${at}/third`, "x".repeat(whole)));
    equal(sizesOf(system, file), [half, half]);
  },

  "writeBytes() says why it cannot"(system, { directory }) {
    system.writeFile(`${directory}/file`, "");
    fails("ENOENT", () => system.writeBytes(`${directory}/missing`, 0, bytes(1)));
    fails("EISDIR", () => system.writeBytes(directory, 0, bytes(1)));
    fails("EINVAL", () => system.writeBytes(`${directory}/file`, -1, bytes(1)));
    equal(system.list(directory), ["file"]);
  },

  "writeBytes() writes to a device what its file then has, up to its end"(system, fixtures) {
    const file = fixtures.sparseFile();
    const end = 64 << 20;
    system.withLoop({ file, readonly: false }, (device) => {
      system.writeBytes(device, whole, bytes(1, 2, 3));
      system.writeBytes(device, end - 2, bytes(4, 5));
      fails("ENOSPC", () => system.writeBytes(device, end, bytes(6)));
      equal(system.deviceBytes(device), end);
      equal(system.readBytes(device, whole, 3), bytes(1, 2, 3));
      system.sync(device);
    });
    equal(system.readBytes(file, whole, 4), bytes(1, 2, 3, 0));
    equal(system.readBytes(file, end - 2, 4), bytes(4, 5));
    equal(system.status(file)?.bytes, end);
  },

  "writeBytes() does not write to a device that is read-only"(system, fixtures) {
    const file = fixtures.sparseFile();
    system.withLoop({ file, readonly: true }, (device) =>
      fails("EPERM", () => system.writeBytes(device, 0, bytes(1))),
    );
    equal(system.readBytes(file, 0, 1), bytes(0));
  },

  "allocate() gives a file its room and makes it as long"(system, { directory }) {
    const file = `${directory}/file`;
    system.writeFile(file, "text");
    system.allocate(file, 0, half);
    equal(sizesOf(system, file), [half, half]);
    system.allocate(file, half, half);
    equal(sizesOf(system, file), [whole, whole]);
    system.allocate(file, 0, 1);
    equal(sizesOf(system, file), [whole, whole]);
    equal(system.readBytes(file, 0, 5), bytes(0x74, 0x65, 0x78, 0x74, 0));
    equal(system.readBytes(file, whole - 1, 5), bytes(0));
  },

  "allocate() fills holes alone"(system, fixtures) {
    const file = fixtures.sparseFile();
    system.writeBytes(file, half, bytes(7));
    system.allocate(file, half - blockBytes, 3 * blockBytes);
    equal(sizesOf(system, file), [64 << 20, 3 * blockBytes]);
    equal(system.readBytes(file, half, 2), bytes(7, 0));
  },

  "allocate() says why it cannot"(system, fixtures) {
    const { directory } = fixtures;
    system.writeFile(`${directory}/file`, "");
    system.makeNode(`${directory}/null`, "character", 0o600, 0x103);
    fails("ENOENT", () => system.allocate(`${directory}/missing`, 0, 1));
    fails("EISDIR", () => system.allocate(directory, 0, 1));
    fails("ENODEV", () => system.allocate(`${directory}/null`, 0, 1));
    for (const [offset, length] of [
      [0, 0],
      [0, -1],
      [-1, 1],
    ] as const)
      fails("EINVAL", () => system.allocate(`${directory}/file`, offset, length));
    const file = fixtures.sparseFile();
    system.withLoop({ file, readonly: false }, (device) =>
      fails("EOPNOTSUPP", () => system.allocate(device, 0, blockBytes)),
    );
    equal(sizesOf(system, `${directory}/file`), [0, 0]);
  },

  "allocate() fails where the file system cannot"(system, fixtures) {
    const at = attach(system, fixtures, "ext2");
    system.createFile(`${at}/file`);
    fails("EOPNOTSUPP", () => system.allocate(`${at}/file`, 0, half));
    equal(sizesOf(system, `${at}/file`), [0, 0]);
  },

  "allocate() fails when there is no room, and gives back what it took"(system, { directory }) {
    const at = mountSmall(system, directory);
    system.createFile(`${at}/file`);
    system.allocate(`${at}/file`, 0, half);
    fails("ENOSPC", () => system.allocate(`${at}/file`, half, whole));
    equal(sizesOf(system, `${at}/file`), [half, half]);
    equal(system.room(at).freeBytes, half);
    system.allocate(`${at}/file`, half, half);
    equal(system.room(at).freeBytes, 0);
  },

  "allocate() keeps on ext4 what it took when there is no room"(system, fixtures) {
    const at = attach(system, fixtures, "ext4");
    const file = `${at}/file`;
    system.createFile(file);
    fails("ENOSPC", () => system.allocate(file, 0, 64 << 20));
    const [size = 0, allocated = 0] = sizesOf(system, file);
    ok(size > whole && size < 64 << 20, `the file has ${size} bytes`);
    ok(allocated >= size, `${allocated} of ${size} bytes allocated`);
    system.truncate(file, 0);
    ok(system.room(at).freeBytes > whole, "cutting it did not give the room back");
  },

  "reserve() gives a file room beyond its end, and leaves its length"(system, fixtures) {
    for (const at of [fixtures.directory, attach(system, fixtures, "ext4")]) {
      const file = `${at}/reserved`;
      system.writeFile(file, "text");
      system.reserve(file, 0, half);
      equal(sizesOf(system, file), [4, half]);
      equal(system.readBytes(file, 0, 10), bytes(0x74, 0x65, 0x78, 0x74));
      system.allocate(file, 0, half);
      equal(sizesOf(system, file), [half, half]);
      system.reserve(file, half, half);
      system.truncate(file, half);
      equal(sizesOf(system, file), [half, half]);
    }
  },

  "reserve() says why it cannot"(system, fixtures) {
    const { directory } = fixtures;
    const at = attach(system, fixtures, "ext2");
    system.createFile(`${at}/file`);
    fails("EOPNOTSUPP", () => system.reserve(`${at}/file`, 0, half));
    fails("ENOENT", () => system.reserve(`${directory}/missing`, 0, 1));
    fails("EINVAL", () => system.reserve(`${at}/file`, 0, 0));
    const small = mountSmall(system, directory);
    system.createFile(`${small}/file`);
    fails("ENOSPC", () => system.reserve(`${small}/file`, 0, 2 * whole));
    equal(sizesOf(system, `${small}/file`), [0, 0]);
  },

  "truncate() cuts a file off, or adds a hole"(system, { directory }) {
    const file = `${directory}/file`;
    system.writeFile(file, bytes(1, 2, 3, 4));
    system.makeLink(`${directory}/link`, "file");
    system.truncate(`${directory}/link`, 2);
    equal(system.readBytes(file, 0, 10), bytes(1, 2));
    system.truncate(file, 4);
    equal(system.readBytes(file, 0, 10), bytes(1, 2, 0, 0));
    system.truncate(file, whole);
    equal(sizesOf(system, file), [whole, blockBytes]);
    system.allocate(file, 0, whole);
    system.truncate(file, half + 1);
    equal(sizesOf(system, file), [half + 1, half + blockBytes]);
    system.truncate(file, 0);
    equal(sizesOf(system, file), [0, 0]);
  },

  "truncate() promises room that need not be there"(system, { directory }) {
    const at = mountSmall(system, directory);
    system.createFile(`${at}/file`);
    system.truncate(`${at}/file`, 16 * whole);
    equal(system.room(at).freeBytes, whole);
    fails("ENOSPC", () => system.writeBytes(`${at}/file`, 0, new Uint8Array(2 * whole)));
    system.truncate(`${at}/file`, 0);
    equal(system.room(at).freeBytes, whole);
  },

  "truncate() says why it cannot"(system, { directory }) {
    system.writeFile(`${directory}/file`, "text");
    fails("ENOENT", () => system.truncate(`${directory}/missing`, 0));
    fails("EISDIR", () => system.truncate(directory, 0));
    fails("EINVAL", () => system.truncate(`${directory}/file`, -1));
    system.makeNode(`${directory}/null`, "character", 0o600, 0x103);
    fails("EINVAL", () => system.truncate(`${directory}/null`, 0));
    equal(system.readText(`${directory}/file`), "text");
  },

  "disableCopyOnWrite() marks an empty file on btrfs, also where files are compressed"(
    system,
    fixtures,
  ) {
    const at = attach(system, fixtures, "btrfs");
    system.makeDirectory(`${at}/compressed`);
    equal(system.run(["chattr", "+c", `${at}/compressed`]).status, 0);
    for (const name of ["file", "compressed/file"]) {
      system.createFile(`${at}/${name}`);
      equal(isCopiedOnWrite(system, `${at}/${name}`), true);
      system.disableCopyOnWrite(`${at}/${name}`);
      equal(isCopiedOnWrite(system, `${at}/${name}`), false);
    }
    system.writeFile(`${at}/full`, "text");
    system.disableCopyOnWrite(`${at}/full`);
    equal(isCopiedOnWrite(system, `${at}/full`), true);
  },

  "disableCopyOnWrite() does nothing where nothing is copied"(system, fixtures) {
    const { directory } = fixtures;
    system.writeFile(`${directory}/file`, "text");
    system.disableCopyOnWrite(`${directory}/file`);
    equal(system.readText(`${directory}/file`), "text");
    system.disableCopyOnWrite("/proc/version");
    const at = attach(system, fixtures, "ext4");
    system.createFile(`${at}/file`);
    system.disableCopyOnWrite(`${at}/file`);
    fails("ENOENT", () => system.disableCopyOnWrite(`${directory}/missing`));
  },

  "ownership() tells whether every write to a file takes new blocks"(system, fixtures) {
    const at = attach(system, fixtures, "btrfs");
    for (const name of ["plain", "own"]) system.createFile(`${at}/${name}`);
    system.disableCopyOnWrite(`${at}/own`);
    for (const name of ["plain", "own"]) system.allocate(`${at}/${name}`, 0, half);
    equal(system.ownership(`${at}/plain`), { sharedBytes: 0, isCopiedOnWrite: true });
    equal(system.ownership(`${at}/own`), { sharedBytes: 0, isCopiedOnWrite: false });
    fails("ENOENT", () => system.ownership(`${at}/missing`));
  },

  "ownership() finds nothing shared where nothing can be"(system, fixtures) {
    const { directory } = fixtures;
    system.writeFile(`${directory}/file`, "text");
    equal(system.ownership(`${directory}/file`), { sharedBytes: 0, isCopiedOnWrite: false });
    const at = attach(system, fixtures, "ext4");
    system.writeFile(`${at}/file`, "text");
    equal(system.ownership(`${at}/file`), { sharedBytes: 0, isCopiedOnWrite: false });
    fails("EOPNOTSUPP", () => system.unshare(`${at}/file`, 0, 4));
  },

  "kernelLog() holds what was said to the kernel"(system) {
    const line = `contract: ${system.uptimeMs()}`;
    system.say("kernel", line);
    ok(system.kernelLog().includes(line), "the line is not in the log");
  },

  "writeOut() takes any range of a file, and changes nothing of it"(system, { directory }) {
    const file = `${directory}/written-out`;
    system.writeFile(file, "contents");
    for (const [offset, length] of [
      [0, 8],
      [4, 1],
      [4096, 2 ** 20],
    ] as const)
      system.writeOut(file, offset, length);
    equal(system.readText(file), "contents");
    fails("ENOENT", () => system.writeOut(`${directory}/missing`, 0, 1));
  },

  "syncFileSystem() takes any file of it"(system, fixtures) {
    const at = attach(system, fixtures, "ext4");
    system.writeFile(`${at}/file`, "text");
    system.syncFileSystem(`${at}/file`);
    system.syncFileSystem(at);
    fails("ENOENT", () => system.syncFileSystem(`${at}/missing`));
  },

  "room() tells the size of the file system and what is left"(system, { directory }) {
    const at = mountSmall(system, directory);
    const roomOf = (left: number) => ({
      totalBytes: whole,
      availableBytes: left,
      freeBytes: left,
      readonly: false,
    });
    const bytesOf = ({ totalInodes: _, freeInodes: __, ...bytes }: Room) => bytes;
    equal(bytesOf(system.room(at)), roomOf(whole));
    system.writeFile(`${at}/file`, "x".repeat(65_536));
    equal(bytesOf(system.room(`${at}/file`)), roomOf(whole - 65_536));
    fails("ENOENT", () => system.room(`${directory}/missing`));
  },

  "room() tells how many files there can be"(system, { directory }) {
    const { totalInodes, freeInodes } = system.room(mountSmall(system, directory));
    ok(freeInodes > 0 && freeInodes < totalInodes, `${freeInodes} of ${totalInodes} are free`);
  },

  "room() tells what is reserved for root"(system, fixtures) {
    const { availableBytes, freeBytes, totalBytes } = system.room(attach(system, fixtures, "ext4"));
    ok(
      availableBytes < freeBytes && freeBytes < totalBytes,
      `${availableBytes} of ${freeBytes} free bytes are for everybody`,
    );
  },

  "room() tells whether a place is read-only"(system, { directory }) {
    const at = mountSmall(system, directory);
    system.makeDirectory(`${directory}/again`);
    system.mount({ source: at, target: `${directory}/again`, flags: ["bind"] });
    const found = () => [at, `${directory}/again`].map((path) => system.room(path).readonly);
    system.mount({
      source: "none",
      target: `${directory}/again`,
      flags: ["remount", "bind", "ro"],
    });
    equal(found(), [false, true]);
    system.mount({ source: "none", target: at, flags: ["remount", "ro"] });
    equal(found(), [true, true]);
  },
};

/** Returns the length, and how much of it is allocated. */
function sizesOf(system: System, file: string): (number | undefined)[] {
  const status = system.status(file);
  return [status?.bytes, status?.allocatedBytes];
}

function isCopiedOnWrite(system: System, file: string): boolean {
  const [flags = ""] = system.run(["lsattr", file]).stdout.split(" ");
  ok(flags !== "", "lsattr said nothing");
  return !flags.includes("C");
}

/** Mounts a file system of 1 MiB. */
function mountSmall(system: System, directory: string): string {
  const target = `${directory}/small`;
  system.makeDirectory(target);
  system.mount({ source: "none", target, type: "tmpfs", data: "size=1m" });
  return target;
}

function attach(system: System, fixtures: Fixtures, type: ImageName): string {
  const target = `${fixtures.directory}/at`;
  system.makeDirectory(target);
  system.withLoop({ file: fixtures.image(type), readonly: false }, (source) =>
    system.mount({ source, target, type }),
  );
  return target;
}
