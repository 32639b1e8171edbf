// The contract, part 10: the status of loop devices, loop devices that grow, and devices that are
// in use.
import type { Predicate } from "../contract.ts";
import { bytes, equal, fails, ok } from "./expect.ts";

const fileBytes = 64 << 20;

/** Predicates about loop devices in use. */
export const loops: Record<string, Predicate> = {
  "loopStatus() tells which file is behind a device, and how"(system, fixtures) {
    const file = fixtures.sparseFile();
    const { device, inode } = system.status(file) ?? {};
    const found = [true, false].map((readonly) =>
      system.withLoop({ file, readonly }, system.loopStatus),
    );
    equal(
      found,
      [true, false].map((readonly) => ({
        file,
        device,
        inode,
        offset: 0,
        bytes: fileBytes,
        readonly,
        directIo: false,
      })),
    );
    const part = { file, readonly: true, offset: 1 << 20, bytes: 8 << 20 };
    const { offset, bytes: shown } = system.withLoop(part, system.loopStatus) ?? {};
    equal([offset, shown], [1 << 20, 8 << 20]);
  },

  "loopStatus() gives nothing for what is no loop device in use"(system, fixtures) {
    const file = fixtures.sparseFile();
    const { directory } = fixtures;
    for (const path of [directory, file, `${directory}/missing`, "/dev/loop9999", "/dev/null"])
      equal(system.loopStatus(path), undefined);
    const device = system.withLoop({ file, readonly: true }, (loop) => loop);
    ok(system.loopStatus(device)?.file !== file, "the device is still in use");
  },

  "loopStatus() names the same file by its new name, when it has one"(system, fixtures) {
    const file = fixtures.sparseFile();
    const { inode } = system.status(file) ?? {};
    system.makeLink(`${file}-link`, "sparse");
    system.withLoop({ file: `${file}-link`, readonly: true }, (device) => {
      equal(system.loopFile(device), file);
      system.rename(file, `${file}-new`);
      system.writeFile(file, "another");
      const status = system.loopStatus(device);
      equal([status?.file, status?.inode], [`${file}-new`, inode]);
    });
  },

  "setLoopCapacity() shows what a file has grown by"(system, fixtures) {
    const file = fixtures.sparseFile();
    system.withLoop({ file, readonly: false }, (device) => {
      system.truncate(file, 2 * fileBytes);
      system.writeBytes(file, fileBytes, bytes(7));
      equal([system.deviceBytes(device), system.loopStatus(device)?.bytes], [fileBytes, fileBytes]);
      equal(system.readBytes(device, fileBytes, 1), bytes());
      system.setLoopCapacity(device);
      equal(system.deviceBytes(device), 2 * fileBytes);
      equal(system.loopStatus(device)?.bytes, 2 * fileBytes);
      equal(system.readBytes(device, fileBytes, 1), bytes(7));
      system.truncate(file, fileBytes + 1000);
      system.setLoopCapacity(device);
      equal(system.deviceBytes(device), fileBytes + 512);
    });
  },

  "setLoopCapacity() works below a mounted file system"(system, fixtures) {
    const file = fixtures.image("ext4");
    const at = `${fixtures.directory}/at`;
    system.makeDirectory(at);
    const device = system.withLoop({ file, readonly: false }, (source) => {
      system.mount({ source, target: at, type: "ext4" });
      return source;
    });
    system.truncate(file, 16 << 20);
    system.setLoopCapacity(device);
    equal(system.deviceBytes(device), 16 << 20);
    equal(system.readText(`${at}/etc/greeting`), "hello\n");
  },

  "setLoopCapacity() says why it cannot"(system, fixtures) {
    const file = fixtures.sparseFile();
    fails("ENOENT", () => system.setLoopCapacity(`${file}x`));
    fails("ENOTTY", () => system.setLoopCapacity(file));
    const device = system.withLoop({ file, readonly: true }, (loop) => loop);
    // Another process on this machine may have taken it by now.
    if (system.loopStatus(device) === undefined)
      fails("ENXIO", () => system.setLoopCapacity(device));
  },

  "detachLoop() leaves a device to its last user"(system, fixtures) {
    const file = fixtures.image("ext4");
    const at = `${fixtures.directory}/at`;
    system.makeDirectory(at);
    const device = system.withLoop({ file, readonly: true }, (loop) => {
      system.mount({ source: loop, target: at, type: "ext4", flags: ["ro"] });
      return loop;
    });
    system.detachLoop(device);
    equal(system.loopFile(device), file);
    equal(system.readText(`${at}/etc/greeting`), "hello\n");
    system.unmount(at);
    ok(system.loopFile(device) !== file, "the device is still in use");
  },

  "detachLoop() says why it cannot"(system, fixtures) {
    const file = fixtures.sparseFile();
    fails("ENOENT", () => system.detachLoop(`${file}x`));
    fails("ENOTTY", () => system.detachLoop(file));
    const device = system.withLoop({ file, readonly: true }, (loop) => loop);
    // Another process on this machine may have taken it by now.
    if (system.loopStatus(device) === undefined) fails("ENXIO", () => system.detachLoop(device));
  },

  "withLoop() goes past the page cache where it is asked to and can"(system, fixtures) {
    const at = `${fixtures.directory}/at`;
    system.makeDirectory(at);
    system.withLoop({ file: fixtures.image("ext4"), readonly: false }, (source) =>
      system.mount({ source, target: at, type: "ext4" }),
    );
    const file = `${at}/file`;
    system.createFile(file);
    system.allocate(file, 0, 1 << 20);
    const asked = [true, false].map((directIo) =>
      system.withLoop({ file, readonly: false, directIo }, (device) => {
        system.writeBytes(device, 4096, bytes(1, 2));
        system.sync(device);
        return system.loopStatus(device)?.directIo;
      }),
    );
    equal(asked, [true, false]);
    equal(system.readBytes(file, 4096, 3), bytes(1, 2, 0));
  },

  "withLoop() goes through the page cache where it cannot go past it"(system, fixtures) {
    const at = `${fixtures.directory}/at`;
    system.makeDirectory(at);
    system.withLoop({ file: fixtures.image("squashfs"), readonly: true }, (source) =>
      system.mount({ source, target: at, type: "squashfs", flags: ["ro"] }),
    );
    const request = { file: `${at}/etc/greeting`, readonly: true, directIo: true };
    equal(system.withLoop(request, system.loopStatus)?.directIo, false);
  },

  "isBusy() tells a device that is mounted from others"(system, fixtures) {
    const file = fixtures.image("ext4");
    const at = `${fixtures.directory}/at`;
    system.makeDirectory(at);
    system.withLoop({ file, readonly: false }, (device) => {
      equal(system.isBusy(device), false);
      system.withLoop({ file: device, readonly: true }, () => equal(system.isBusy(device), false));
      for (const flags of [[], ["ro"]] as const) {
        system.mount({ source: device, target: at, type: "ext4", flags });
        equal(system.isBusy(device), true);
        system.unmount(at);
        equal(system.isBusy(device), false);
      }
    });
  },

  "isBusy() is asked of block devices alone"(system, fixtures) {
    fails("ENOTBLK", () => system.isBusy(fixtures.sparseFile()));
    fails("ENOTBLK", () => system.isBusy(fixtures.directory));
    fails("ENOENT", () => system.isBusy(`${fixtures.directory}/missing`));
  },
};
