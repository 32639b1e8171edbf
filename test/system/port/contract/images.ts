// The contract, part 5: file systems in image files, mounted through loop devices.
import type { MountFlag, System } from "../../../../src/system/port/system.ts";
import type { Fixtures, Predicate } from "../contract.ts";
import { equal, fails, ok } from "./expect.ts";

/** Predicates about real file systems on loop devices. */
export const images: Record<string, Predicate> = {
  "mount() shows what is in a squashfs image"(system, fixtures) {
    const at = attach(system, {
      fixtures,
      image: fixtures.image("squashfs"),
      type: "squashfs",
      readonly: true,
    });
    equal(system.list(at), ["bin", "empty", "etc"]);
    equal(system.readText(`${at}/etc/greeting`), "hello\n");
    equal(system.readLink(`${at}/etc/link`), "greeting");
    equal(system.readText(`${at}/etc/link`), "hello\n");
    equal(system.status(`${at}/bin/tool`)?.mode, 0o755);
    equal(system.list(`${at}/empty`), []);
    fails("EROFS", () => system.writeFile(`${at}/etc/other`, "x"));
    ok(
      system.mounts().some(({ target, type }) => target === at && type === "squashfs"),
      "the mount is not listed",
    );
  },

  ...Object.fromEntries(
    (["ext4", "xfs", "btrfs"] as const).map((type) => [
      `mount() keeps what is written to an ${type} image`,
      ((system, fixtures) => {
        const image = fixtures.image(type);
        const at = attach(system, { fixtures, image, type });
        system.writeFile(`${at}/file`, "kept", 0o600);
        system.setXattr(`${at}/file`, "trusted.a", new Uint8Array([1]));
        system.sync(`${at}/file`);
        system.unmount(at);
        attach(system, { fixtures, image, type, readonly: true });
        equal([system.readText(`${at}/file`), system.status(`${at}/file`)?.mode], ["kept", 0o600]);
        equal(system.getXattr(`${at}/file`, "trusted.a"), new Uint8Array([1]));
        fails("EROFS", () => system.writeFile(`${at}/other`, "x"));
        system.unmount(at);
      }) satisfies Predicate,
    ]),
  ),

  "mounts() tells the number of the device that a file system is on"(system, fixtures) {
    const at = `${fixtures.directory}/numbered`;
    system.makeDirectory(at);
    const number = system.withLoop({ file: fixtures.image("ext4"), readonly: true }, (source) => {
      system.mount({ source, target: at, type: "ext4", flags: ["ro"] });
      return system.status(source)?.deviceNumber ?? 0;
    });
    const { deviceNumber } = system.mounts().find(({ target }) => target === at) ?? {};
    equal(deviceNumber, `${number >> 8}:${number & 255}`);
  },

  "mount() shows what mkfs put into an ext4 image"(system, fixtures) {
    const at = attach(system, {
      fixtures,
      image: fixtures.image("ext4"),
      type: "ext4",
      readonly: true,
    });
    equal(system.readText(`${at}/etc/greeting`), "hello\n");
    const { totalBytes, availableBytes } = system.room(at);
    ok(
      totalBytes > 1 << 20 && availableBytes < totalBytes,
      `${availableBytes} of ${totalBytes} bytes are left`,
    );
  },

  "mount() refuses a file system that is another or none"(system, fixtures) {
    const empty = fixtures.sparseFile();
    const image = fixtures.image("ext4");
    fails("EINVAL", () => attach(system, { fixtures, image, type: "xfs", readonly: true }));
    fails("EINVAL", () => attach(system, { fixtures, image: empty, type: "ext4", readonly: true }));
    fails("EINVAL", () => attach(system, { fixtures, image, type: "ext4", data: "nosuchoption" }));
  },

  "mount() refuses to write to a device that is read-only"(system, fixtures) {
    const image = fixtures.image("ext4");
    const at = makeAt(system, fixtures);
    system.withLoop({ file: image, readonly: true }, (device) => {
      fails("EACCES", () => system.mount({ source: device, target: at, type: "ext4" }));
      system.mount({ source: device, target: at, type: "ext4", flags: ["ro"] });
      fails("EACCES", () => system.mount({ source: "none", target: at, flags: ["remount"] }));
    });
  },

  "mount() mounts one device twice only in one way"(system, fixtures) {
    const image = fixtures.image("ext4");
    const at = makeAt(system, fixtures);
    system.makeDirectory(`${fixtures.directory}/again`);
    system.withLoop({ file: image, readonly: false }, (device) => {
      system.mount({ source: device, target: at, type: "ext4" });
      fails("EBUSY", () =>
        system.mount({
          source: device,
          target: `${fixtures.directory}/again`,
          type: "ext4",
          flags: ["ro"],
        }),
      );
      system.mount({ source: device, target: `${fixtures.directory}/again`, type: "ext4" });
      system.writeFile(`${at}/file`, "text");
      equal(system.readText(`${fixtures.directory}/again/file`), "text");
    });
  },

  "mount() tells the same device number in mounts() and status()"(system, fixtures) {
    const at = attach(system, { fixtures, image: fixtures.image("ext4"), type: "ext4" });
    const [major = 0, minor = 0] = (
      system.mounts().find(({ target }) => target === at)?.deviceNumber ?? ""
    )
      .split(":")
      .map(Number);
    equal(system.status(at)?.device, major * 256 + minor);
  },

  "a mount keeps its loop device, which goes with it"(system, fixtures) {
    const image = fixtures.image("ext4");
    const at = makeAt(system, fixtures);
    const device = system.withLoop({ file: image, readonly: false }, (loop) => {
      system.mount({ source: loop, target: at, type: "ext4" });
      return loop;
    });
    equal(system.loopFile(device), image);
    equal(system.mounts().find(({ target }) => target === at)?.source, device);
    system.writeFile(`${at}/file`, "text");
    system.unmount(at);
    ok(system.loopFile(device) !== image, "the loop device is still in use");
  },
};

interface Attachment {
  readonly fixtures: Fixtures;
  readonly image: string;
  readonly type: string;
  readonly readonly?: boolean;
  readonly data?: string;
}

function attach(
  system: System,
  { fixtures, image, type, readonly = false, data = "" }: Attachment,
): string {
  const target = makeAt(system, fixtures);
  const flags: MountFlag[] = readonly ? ["ro"] : [];
  system.withLoop({ file: image, readonly }, (source) =>
    system.mount({ source, target, type, flags, data }),
  );
  return target;
}

function makeAt(system: System, { directory }: Fixtures): string {
  if (!system.status(`${directory}/at`)) system.makeDirectory(`${directory}/at`);
  return `${directory}/at`;
}
