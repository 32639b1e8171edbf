// The contract, part 15: block devices read and written past the page cache, and kept from others.
import type { System } from "../../../../src/system/port/system.ts";
import type { Fixtures, Predicate } from "../contract.ts";
import { bytes, equal, fails, ok } from "./expect.ts";

const sector = 512;

function onLoop<T>(system: System, fixtures: Fixtures, use: (device: string) => T): T {
  return system.withLoop({ file: fixtures.sparseFile(), readonly: false }, use);
}

function filled(length: number, byte: number): Uint8Array {
  return new Uint8Array(length).fill(byte);
}

/** Predicates about direct access to devices. */
export const direct: Record<string, Predicate> = {
  "writeDirect() writes sectors that readDirect() and everybody else find"(system, fixtures) {
    onLoop(system, fixtures, (device) => {
      equal(system.readDirect(device, 0, sector), filled(sector, 0));
      system.writeDirect(device, sector, filled(2 * sector, 7));
      equal(system.readDirect(device, sector, 2 * sector), filled(2 * sector, 7));
      equal(system.readBytes(device, 2 * sector - 1, 2), bytes(7, 7));
      equal(system.readDirect(device, 3 * sector, sector), filled(sector, 0));
      system.writeBytes(device, 4 * sector, bytes(9));
      equal(system.readDirect(device, 4 * sector, sector)[0], 9);
      const end = system.deviceBytes(device);
      equal(system.readDirect(device, end - sector, 4 * sector).length, sector);
      equal(system.readDirect(device, end, sector).length, 0);
      fails("ENOSPC", () => system.writeDirect(device, end, filled(sector, 1)));
    });
  },

  "writeDirect() takes whole sectors of block devices"(system, fixtures) {
    const file = fixtures.sparseFile();
    fails("ENOTBLK", () => system.readDirect(file, 0, sector));
    fails("ENOTBLK", () => system.writeDirect(file, 0, filled(sector, 1)));
    fails("ENOENT", () => system.writeDirect(`${file}-missing`, 0, filled(sector, 1)));
    system.withLoop({ file, readonly: false }, (device) => {
      fails("EINVAL", () => system.writeDirect(device, 1, filled(sector, 1)));
      fails("EINVAL", () => system.writeDirect(device, 0, filled(1, 1)));
      fails("EINVAL", () => system.readDirect(device, 1, sector));
    });
  },

  "copyDirect() copies a part of a file, and fills its last sector up with zeros"(
    system,
    fixtures,
  ) {
    const from = `${fixtures.directory}/from`;
    system.writeFile(from, "abcdefghij");
    onLoop(system, fixtures, (device) => {
      system.writeDirect(device, 0, filled(4 * sector, 1));
      const copy = { from, at: 2, bytes: 600, device, offset: sector };
      equal(system.isSameDirect(copy), false);
      system.copyDirect(copy);
      equal(system.isSameDirect(copy), true);
      equal(system.readBytes(device, sector - 1, 3), bytes(1, 0x63, 0x64));
      equal(system.readBytes(device, sector + 7, 2), bytes(0x6a, 0));
      equal(system.readBytes(device, 2 * sector - 1, 2), bytes(0, 1));
      equal(system.isSameDirect({ ...copy, at: 3 }), false);
      fails("ENOENT", () => system.copyDirect({ ...copy, from: `${from}-missing` }));
      fails("ENOENT", () => system.copyDirect({ ...copy, device: `${from}-missing` }));
      fails("ENOTBLK", () => system.copyDirect({ ...copy, device: from }));
      fails("ENOTBLK", () => system.isSameDirect({ ...copy, device: from }));
    });
  },

  "withClaim() keeps a device from being mounted, and from a second claim"(system, fixtures) {
    const at = `${fixtures.directory}/at`;
    system.makeDirectory(at);
    system.withLoop({ file: fixtures.image("ext4"), readonly: false }, (device) => {
      const result = system.withClaim(device, () => {
        equal(system.isBusy(device), true);
        fails("EBUSY", () => system.withClaim(device, () => 0));
        fails("EBUSY", () => system.mount({ source: device, target: at, type: "ext4" }));
        const last = system.deviceBytes(device) - sector;
        system.writeDirect(device, last, system.readDirect(device, last, sector));
        return 42;
      });
      equal(result, 42);
      equal(system.isBusy(device), false);
      system.mount({ source: device, target: at, type: "ext4" });
      fails("EBUSY", () => system.withClaim(device, () => 0));
      system.unmount(at);
      let thrown = "";
      try {
        system.withClaim(device, () => {
          throw new Error("by us");
        });
      } catch (error) {
        thrown = error instanceof Error ? error.message : "";
      }
      equal(thrown, "by us");
      equal(system.isBusy(device), false);
    });
    fails("ENOTBLK", () => system.withClaim(fixtures.sparseFile(), () => 0));
    fails("ENOENT", () => system.withClaim(`${at}-missing`, () => 0));
  },

  "rereadPartitions() says where there can be none"(system, fixtures) {
    fails("ENOENT", () => system.rereadPartitions(`${fixtures.directory}/missing`));
    ok(
      ["EINVAL", "ENOTTY"].some((errno) => {
        try {
          system.rereadPartitions(fixtures.sparseFile());
          return false;
        } catch (error) {
          return error instanceof Error && "code" in error && error.code === errno;
        }
      }),
      "a file has no partitions",
    );
    onLoop(system, fixtures, (device) => fails("EINVAL", () => system.rereadPartitions(device)));
  },
};
