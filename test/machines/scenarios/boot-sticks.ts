// Sticks that an image was written onto whole, on which "install" has worked in place: what boots
// them is the image's own boot loader. The store is a partition behind the image.

import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import type { DistributionName } from "../bootable/distributions.ts";
import { makeIso } from "../bootable/iso-images.ts";
import { workOnDevice, writeWholeStick } from "../bootable/whole-sticks.ts";
import { type Boot, keeps, type Place, type Scenario } from "../scenario.ts";
import { loaderTypes, withLoader } from "./boot-loaders.ts";

function stick(place: Place): string {
  return place.file("medium.img");
}

/**
 * Undoes it, and throws if the image or the program of the BIOS is not as it was; the tables between
 * them keep the store's partition.
 */
function uninstall(name: DistributionName, place: Place): void {
  workOnDevice(stick(place), ["uninstall", "DEVICE"]);
  const image = readFileSync(makeIso(name));
  const found = Buffer.alloc(image.length);
  const disk = openSync(stick(place), "r");
  readSync(disk, found, 0, found.length, 0);
  closeSync(disk);
  const [program, tables] = [440, 64 * 512];
  const parts = [
    [0, program],
    [tables, image.length],
  ] as const;
  if (!parts.every((part) => found.subarray(...part).equals(image.subarray(...part))))
    throw new Error('The image is not as it was after "uninstall"');
}

/** The guest is switched off, and the initramfs has no checker. */
const unchecked = [/was not checked although it/];

function changes(label: string, partition: number): readonly [Boot, Boot] {
  const [first, second] = keeps(`medium:${partition}`, { directory: `persistent_${label}/x86_64` });
  return [first!, { ...second!, expect: { ...second!.expect, problems: unchecked } }];
}

const [changed, there] = changes("LIVE", 3);
// Its third partition is what xorriso makes of the rest of the image.
const [changedArch, thereArch] = changes("ARCH_202611", 4);

export const bootSticks: readonly Scenario[] = [
  {
    name: "loader-stick-live-build",
    title:
      'a stick with a Debian live image keeps changes in a partition behind it, by isolinux and by GRUB of UEFI; "uninstall" puts all back but the store',
    disks: (place) => {
      writeWholeStick(stick(place), makeIso("live-build"));
      workOnDevice(stick(place), ["install", "DEVICE", "--store", "32"]);
      return [{ name: "medium", file: stick(place) }];
    },
    writes: ["medium"],
    boots: [
      withLoader(changed, "bios", loaderTypes.syslinux),
      withLoader(there, "uefi", loaderTypes.grub),
    ],
    after: async (place) => uninstall("live-build", place),
  },
  {
    name: "loader-stick-archiso",
    title:
      "a stick that an image like Arch Linux's is written to and installed on in one go keeps changes, by systemd-boot in its EFI partition and by isolinux",
    disks: (place) => {
      writeWholeStick(stick(place), makeIso("archiso"), true);
      const image = ["--image", makeIso("archiso"), "--yes"];
      workOnDevice(stick(place), ["install", ...image, "DEVICE", "--store", "max"]);
      return [{ name: "medium", file: stick(place) }];
    },
    writes: ["medium"],
    boots: [
      withLoader(changedArch, "uefi", loaderTypes.stub),
      withLoader(thereArch, "bios", loaderTypes.syslinux),
    ],
  },
];
