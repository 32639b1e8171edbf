// ISO images of which "install" has made new ones: booted by a BIOS and by UEFI, as a disc and
// written whole onto a stick. The store is on another disk, which the menus name.

import { closeSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { runTool } from "../../../scripts/lib/tool.ts";
import type { DistributionName } from "../bootable/distributions.ts";
import { makeIso } from "../bootable/iso-images.ts";
import { binary } from "../guest/initramfs.ts";
import type { Bus } from "../machine.ts";
import { type Boot, keeps, type Place, type Scenario, store } from "../scenario.ts";
import { loaderTypes, withLoader } from "./boot-loaders.ts";

const disc: Readonly<Record<string, Bus>> = { medium: "scsi-disc" };

function image(place: Place): string {
  return place.file("medium.img");
}

function installOnImage(name: DistributionName, place: Place): void {
  rmSync(image(place), { force: true });
  runTool([binary, "install", makeIso(name), "--to", image(place), "--label", "store"]);
}

/** Throws if what the image was made of does not come back byte for byte. */
function uninstall(name: DistributionName, place: Place): void {
  const back = place.file("back.iso");
  runTool([binary, "uninstall", image(place), "--to", back]);
  runTool(["cmp", makeIso(name), back]);
}

/** Makes a firmware blind for the boot images that are listed for discs. */
function hideElTorito(path: string): void {
  const sector = 17 * 2048;
  const words = readFileSync(path).indexOf("EL TORITO", sector, "latin1");
  if (words !== sector + 7) throw new Error(`Cannot find the boot record of "${path}"`);
  const file = openSync(path, "r+");
  writeSync(file, " ".repeat("EL TORITO".length), words, "latin1");
  closeSync(file);
}

const unchecked = [/was not checked although it/];

function changes(label: string): readonly [Boot, Boot] {
  const [first, second] = keeps("store", { directory: `persistent_${label}/x86_64` });
  return [first!, { ...second!, expect: { ...second!.expect, problems: unchecked } }];
}

function imageScenario(
  distribution: DistributionName,
  scenario: Pick<Scenario, "name" | "title" | "boots">,
): Scenario {
  return {
    ...scenario,
    disks: (place) => {
      installOnImage(distribution, place);
      return [{ name: "medium", file: image(place) }, store(place)];
    },
  };
}

const [changed, there] = changes("LIVE");
const [changedArch, thereArch] = changes("ARCH_202611");
const [changedRescue, thereRescue] = changes("RESCUE1100");

export const bootImages: readonly Scenario[] = [
  imageScenario("live-build", {
    name: "loader-iso-live-build",
    title:
      "a Debian live image keeps changes as a disc by isolinux, and as a stick by GRUB of UEFI that ignores El Torito",
    boots: [
      { ...withLoader(changed, "bios", loaderTypes.syslinux), buses: disc },
      {
        ...withLoader(there, "uefi", loaderTypes.grub),
        before: async (place) => {
          uninstall("live-build", place);
          hideElTorito(image(place));
        },
      },
    ],
  }),
  imageScenario("archiso", {
    name: "loader-iso-archiso",
    title:
      'an image like Arch Linux\'s keeps changes as a stick by isolinux, and as a disc by systemd-boot in its EFI partition; "uninstall" gives the image that it was',
    boots: [
      withLoader(changedArch, "bios", loaderTypes.syslinux),
      {
        ...withLoader(thereArch, "uefi", loaderTypes.stub),
        before: async (place) => uninstall("archiso", place),
        buses: disc,
      },
    ],
  }),
  imageScenario("systemrescue", {
    name: "loader-iso-systemrescue",
    title:
      "an image like SystemRescue's keeps changes as a stick by GRUB of UEFI, and as a disc by isolinux",
    boots: [
      withLoader(changedRescue, "uefi", loaderTypes.grub),
      { ...withLoader(thereRescue, "bios", loaderTypes.syslinux), buses: disc },
    ],
  }),
];
