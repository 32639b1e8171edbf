// Never guess: of stores that match the request equally well none is used, whatever the machine is.
// Rivals are found here without the rules by which a boot chooses.

import fc from "fast-check";
import { expect, test } from "vitest";
import { chooseRequest } from "../../../src/core/choosing/store-request.ts";
import type { Device } from "../../../src/core/devices/device.ts";
import {
  type DeviceReference,
  matchesReference,
} from "../../../src/core/devices/device-reference.ts";
import { identifyOffer } from "../../../src/core/stores/host-offer.ts";
import { decide, hostOf, type Machine, machine } from "../../support/generated-machine.ts";

const directoryTypes = ["ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs"];
const hostTypes = [...directoryTypes, "vfat", "exfat", "ntfs", "iso9660"];

function diskOf({ disk, path }: Device): string {
  return disk ?? path;
}

/**
 * Returns whether two devices show the same file system: a hybrid image is visible on its disk and
 * on a partition of that; a btrfs on each of its members.
 */
function showsTheSame(one: Device, other: Device): boolean {
  const [uuid, type] = [one.superblock?.uuid, one.superblock?.type];
  if (uuid === undefined || uuid !== other.superblock?.uuid || type !== other.superblock?.type)
    return false;
  return type === "btrfs" || one.disk === other.path || other.disk === one.path;
}

/** The medium's file system comes before the rest of its disk, and that before all others. */
function nearnessOf(device: Device, carrier: Device): number {
  if (device.path === carrier.path || showsTheSame(device, carrier)) return 0;
  return diskOf(device) === diskOf(carrier) ? 1 : 2;
}

interface Found {
  readonly rivals: readonly string[];
  readonly by: string;
}

function findRivals(given: Machine): Found {
  const { options, devices, finding, explanation } = decide(given);
  if (finding.kind === "none") return { rivals: [], by: "nothing" };
  const { device: chosen } = finding;
  const request = chooseRequest(options);
  const isThere = ({ superblock, problem }: Device, types: readonly string[]) =>
    problem === undefined && types.includes(superblock?.type ?? "");
  const isNamed = (one: Device, name: DeviceReference | undefined) =>
    name !== undefined && matchesReference(one, name);
  const { medium } = explanation;
  const carrier = devices.find(({ path }) => "device" in medium && path === medium.device);
  const answers = (one: Device): boolean => {
    if ("reference" in request)
      return isThere(one, directoryTypes) && isNamed(one, request.reference);
    if (!("file" in request) || carrier === undefined) return false;
    const { device: name, alldev } = request.file;
    const isSought = name ? isNamed(one, name) : alldev || one.removable;
    return (
      isSought &&
      isThere(one, hostTypes) &&
      identifyOffer(hostOf(given, one.path)).kind === "store" &&
      nearnessOf(one, carrier) <= nearnessOf(chosen, carrier)
    );
  };
  // Devices that show the same file system have separate contents here, and only one of them is
  // inspected.
  const isSeen = (one: Device) =>
    !devices.some(
      (other) =>
        other.path !== one.path &&
        showsTheSame(one, other) &&
        (other.disk === one.path || one.superblock?.type === "btrfs"),
    );
  const rivals = devices.filter((one) => one.path !== chosen.path && isSeen(one));
  return {
    rivals: rivals.filter(answers).map(({ path }) => path),
    by: "reference" in request ? request.reference.kind : "file",
  };
}

test("learnStore() takes no store beside which another answers as well", {
  timeout: 60_000,
}, () => {
  const met = new Set<string>();
  fc.assert(
    fc.property(machine, (given) => {
      const { rivals, by } = findRivals(given);
      expect(rivals).toEqual([]);
      met.add(by);
    }),
    { numRuns: 2000 },
  );
  expect([...met]).toEqual(expect.arrayContaining(["label", "uuid", "path", "file"]));
});
