// The contract, part 7: loop devices, the read-only flag of devices, and the kernel's
// announcements.
import type { Predicate } from "../contract.ts";
import { bytes, equal, fails, ok } from "./expect.ts";

/** Predicates about block devices. */
export const devices: Record<string, Predicate> = {
  "withLoop() shows a file as a block device for as long as it is used"(system, fixtures) {
    const file = fixtures.image("squashfs");
    const device = system.withLoop({ file, readonly: true }, (loop) => {
      equal(system.status(loop)?.kind, "block");
      equal(system.loopFile(loop), file);
      equal(system.readBytes(loop, 0, 4), system.readBytes(file, 0, 4));
      ok(system.deviceBytes(loop) > 0, "the device is empty");
      return loop;
    });
    ok(/^\/dev\/loop\d+$/.test(device), `the device is ${device}`);
    ok(system.loopFile(device) !== file, "the device is still in use");
  },

  "withLoop() gives what its use gives, and lets go of the device when that throws"(
    system,
    fixtures,
  ) {
    const file = fixtures.sparseFile();
    equal(
      system.withLoop({ file, readonly: true }, () => 42),
      42,
    );
    let device = "";
    try {
      system.withLoop({ file, readonly: true }, (loop) => {
        device = loop;
        throw new Error("by us");
      });
      throw new Error("nothing was thrown");
    } catch (error) {
      equal(error instanceof Error && error.message, "by us");
    }
    ok(device !== "" && system.loopFile(device) !== file, "the device is still in use");
  },

  "withLoop() shows a part of a file"(system, fixtures) {
    const file = fixtures.image("partitioned");
    const at = `${fixtures.directory}/at`;
    system.makeDirectory(at);
    system.withLoop({ file, readonly: true, offset: 1 << 20, bytes: 8 << 20 }, (device) => {
      equal(system.deviceBytes(device), 8 << 20);
      equal(system.readBytes(device, 1080, 2), bytes(0x53, 0xef));
      equal(system.readBytes(device, (8 << 20) - 1, 2).length, 1);
      system.mount({ source: device, target: at, type: "ext4", flags: ["ro"] });
    });
    equal(system.readText(`${at}/etc/greeting`), "hello\n");
    system.withLoop({ file, readonly: true, offset: 1 << 20 }, (device) => {
      equal(system.deviceBytes(device), system.deviceBytes(file) - (1 << 20));
    });
  },

  "withLoop() uses several devices at once, also on one another"(system, fixtures) {
    const file = fixtures.image("ext4");
    system.withLoop({ file, readonly: true }, (one) =>
      system.withLoop({ file: one, readonly: true, offset: 1024 }, (other) => {
        ok(one !== other, "both are the same device");
        equal(system.readBytes(other, 56, 2), bytes(0x53, 0xef));
      }),
    );
  },

  "withLoop() says why it cannot"(system, { directory }) {
    fails("ENOENT", () =>
      system.withLoop({ file: `${directory}/missing`, readonly: true }, () => 0),
    );
    fails("EISDIR", () => system.withLoop({ file: directory, readonly: false }, () => 0));
    fails("EINVAL", () => system.withLoop({ file: directory, readonly: true }, () => 0));
  },

  "withLoop() cannot write to a file on a read-only file system"(system, fixtures) {
    const file = fixtures.image("ext4");
    const { directory } = fixtures;
    system.makeDirectory(`${directory}/at`);
    system.mount({ source: directory, target: `${directory}/at`, flags: ["bind"] });
    system.mount({ source: "none", target: `${directory}/at`, flags: ["remount", "bind", "ro"] });
    const below = `${directory}/at${file.slice(directory.length)}`;
    fails("EROFS", () => system.withLoop({ file: below, readonly: false }, () => 0));
    equal(
      system.withLoop({ file: below, readonly: true }, (device) => system.isReadonly(device)),
      true,
    );
  },

  "loopFile() gives nothing for what is no loop device in use"(system, { directory }) {
    equal(system.loopFile(`${directory}/missing`), undefined);
    equal(system.loopFile("/dev/loop9999"), undefined);
    equal(system.loopFile("/dev/null"), undefined);
  },

  "loopFile() gives any name as it is"(system, { directory }) {
    for (const name of ["with space ", "caf\udce9", "grüße"]) {
      system.writeFile(`${directory}/${name}`, "x".repeat(4096));
      equal(
        system.withLoop({ file: `${directory}/${name}`, readonly: true }, system.loopFile),
        `${directory}/${name}`,
      );
    }
  },

  "isReadonly() tells how a device was attached"(system, fixtures) {
    const file = fixtures.image("ext4");
    equal(
      [true, false].map((readonly) => system.withLoop({ file, readonly }, system.isReadonly)),
      [true, false],
    );
    fails("ENOTTY", () => system.isReadonly(file));
    fails("ENOENT", () => system.isReadonly(`${file}x`));
  },

  "setReadonly() keeps a file system from being mounted for writing, and takes it back"(
    system,
    fixtures,
  ) {
    const at = `${fixtures.directory}/at`;
    system.makeDirectory(at);
    system.withLoop({ file: fixtures.image("ext4"), readonly: false }, (device) => {
      system.setReadonly(device, true);
      equal(system.isReadonly(device), true);
      fails("EACCES", () => system.mount({ source: device, target: at, type: "ext4" }));
      system.mount({ source: device, target: at, type: "ext4", flags: ["ro"] });
      system.unmount(at);
      system.setReadonly(device, false);
      equal(system.isReadonly(device), false);
      system.mount({ source: device, target: at, type: "ext4" });
      system.writeFile(`${at}/file`, "");
      system.unmount(at);
    });
    fails("ENOTTY", () => system.setReadonly(fixtures.sparseFile(), true));
  },

  "deviceBytes() tells the size of files too"(system, fixtures) {
    equal(system.deviceBytes(fixtures.sparseFile()), 64 << 20);
    fails("ENOENT", () => system.deviceBytes(`${fixtures.directory}/missing`));
  },

  "waitForDevices() hears a device that comes, and nothing when nothing comes"(system, fixtures) {
    const file = fixtures.sparseFile();
    system.waitForDevices(0);
    // Others on this machine attach devices too, so silence may take a few calls.
    let calls = 0;
    while (system.waitForDevices(0)) ok(++calls < 1000, "it never says that nothing came");
    system.withLoop({ file, readonly: true }, () => equal(system.waitForDevices(5000), true));
  },
};
